import * as tf from "@tensorflow/tfjs";
import { checkForward, checkIsCausal, checkWorstDifference, type LogitsOf } from "lib/grade/mod.ts";
import { attention, gelu, layerNorm, linear, type ModelConfig } from "lib/model/mod.ts";
import { param, type Params } from "lib/tensor/mod.ts";
import { exercise } from "./_exercise.ts";

/** A forward pass with some lines done otherwise. */
interface ForwardLines {
  readonly embedded?: (tokens: tf.Tensor, positions: tf.Tensor, ids: tf.Tensor) => tf.Tensor;
  readonly paths?: (layers: number) => readonly number[];
  readonly allowed?: (causal: tf.Tensor, mask: tf.Tensor) => tf.Tensor;
  readonly handedOn?: (next: tf.Tensor, first: tf.Tensor) => tf.Tensor;
  readonly normed?: (x: tf.Tensor, norm: (x: tf.Tensor) => tf.Tensor) => tf.Tensor;
  readonly head?: (rows: tf.Tensor, table: tf.Tensor) => tf.Tensor;
}

function forwardWith(lines: ForwardLines) {
  const {
    embedded = (tokens, positions, ids) =>
      tf.gather(tokens, ids).add(positions.slice([0, 0], [ids.shape[1] ?? 0, -1])),
    paths = (layers) => [...Array(layers).keys()],
    allowed = (causal, mask) => causal.mul(mask.expandDims(1).expandDims(1)),
    handedOn = (next) => next,
    normed = (x, norm) => norm(x),
    head = (rows, table) => tf.matMul(rows, table, false, true),
  } = lines;
  return (config: ModelConfig, params: Params, ids: tf.Tensor, mask: tf.Tensor) => {
    const [B = 0, T = 0] = ids.shape, { heads, layers, hiddenSize: C, vocabSize: V } = config;
    const table = param(params, "tokenEmbedding.weight");
    const first = embedded(table, param(params, "positionEmbedding.weight"), ids);
    const causal = tf.linalg.bandPart(tf.ones([1, 1, T, T]), -1, 0);
    const bias = allowed(causal, mask).sub(1).mul(1e9);
    const norm = (path: string) => (x: tf.Tensor) =>
      layerNorm(x, param(params, `${path}.weight`), param(params, `${path}.bias`));
    let x = first;
    for (const i of paths(layers)) {
      x = blockOf(params, `blocks.${i}`, { batchSize: B, heads, bias })(handedOn(x, first), norm);
    }
    const rows = normed(x, norm("finalNorm")).reshape([B * T, C]);
    return head(rows, table).reshape([B, T, V]);
  };
}

type Norm = (path: string) => (x: tf.Tensor) => tf.Tensor;

function blockOf(
  params: Params,
  path: string,
  options: { readonly batchSize: number; readonly heads: number; readonly bias: tf.Tensor },
) {
  const layer = (name: string, x: tf.Tensor) =>
    linear(x, param(params, `${path}.${name}.weight`), param(params, `${path}.${name}.bias`));
  return (x: tf.Tensor, norm: Norm) => {
    const rows = norm(`${path}.attentionNorm`)(x).reshape([-1, x.shape[2] ?? 0]);
    const { output } = attention(params, `${path}.attention`, rows, options);
    const h = x.add(output.reshape(x.shape));
    const read = norm(`${path}.feedForwardNorm`)(h).reshape([-1, x.shape[2] ?? 0]);
    const fed = layer("feedForward.down", gelu(layer("feedForward.up", read)));
    return h.add(fed.reshape(x.shape));
  };
}

const forward = exercise("forward", checkForward, [
  [
    "no positions",
    forwardWith({ embedded: (tokens, _, ids) => tf.gather(tokens, ids) }),
    /position embedding is missing/,
  ],
  [
    "positions off by one",
    forwardWith({
      embedded: (tokens, positions, ids) =>
        tf.gather(tokens, ids).add(positions.slice([1, 0], [ids.shape[1] ?? 0, -1])),
    }),
    /positions are off by one/,
  ],
  [
    "embeddings scaled",
    forwardWith({
      embedded: (tokens, positions, ids) =>
        tf.gather(tokens, ids).mul(Math.sqrt(12)).add(positions.slice([0, 0], [5, -1])),
    }),
    /multiplied by √C/,
  ],
  ["no final norm", forwardWith({ normed: (x) => x }), /final norm is missing/],
  ["one block", forwardWith({ paths: () => [0] }), /only one block/],
  ["block 0 twice", forwardWith({ paths: () => [0, 0] }), /parameters of block 0/],
  ["in reverse", forwardWith({ paths: () => [1, 0] }), /blocks run in reverse/],
  ["no block", forwardWith({ paths: () => [] }), /no block runs/],
  ["from the start", forwardWith({ handedOn: (_, first) => first }), /from the embedding again/],
  ["no padding mask", forwardWith({ allowed: (causal) => causal }), /padding mask is not used/],
  [
    "not causal",
    forwardWith({ allowed: (causal, mask) => tf.onesLike(causal).mul(mask.reshape([2, 1, 1, 5])) }),
    /mask is not causal/,
  ],
  [
    "head by reshape",
    forwardWith({
      head: (rows, table) => tf.matMul(rows, table.reshape([...table.shape].reverse())),
    }),
    /table is reshaped to \[C, V\]/,
  ],
  [
    "probabilities",
    forwardWith({ head: (rows, table) => tf.softmax(tf.matMul(rows, table, false, true)) }),
    /these are probabilities/,
  ],
  [
    "logits left as rows",
    (config, ...rest) => forwardWith({})(config, ...rest).reshape([-1, config.vocabSize]),
    /go back to \[B, T, V\]/,
  ],
  [
    "no head",
    ({ hiddenSize }, _params, ids) => tf.zeros([...ids.shape, hiddenSize]),
    /head is missing/,
  ],
]);

/** A test of causality that changes some places and compares some others. */
interface Probe {
  readonly changed?: (length: number) => readonly number[];
  readonly compared?: (changed: number, length: number) => readonly [from: number, to: number];
  readonly other?: (id: number) => number;
  readonly isSame?: (a: number, b: number) => boolean;
}

function probeWith(lines: Probe) {
  const {
    changed = (T) => [...Array(T).keys()],
    compared = (place) => [0, place],
    other = (id) => id === 5 ? 6 : 5,
    isSame = (a, b) => Math.abs(a - b) < 1e-4,
  } = lines;
  return (logitsOf: LogitsOf, ids: readonly number[]): boolean => {
    const before = logitsOf(ids);
    return changed(ids.length).every((place) => {
      const after = logitsOf(ids.with(place, other(ids[place] ?? 0)));
      const [from, to] = compared(place, ids.length);
      return after.slice(from, to).every((row, t) =>
        row.every((logit, v) => isSame(logit, before[from + t]?.[v] ?? NaN))
      );
    });
  };
}

const isCausal = exercise("isCausal", checkIsCausal, [
  ["always true", () => true, /change a later token to another id/],
  ["always false", () => false, /only places before the changed token/],
  ["compares all places", probeWith({ compared: (_, T) => [0, T] }), /only places before/],
  [
    "compares the place itself",
    probeWith({ compared: (place) => [0, place + 1] }),
    /only places before the changed token/,
  ],
  [
    "compares the place before alone",
    probeWith({ compared: (place) => [Math.max(0, place - 1), place] }),
    /also those far away/,
  ],
  [
    "leaves the place before out",
    probeWith({ compared: (place) => [0, Math.max(0, place - 1)] }),
    /right before the changed token/,
  ],
  ["changes the last alone", probeWith({ changed: (T) => [T - 1] }), /each later token in turn/],
  ["changes the first alone", probeWith({ changed: () => [0] }), /change a later token/],
  ["changes nothing", probeWith({ other: (id) => id }), /to another id/],
  ["compares exactly", probeWith({ isSame: (a, b) => a === b }), /takes rounding for a leak/],
  ["compares coarsely", probeWith({ isSame: (a, b) => Math.abs(a - b) < 0.1 }), /it is a leak too/],
  ["ids out of range", probeWith({ other: (id) => id + 1000 }), /expected 6 ids from 0 to 999/],
  [
    "changes the ids given",
    (logitsOf, ids) => {
      const isRight = probeWith({})(logitsOf, ids);
      (ids as number[])[0] = 7; // what TypeScript forbids, JavaScript does
      return isRight;
    },
    /change a copy/,
  ],
]);

function differences(a: Float32Array, b: Float32Array): number[] {
  return Array.from(a, (x, i) => Math.abs(x - (b[i] ?? NaN)));
}

const sum = (numbers: readonly number[]) => numbers.reduce((x, y) => x + y, 0);

const worstDifference = exercise("worstDifference", checkWorstDifference, [
  [
    "no absolute value",
    (a, b) => a.reduce((worst, x, i) => Math.max(worst, x - (b[i] ?? NaN)), 0),
    /differences below 0 count too/,
  ],
  ["the mean", (a, b) => sum(differences(a, b)) / a.length, /that is the mean/],
  ["the sum", (a, b) => sum(differences(a, b)), /that is the sum/],
  ["the length", (a, b) => Math.hypot(...differences(a, b)), /root of the sum of squares/],
  [
    "the root mean square",
    (a, b) => Math.sqrt(sum(differences(a, b).map((x) => x * x)) / a.length),
    /root of the mean square/,
  ],
  [
    "the square",
    (a, b) => differences(a, b).reduce((worst, x) => Math.max(worst, x * x), 0),
    /that is its square/,
  ],
  [
    "NaN passed over",
    (a, b) => differences(a, b).reduce((worst, x) => x > worst ? x : worst, 0),
    /`if` passes it over/,
  ],
  ["too many arguments", (a, b) => Math.max(...differences(a, b)), /use a loop/],
]);

/** The exercises of sections 2.6 and 2.7. */
export const WHOLE_EXERCISES = [forward, isCausal, worstDifference] as const;
