import { decodeToken } from "./decode_token.ts";
import type { GenerateOptions, GenerationPrograms, LanguageModel } from "./generate.ts";
import { prefill } from "./prefill.ts";

/**
 * The most rows of a batch. Measured: 512 rows take 7 % longer per row; more than 1024 gain
 * nothing.
 */
const MOST_ROWS = 1024;

/**
 * The most rows times slots. It bounds the memory: 64 MB of keys and values in the exercise's
 * model.
 */
const MOST_PLACES = 8192;

/** What all batches of a call have in common. */
export interface GenerationPlan {
  readonly model: LanguageModel;
  readonly options: GenerateOptions;
  readonly programs: GenerationPrograms;
  /** The most sentences of a batch. */
  readonly batchSize: number;
  /**
   * Gives the number of rows, B, of a batch of this many sentences; rows without a sentence stay
   * empty.
   */
  readonly rowsFor: (sentences: number) => number;
  /** Tokens that a row of the cache has room for, S. */
  readonly slots: number;
  /** Gives the length to which beginnings of this many tokens are padded. */
  readonly lengthFor: (tokens: number) => number;
}

/** Plans the batches of a request; for compiled programs, with few different shapes. */
export function planGeneration(
  model: LanguageModel,
  { sentences, longestPrompt }: { readonly sentences: number; readonly longestPrompt: number },
  options: GenerateOptions,
): GenerationPlan {
  const { maxNewTokens, programs = opByOp(model) } = options;
  const isCompiled = options.programs !== undefined;
  const fit = isCompiled ? fewSizes : (count: number) => count;
  // The last new token is never read, so it needs no place.
  const slots = Math.min(fit(longestPrompt + maxNewTokens - 1), model.config.maxLength);
  const most = Math.max(1, Math.min(MOST_ROWS, Math.floor(MOST_PLACES / slots)));
  const batches = Math.ceil(sentences / most);
  const batchSize = Math.min(most, fit(Math.ceil(sentences / batches)));
  return {
    model,
    options,
    programs,
    batchSize,
    slots,
    rowsFor: isCompiled ? () => batchSize : (count) => count,
    lengthFor: (tokens) => Math.min(fit(tokens), slots),
  };
}

function opByOp({ config }: LanguageModel): GenerationPrograms {
  return {
    prefill: (input) => prefill(config, input),
    decode: (input) => decodeToken(config, input),
  };
}

/** Rounds up to one of four sizes between powers of two, so that few shapes must be compiled. */
function fewSizes(count: number): number {
  const grain = 2 ** Math.max(0, Math.floor(Math.log2(count)) - 2);
  return Math.ceil(count / grain) * grain;
}
