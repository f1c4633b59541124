import * as tf from "@tensorflow/tfjs";
import { deriveSeed, Random } from "lib/core/mod.ts";
import type { Params } from "lib/tensor/mod.ts";
import type { BlockCache } from "./attention.ts";
import type { ModelConfig } from "./config.ts";
import { sampleNext, type SamplingOptions } from "./sampling.ts";
import { forward, type ModelCache } from "./transformer.ts";

/** A model to generate with. */
export interface Generator {
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
  /** Of the draws; a sentence's draws depend on it and on the prompt's place in the list alone. */
  readonly seed?: number;
  /** Whether keys and values of former tokens are kept instead of computed anew; default true. */
  readonly useCache?: boolean;
}

/**
 * Continues prompts, one token at a time.
 *
 * Prompts of one length go through the model together. The first pass reads the whole prompt, each
 * further one only the newest token: the keys and values of the others are kept. That changes the
 * work from T² to T passes over a token, and no logit.
 *
 * @param model Settings and parameters.
 * @param prompts Ids of each prompt, at least one token each; their lengths may differ.
 * @param options How many tokens, how they are chosen, where to end.
 * @returns For each prompt its ids and what came after them, `eosId` included where it was reached.
 * @throws {RangeError} If a prompt is empty, or prompt and new tokens do not fit into the model.
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
  model: Generator,
  prompts: readonly (readonly number[])[],
  options: GenerateOptions,
): number[][] {
  checkLengths(model.config, prompts, options.maxNewTokens);
  const sentences = prompts.map((prompt, index): Sentence => ({
    ids: [...prompt],
    random: new Random(deriveSeed(options.seed ?? 0, "generate", index)),
    isDone: false,
  }));
  for (const group of Map.groupBy(sentences, ({ ids }) => ids.length).values()) {
    extend(model, group, options);
  }
  return sentences.map(({ ids }) => ids);
}

interface Sentence {
  readonly ids: number[];
  readonly random: Random;
  isDone: boolean;
}

/** Generates sentences whose prompts are equally long, side by side. */
function extend(model: Generator, sentences: readonly Sentence[], options: GenerateOptions): void {
  const { useCache = true, maxNewTokens, eosId } = options;
  let past: ModelCache | undefined;
  for (let count = 0; count < maxNewTokens; count++) {
    const isFirst = past === undefined;
    const fresh = sentences.map(({ ids }) => isFirst ? ids : ids.slice(-1));
    const { logits, cache } = nextLogits(model, fresh, past);
    disposeCache(past);
    past = useCache ? cache : (disposeCache(cache), undefined);
    for (const [row, sentence] of sentences.entries()) {
      // A finished sentence stays in the batch with the others; what is added to it is cut off.
      const id = sentence.isDone
        ? eosId ?? 0
        : sampleNext(logits[row] ?? [], options, sentence.random);
      sentence.ids.push(id);
      sentence.isDone ||= id === eosId;
    }
    if (sentences.every(({ isDone }) => isDone)) break;
  }
  disposeCache(past);
  for (const { ids } of sentences) {
    const end = eosId === undefined ? -1 : ids.indexOf(eosId, 1);
    if (end >= 0) ids.length = end + 1;
  }
}

/** The logits after the last of the fresh tokens of each sentence, and the cache that holds them. */
function nextLogits(
  { config, params }: Generator,
  fresh: readonly (readonly number[])[],
  past: ModelCache | undefined,
): { logits: Float32Array[]; cache: ModelCache } {
  const rows = fresh.length, length = fresh[0]?.length ?? 0;
  const [last, ...kept] = tf.tidy((): tf.Tensor[] => {
    const ids = tf.tensor2d(fresh.flat(), [rows, length], "int32");
    const { logits, cache } = forward(config, params, ids, past === undefined ? {} : { past });
    const byPlace = logits.reshape([rows, length, config.vocabSize]);
    const afterLast = byPlace.slice([0, length - 1], [rows, 1]); // [B, 1, V]
    return [afterLast, ...cache.flatMap(({ keys, values }) => [keys, values])];
  });
  const values = last?.dataSync() ?? []; // the list begins with the logits
  last?.dispose();
  const logits = fresh.map((_, row) => {
    const start = row * config.vocabSize;
    return Float32Array.from(values.slice(start, start + config.vocabSize));
  });
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

function checkLengths(
  config: ModelConfig,
  prompts: readonly (readonly number[])[],
  maxNewTokens: number,
): void {
  if (!Number.isInteger(maxNewTokens) || maxNewTokens < 0) {
    throw new RangeError(
      `Cannot generate: expected a number of new tokens from 0, got ${maxNewTokens}`,
    );
  }
  for (const [index, { length }] of prompts.entries()) {
    if (length === 0) {
      throw new RangeError(`Cannot generate: expected a token in prompt ${index}, got none`);
    }
    // The last new token is never read, so it needs no place.
    const places = length + maxNewTokens - 1;
    if (places <= config.maxLength) continue;
    throw new RangeError(
      `Cannot generate: expected at most ${config.maxLength} places, got ${places} for prompt ` +
        `${index}; lower maxNewTokens`,
    );
  }
}
