import { deriveSeed, Random } from "lib/core/mod.ts";
import type { Params } from "lib/tensor/mod.ts";
import { continueAll, type Sentence } from "./_continuation.ts";
import type { ModelConfig } from "./config.ts";
import type { DecodeInput, DecodeOutput } from "./decode_token.ts";
import type { PrefillInput } from "./prefill.ts";
import { checkSampling, type SamplingOptions } from "./sampling.ts";
import type { ModelCache } from "./transformer.ts";

/** A model to generate with. */
export interface LanguageModel {
  /** Its settings. */
  readonly config: ModelConfig;
  /** Its parameters. */
  readonly params: Params;
}

/** The two computations that generation consists of, from tensors to tensors. */
export interface GenerationPrograms {
  /** Reads beginnings, as {@linkcode prefill} does. */
  readonly prefill: (input: PrefillInput) => ModelCache;
  /** Reads one more token, as {@linkcode decodeToken} does. */
  readonly decode: (input: DecodeInput) => DecodeOutput;
}

/** How sentences are generated. */
export interface GenerateOptions extends SamplingOptions {
  /** The most tokens to add to a prompt. */
  readonly maxNewTokens: number;
  /** The token that ends a sentence; none means that each sentence gets `maxNewTokens`. */
  readonly eosId?: number;
  /** An integer; a sentence's draws depend only on it and on the prompt's place in the list. */
  readonly seed?: number;
  /** Whether keys and values of former tokens are kept instead of computed again; default true. */
  readonly useCache?: boolean;
  /**
   * Compiled forms of `prefill` and `decodeToken`; default these two functions, op by op. Compiled
   * ones get few different shapes: the numbers of sentences and of tokens are rounded up, by a
   * quarter at most.
   */
  readonly programs?: GenerationPrograms;
}

/**
 * Continues prompts, one token at a time.
 *
 * Sentences go through the model in batches; equal prompts are computed once. A prompt is read
 * once; then each pass reads only the newest token, since the keys and values of the others are
 * kept. With them, a sentence of T tokens needs T passes of one token through the model, without
 * them 1 + 2 + ... + T. The logits are the same, up to rounding.
 *
 * @param model Settings and parameters.
 * @param prompts Ids of each prompt, at least one; their lengths may differ.
 * @param options How many tokens, how they are chosen, where to end.
 * @returns For each prompt its ids and the new ones, `eosId` included where it was reached.
 * @throws {RangeError} If a prompt is empty, an id is not in the vocabulary, prompt and new tokens do
 *   not fit into the model, or an option is out of its range.
 * @throws {TypeError} If the model gives NaN.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { generate, initializeParams, modelConfig } from "lib/model/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const config = modelConfig({ layers: 1 }), params = initializeParams(config, 1);
 * const [ids] = generate({ config, params }, [[1, 4]], { maxNewTokens: 3, temperature: 0 });
 * assertEquals(ids?.length, 5);
 * ```
 */
export function generate(
  model: LanguageModel,
  prompts: readonly ArrayLike<number>[],
  options: GenerateOptions,
): number[][] {
  const passes = generateByPass(model, prompts, options);
  for (let pass = passes.next();; pass = passes.next()) if (pass.done) return pass.value;
}

/**
 * Continues prompts as {@linkcode generate} does, and pauses after each pass through the model and
 * each batch of draws, so that the caller can do other work between them, or stop.
 *
 * @param model As for {@linkcode generate}.
 * @param prompts As for {@linkcode generate}.
 * @param options As for {@linkcode generate}.
 * @returns The passes; the last one returns the ids. If the loop over it is left early, as by
 *   `break`, it frees its tensors.
 * @throws {RangeError} As {@linkcode generate}, at the first pass.
 * @throws {TypeError} If the model gives NaN.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { generateByPass, initializeParams, modelConfig } from "lib/model/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const config = modelConfig({ layers: 1 }), params = initializeParams(config, 1);
 * let passes = 0;
 * for (const _ of generateByPass({ config, params }, [[1, 4]], { maxNewTokens: 3 })) passes++;
 * assertEquals(passes, 3);
 * ```
 */
export function* generateByPass(
  model: LanguageModel,
  prompts: readonly ArrayLike<number>[],
  options: GenerateOptions,
): Generator<void, number[][]> {
  checkRequest(model.config, prompts, options);
  const sentences = prompts.map((prompt, index): Sentence => ({
    ids: Array.from(prompt),
    random: new Random(deriveSeed(options.seed ?? 0, "generate", index)),
  }));
  if (options.maxNewTokens > 0) yield* continueAll(model, sentences, options);
  return sentences.map(({ ids }) => ids);
}

function checkRequest(
  config: ModelConfig,
  prompts: readonly ArrayLike<number>[],
  options: GenerateOptions,
): void {
  checkSampling(options);
  const { maxNewTokens, eosId } = options;
  if (!Number.isInteger(maxNewTokens) || maxNewTokens < 0) {
    throw new RangeError(
      `Cannot generate: expected a number of new tokens from 0, got ${maxNewTokens}`,
    );
  }
  if (eosId !== undefined) checkId(config, eosId, "as eosId");
  for (const [index, prompt] of prompts.entries()) {
    if (prompt.length === 0) {
      throw new RangeError(`Cannot generate: expected a token in prompt ${index}, got none`);
    }
    for (const id of Array.from(prompt)) checkId(config, id, `in prompt ${index}`);
    // The last new token is never read, so it needs no place.
    const places = prompt.length + Math.max(0, maxNewTokens - 1);
    if (places <= config.maxLength) continue;
    throw new RangeError(
      `Cannot generate: expected at most ${config.maxLength} places, got ${places} for prompt ` +
        `${index}; lower maxNewTokens`,
    );
  }
}

function checkId({ vocabSize }: ModelConfig, id: number, where: string): void {
  if (Number.isInteger(id) && id >= 0 && id < vocabSize) return;
  throw new RangeError(
    `Cannot generate: expected an id from 0 to ${vocabSize - 1} ${where}, got ${id}`,
  );
}
