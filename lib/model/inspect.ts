import * as tf from "@tensorflow/tfjs";
import { param, type Params } from "lib/tensor/mod.ts";
import type { LanguageModel } from "./generate.ts";
import { headMask, type HeadPlace } from "./head_mask.ts";
import { forward } from "./transformer.ts";

/**
 * Everything that can be seen in a model while it reads one sentence of T tokens; plain numbers.
 */
export interface Inspection {
  /** The tokens it read. */
  readonly ids: readonly number[];
  /** The attention weights: [layers][H][T asking][T looked at]; each row sums to 1. */
  readonly attention: readonly (readonly (readonly (readonly number[])[])[])[];
  /**
   * The residual stream: [layers + 1][T], float32 [C] each. The first is the input of the first
   * block; then comes the output of each block.
   */
  readonly hidden: readonly (readonly Float32Array[])[];
  /** How likely each token of the vocabulary is to follow each place: [T], float32 [V] each. */
  readonly probabilities: readonly Float32Array[];
}

/** Settings of {@linkcode inspect}. */
export interface InspectOptions {
  /** Heads to switch off; default none. */
  readonly headsOff?: readonly HeadPlace[];
  /** How many sentences go through the model at once; default 32. */
  readonly batchSize?: number;
}

/**
 * Looks into a model while it reads sentences: attention, hidden states, next-token probabilities.
 *
 * It runs the forward pass of training, op by op and without dropout. A batch is computed when its
 * first sentence is asked for, so that the memory does not grow with the list.
 *
 * @param model Settings and parameters; they are not changed.
 * @param sentences Ids of each sentence; their lengths may differ.
 * @param options Heads that are off, sentences per batch.
 * @returns What was seen, sentence by sentence; no tensor is left behind.
 * @throws {RangeError} If a sentence is empty or does not fit into the model, an id is not in the
 *   vocabulary, the model has no such head, or the batch size is not an integer from 1 on.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { initializeParams, inspect, modelConfig } from "lib/model/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const config = modelConfig({ layers: 2 }), params = initializeParams(config, 1);
 * const [seen] = inspect({ config, params }, [[1, 4, 9]]);
 * assertEquals(seen?.attention[1]?.[3]?.[0], [1, 0, 0]); // layer 1, head 3: <bos> sees only itself
 * assertEquals([seen?.hidden.length, seen?.probabilities.length], [3, 3]);
 * ```
 */
export function* inspect(
  model: LanguageModel,
  sentences: readonly ArrayLike<number>[],
  options: InspectOptions = {},
): Generator<Inspection, void, void> {
  const { headsOff = [], batchSize = 32 } = options;
  if (!Number.isInteger(batchSize) || batchSize < 1) {
    throw new RangeError(`Cannot inspect: expected a batch size from 1, got ${batchSize}`);
  }
  const checked = sentences.map((ids, index) => checkSentence(model, ids, index));
  for (let first = 0; first < checked.length; first += batchSize) {
    yield* inspectBatch(model, checked.slice(first, first + batchSize), headsOff);
  }
}

/**
 * Reads the token embeddings out of a model.
 *
 * @param params The model's parameters.
 * @returns A vector for each id, float32 [C]; plain numbers, copied from the tensor.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { initializeParams, modelConfig, tokenVectors } from "lib/model/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const vectors = tokenVectors(initializeParams(modelConfig({ layers: 1 }), 1));
 * assertEquals([vectors.length, vectors[0]?.length], [1000, 256]);
 * ```
 */
export function tokenVectors(params: Params): Float32Array[] {
  const table = param(params, "tokenEmbedding.weight"), [V = 0, C = 0] = table.shape;
  return rows(numbersOf(table), { first: 0, count: V, size: C });
}

function checkSentence(
  { config }: LanguageModel,
  sentence: ArrayLike<number>,
  index: number,
): number[] {
  const ids = Array.from(sentence), { vocabSize, maxLength } = config;
  if (ids.length === 0 || ids.length > maxLength) {
    throw new RangeError(
      `Cannot inspect: expected 1 to ${maxLength} tokens in sentence ${index}, got ${ids.length}`,
    );
  }
  const odd = ids.find((id) => !(Number.isInteger(id) && id >= 0 && id < vocabSize));
  if (odd === undefined) return ids;
  throw new RangeError(
    `Cannot inspect: expected ids from 0 to ${vocabSize - 1} in sentence ${index}, got ${odd}`,
  );
}

function inspectBatch(
  model: LanguageModel,
  sentences: readonly number[][],
  headsOff: readonly HeadPlace[],
): Inspection[] {
  const T = sentences.reduce((longest, { length }) => Math.max(longest, length), 0);
  const { attention, hidden, probabilities } = run(model, fillUp(sentences, T), headsOff);
  return sentences.map((ids, row): Inspection => {
    const places = (size: number) => ({ first: row * T, count: ids.length, size });
    const { heads, hiddenSize, vocabSize } = model.config;
    return {
      ids,
      attention: attention.map((values) => headsOf(values, { heads, row, T, count: ids.length })),
      hidden: hidden.map((values) => rows(values, places(hiddenSize))),
      probabilities: rows(probabilities, places(vocabSize)),
    };
  });
}

/** Pads with any id: no place attends to a later one, so the padding changes nothing. */
function fillUp(sentences: readonly number[][], length: number): number[][] {
  return sentences.map((ids) => [...ids, ...new Array<number>(length - ids.length).fill(0)]);
}

/** Runs the forward pass; returns plain numbers, and frees the tensors. */
function run({ config, params }: LanguageModel, ids: number[][], off: readonly HeadPlace[]) {
  const seen = tf.tidy(() => {
    const result = forward(config, params, tf.tensor2d(ids, undefined, "int32"), {
      headMask: off.length === 0 ? undefined : headMask(config, off),
    });
    const probabilities = tf.softmax(result.logits);
    return { attention: [...result.attention], hidden: [...result.hidden], probabilities };
  });
  try {
    return {
      attention: seen.attention.map(numbersOf), // [B, H, T, T]
      hidden: seen.hidden.map(numbersOf), // [B·T, C]
      probabilities: numbersOf(seen.probabilities), // [B·T, V]
    };
  } finally {
    tf.dispose(seen);
  }
}

function numbersOf(tensor: tf.Tensor): Float32Array {
  return tensor.dataSync<"float32">();
}

/** One sentence's maps [H][count][count], cut out of the values of a tensor [B, H, T, T]. */
function headsOf(
  values: Float32Array,
  part: { heads: number; row: number; T: number; count: number },
): number[][][] {
  const { heads, row, T, count } = part;
  return Array.from({ length: heads }, (_, head) => {
    const first = (row * heads + head) * T;
    return rows(values, { first, count, size: T }).map((row) => [...row.subarray(0, count)]);
  });
}

function rows(
  values: Float32Array,
  { first, count, size }: { first: number; count: number; size: number },
): Float32Array[] {
  return Array.from(
    { length: count },
    (_, row) => values.slice((first + row) * size, (first + row + 1) * size),
  );
}
