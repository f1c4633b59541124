import * as tf from "@tensorflow/tfjs";
import { expectThat } from "./check.ts";
import { checkTensors, expectLike, normalTensor, type Variants } from "./_model_answers.ts";
import { biasOf } from "./_model_reference.ts";

/**
 * Checks a mask that is causal and hides padding.
 *
 * @param attentionMask From float32 [B, T], 1 = a real token, to float32 [B, 1, T, T], 1 = the query
 *   (row) may look at the key (column).
 * @throws {CheckError} If a place differs; the message says who sees what they should not.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { checkAttentionMask } from "lib/grade/mod.ts";
 * import { attentionBias } from "lib/model/mod.ts";
 *
 * await useBackend();
 * await checkAttentionMask((mask) => {
 *   const [, T = 0] = mask.shape;
 *   return attentionBias(T, T, mask).equal(0).cast("float32");
 * });
 * ```
 */
export function checkAttentionMask(attentionMask: (mask: tf.Tensor) => tf.Tensor): Promise<void> {
  return checkTensors("attentionMask", () => {
    const mask = tf.tensor2d([[1, 1, 1, 1], [1, 1, 1, 0], [1, 0, 0, 0]]);
    const [B, T] = [3, 4], places = tf.range(0, T);
    const query = places.reshape([T, 1]), key = places.reshape([1, T]);
    const causal = key.lessEqual(query).cast("float32").reshape([1, 1, T, T]);
    const real = mask.reshape([B, 1, 1, T]), expected = causal.mul(real);
    const backwards = key.greaterEqual(query).cast("float32").reshape([1, 1, T, T]);
    const strict = key.less(query).cast("float32").reshape([1, 1, T, T]);
    const all = tf.ones([B, 1, T, T]);
    expectLike(attentionMask(mask), expected, {
      what: "the mask [B, 1, T queries, T keys]",
      variants: {
        "it is not causal: a query must not see keys to its right": () => all.mul(real),
        "nothing is hidden: neither the future nor the padding": () => all,
        "padding is attended to: hide the columns where the padding mask is 0": () =>
          all.mul(causal),
        "it is the wrong way round: each place sees the future, not the past; keys ≤ query": () =>
          backwards.mul(real),
        "it is the wrong way round, and padding is attended to: keys ≤ query": () =>
          all.mul(backwards),
        "a place may see itself: keys ≤ query, not keys < query": () => strict.mul(real),
        "padding hides rows (queries) here: it must hide columns (keys)": () =>
          causal.mul(mask.reshape([B, 1, T, 1])),
        "1 and 0 are swapped: 1 = may look": () => expected.sub(1).neg(),
        "these are numbers to add to scores: give 1 and 0, attend() makes the rest of it": () =>
          biasOf(expected),
        "causal and padding were joined by OR: a key must pass both": () => causal.maximum(real),
      },
    });
  });
}

/** What the student's attend() gives. */
export interface Attended {
  /** The values, mixed: float32 [B, H, T, D]. */
  readonly mixed: tf.Tensor;
  /** Who looks where: float32 [B, H, T, T], each row sums to 1. */
  readonly weights: tf.Tensor;
}

/** Queries, keys and values, each float32 [B, H, T, D]. */
export interface QueriesKeysValues {
  /** What each place looks for. */
  readonly queries: tf.Tensor;
  /** What each place offers to be found by. */
  readonly keys: tf.Tensor;
  /** What each place hands over. */
  readonly values: tf.Tensor;
}

/**
 * Checks masked attention: softmax(q kᵀ / √D, where allowed) v.
 *
 * @param attend From queries, keys and values, and where each query may look (float32 [B, 1, T, T],
 *   1 = may look).
 * @throws {CheckError} If weights or result differ; the message names the likely mistake.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { checkAttend } from "lib/grade/mod.ts";
 *
 * await useBackend();
 * await checkAttend(({ queries, keys, values }, allowed) => {
 *   const scores = tf.matMul(queries, keys, false, true).div(Math.sqrt(queries.shape[3] ?? 1));
 *   const weights = tf.softmax(tf.where(allowed.cast("bool"), scores, -Infinity));
 *   return { mixed: tf.matMul(weights, values), weights };
 * });
 * ```
 */
export function checkAttend(
  attend: (input: QueriesKeysValues, allowed: tf.Tensor) => Attended,
): Promise<void> {
  const [B, H, T, D] = [2, 3, 5, 4] as const;
  return checkTensors("attend", () => {
    const [queries, keys, values] = [1, 2, 3].map((seed) => normalTensor([B, H, T, D], seed)) as [
      tf.Tensor, // three seeds give three tensors
      tf.Tensor,
      tf.Tensor,
    ];
    const allowed = tf.linalg.bandPart(tf.ones([T, T]), -1, 0)
      .mul(tf.tensor2d([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]]).reshape([B, 1, 1, T]));
    const right = tf.softmax(scoresOf({ queries, keys }, allowed, D));
    const answer: Partial<Attended> = attend({ queries, keys, values }, allowed) ?? {};
    expectThat(
      answer.weights !== undefined && answer.mixed !== undefined,
      `expected { mixed, weights }, got ${Deno.inspect(Object.keys(answer))}`,
    );
    expectLike(answer.weights, right, {
      what: "the weights [B, H, T queries, T keys]",
      variants: weightVariants({ queries, keys }, allowed),
    });
    expectLike(answer.mixed, tf.matMul(right, values), {
      what: "the mixed values [B, H, T, D]",
      variants: {
        "the keys were mixed: mix the values": () => tf.matMul(right, keys),
        "the queries were mixed: mix the values": () => tf.matMul(right, queries),
        "the weights stand transposed here: weights times values, [T, T] times [T, D]": () =>
          tf.matMul(right, values, true),
      },
    });
  });
}

type Pair = Pick<QueriesKeysValues, "queries" | "keys">;

function scoresOf({ queries, keys }: Pair, allowed: tf.Tensor, divisor: number): tf.Tensor {
  return tf.matMul(queries, keys, false, true).mul(1 / Math.sqrt(divisor)).add(biasOf(allowed));
}

function weightVariants(pair: Pair, allowed: tf.Tensor): Variants {
  const [, H = 0, , D = 0] = pair.queries.shape, all = tf.onesLike(allowed);
  const scores = scoresOf(pair, allowed, D), open = scoresOf(pair, all, D);
  const along = (axis: readonly number[]) =>
    tf.softmax(scores.transpose([...axis])).transpose([...axis]);
  return {
    "the scale is missing: divide the scores by √D": () => tf.softmax(scoresOf(pair, allowed, 1)),
    "the scores are divided by √C: it is √D, the channels of one head": () =>
      tf.softmax(scoresOf(pair, allowed, H * D)),
    "the scores are divided by D: it is √D": () => tf.softmax(scoresOf(pair, allowed, D * D)),
    "the scores are multiplied by √D: divide by it": () =>
      tf.softmax(scoresOf(pair, allowed, 1 / D)),
    "the mask is not used: add a large negative number where it is 0": () => tf.softmax(open),
    "the mask is the wrong way round: hide where it is 0, not where it is 1": () =>
      tf.softmax(scoresOf(pair, tf.sub(1, allowed), D)),
    "a hidden score is 0 here, and e⁰ = 1 is a share like any: it must be very negative": () =>
      tf.softmax(open.mul(allowed)),
    "softmax runs before the mask here, so the rows no longer sum to 1: mask the scores": () =>
      tf.softmax(open).mul(allowed),
    "softmax runs over the queries here: it must run over the keys, the last axis": () =>
      along([0, 1, 3, 2]),
    "softmax runs over the heads here: it must run over the keys, the last axis": () =>
      along([0, 3, 2, 1]),
    "these are scores: softmax is missing": () => scores,
    "keys ask queries here: the scores are q kᵀ": () =>
      tf.softmax(scoresOf({ queries: pair.keys, keys: pair.queries }, allowed, D)),
  };
}
