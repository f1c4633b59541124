import * as tf from "@tensorflow/tfjs";
import { deriveSeed, Random } from "lib/core/mod.ts";
import type { Params } from "lib/tensor/mod.ts";
import type { BlockCache } from "./attention.ts";
import type { ModelConfig } from "./config.ts";
import { sampleNext, type SamplingOptions } from "./sampling.ts";
import { forward, type ModelCache } from "./transformer.ts";

/** A model to generate with. */
export interface LanguageModel {
  /** Its settings. */
  readonly config: ModelConfig;
  /** Its parameters. */
  readonly params: Params;
}

/** How sentences are generated. */
export interface GenerateOptions extends SamplingOptions {
  /** The most tokens to add to a prompt. */
  readonly maxNewTokens: number;
  /** The token that ends a sentence; none means that each gets as long as allowed. */
  readonly eosId?: number;
  /** An integer; a sentence's draws depend on it and on the prompt's place in the list alone. */
  readonly seed?: number;
  /** Whether keys and values of former tokens are kept instead of computed anew; default true. */
  readonly useCache?: boolean;
}

/**
 * Continues prompts, one token at a time.
 *
 * Prompts of one length go through the model together. The first pass reads the whole prompt, each
 * further one only the newest token: the keys and values of the others are kept. Without them a
 * sentence of T tokens takes 1 + 2 + ... + T passes of a token through the model, with them T; the
 * logits are the same, up to rounding.
 *
 * @param model Settings and parameters.
 * @param prompts Ids of each prompt, at least one; their lengths may differ.
 * @param options How many tokens, how they are chosen, where to end.
 * @returns For each prompt its ids and what came after them, `eosId` included where it was reached.
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
  checkRequest(model.config, prompts, options);
  const sentences = prompts.map((prompt, index): Sentence => ({
    ids: Array.from(prompt),
    random: new Random(deriveSeed(options.seed ?? 0, "generate", index)),
  }));
  for (const group of Map.groupBy(sentences, ({ ids }) => ids.length).values()) {
    extend(model, group, options);
  }
  return sentences.map(({ ids }) => ids);
}

interface Sentence {
  /** The prompt's, and the new ones as they come. */
  readonly ids: number[];
  /** Where its draws come from. */
  readonly random: Random;
}

/** Generates sentences whose prompts are equally long, side by side. */
function extend(model: LanguageModel, group: readonly Sentence[], options: GenerateOptions): void {
  const { useCache = true, maxNewTokens, eosId } = options;
  const isGoing = group.map(() => true);
  let past: ModelCache | undefined;
  try {
    for (let count = 0; count < maxNewTokens && isGoing.includes(true); count++) {
      // A sentence that has ended stays in its row, unread, so that the cache keeps its shape.
      const fresh = group.map(({ ids }) => past === undefined ? ids : ids.slice(-1));
      const next = nextLogits(model, padded(fresh), past);
      disposeCache(past);
      past = next.cache;
      for (const [row, { ids, random }] of group.entries()) {
        if (!isGoing[row]) continue;
        const id = sampleNext(next.logits[row] ?? [], options, random);
        ids.push(id);
        isGoing[row] = id !== eosId;
      }
      if (useCache) continue;
      disposeCache(past);
      past = undefined;
    }
  } finally {
    disposeCache(past);
  }
}

/** Without a cache, sentences that have ended are shorter than the others: 0 stands for the rest. */
function padded(rows: readonly (readonly number[])[]): number[][] {
  const length = Math.max(...rows.map((row) => row.length));
  return rows.map((row) => [...row, ...new Array<number>(length - row.length).fill(0)]);
}

/** The logits after the last of the fresh tokens of each sentence, and the cache that holds them. */
function nextLogits(
  { config, params }: LanguageModel,
  fresh: readonly (readonly number[])[],
  past: ModelCache | undefined,
): { logits: ArrayLike<number>[]; cache: ModelCache } {
  const B = fresh.length, T = fresh[0]?.length ?? 0, V = config.vocabSize;
  const [last, ...kept] = tf.tidy((): tf.Tensor[] => {
    const ids = tf.tensor2d(fresh.flat(), [B, T], "int32");
    const { logits, cache } = forward(config, params, ids, past === undefined ? {} : { past });
    const afterLast = logits.reshape([B, T, V]).slice([0, T - 1], [B, 1]); // [B, 1, V]
    return [afterLast, ...cache.flatMap(({ keys, values }) => [keys, values])];
  });
  const values = last?.dataSync() ?? new Float32Array(); // the list begins with the logits
  last?.dispose();
  const logits = fresh.map((_, row) => values.subarray(row * V, (row + 1) * V));
  return { logits, cache: toCache(kept) };
}

/** Pairs keys and values, block by block. */
function toCache(tensors: readonly tf.Tensor[]): ModelCache {
  return Array.from({ length: tensors.length / 2 }, (_, block): BlockCache => ({
    // Two tensors a block were put in.
    keys: tensors[2 * block] as tf.Tensor,
    values: tensors[2 * block + 1] as tf.Tensor,
  }));
}

function disposeCache(cache: ModelCache | undefined): void {
  for (const { keys, values } of cache ?? []) tf.dispose([keys, values]);
}

function checkRequest(
  config: ModelConfig,
  prompts: readonly ArrayLike<number>[],
  { maxNewTokens, eosId }: GenerateOptions,
): void {
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
