import { decodeToken } from "./decode_token.ts";
import type { GenerateOptions, GenerationPrograms, LanguageModel } from "./generate.ts";
import { prefill } from "./prefill.ts";

/** Rows of a batch at most. Measured: 512 take 7 % longer per row, and more than these gain nothing. */
const MOST_ROWS = 1024;

/** Rows times slots at most: what bounds the memory, 64 MB of keys and values in the exercise's model. */
const MOST_PLACES = 8192;

/** What all batches of a call have in common. */
export interface GenerationPlan {
  readonly model: LanguageModel;
  readonly options: GenerateOptions;
  readonly programs: GenerationPrograms;
  /** Sentences of a batch at most. */
  readonly batchSize: number;
  /** Gives the rows of a batch, B, of so many sentences; those without a sentence stand empty. */
  readonly rowsFor: (sentences: number) => number;
  /** Tokens that a row of the cache has room for, S. */
  readonly slots: number;
  /** Gives the length that beginnings of so many tokens are filled up to. */
  readonly lengthFor: (tokens: number) => number;
}

/** Cuts a request into batches, compiled programs into ones of few shapes. */
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

/** Fills up to one of four sizes between powers of two, so that programs of few shapes are needed. */
function fewSizes(count: number): number {
  const grain = 2 ** Math.max(0, Math.floor(Math.log2(count)) - 2);
  return Math.ceil(count / grain) * grain;
}
