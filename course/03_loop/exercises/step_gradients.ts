import * as tf from "@tensorflow/tfjs";
import { callLimit, exercise, type WrongAnswer } from "lib/grade/mod.ts";
import { accumulate, clipByGlobalNorm, globalNorm } from "lib/optimizer/mod.ts";
import { mapParams, param, type Params, valueAndGradients } from "lib/tensor/mod.ts";
import { normalTensor } from "../cases.ts";
import { numberOf, type StepGradients, type StepGradientsParts } from "../loop.ts";

/** A micro-batch of a least-squares task. */
interface Rows {
  /** float32 [rows, 2]. */
  readonly rows: tf.Tensor;
  readonly targets: number;
}

type Parts = StepGradientsParts<Rows>;
type Answer = (params: Params, microBatches: readonly Rows[], parts: Parts) => StepGradients;

/** What is done otherwise: to each micro-batch, to the sums, at the end. */
interface Way {
  /** Each loss's divisor; undefined leaves the micro-batch's own targets. */
  readonly divisorOf?: (targetCount: number | tf.Tensor) => number | tf.Tensor | undefined;
  readonly each?: (gradients: Params, maxNorm: number) => Params;
  readonly scale?: (microBatches: readonly Rows[]) => number;
  readonly end?: (gradients: Params, maxNorm: number) => { gradients: Params; norm: tf.Tensor };
  /** Whether the loss is scaled as the gradients are. */
  readonly isLossScaled?: boolean;
}

const put = (way: Way = {}): WrongAnswer<Answer> => (params, microBatches, parts) => {
  const { lossOf, targetCount, maxNorm } = parts, scale = way.scale?.(microBatches) ?? 1;
  const { each = (gradients) => gradients, end = clipByGlobalNorm, isLossScaled = true } = way;
  let loss: tf.Tensor = tf.scalar(0), total: Params | undefined;
  for (const batch of microBatches) {
    const divisor = way.divisorOf === undefined ? targetCount : way.divisorOf(targetCount);
    const part = valueAndGradients(params, (p) => lossOf(p, batch, divisor));
    loss = loss.add(part.value);
    total = accumulate(total, each(part.gradients, maxNorm));
  }
  const sum = mapParams(total ?? {}, (one) => one.mul(scale));
  return { loss: isLossScaled ? loss.mul(scale) : loss, ...end(sum, maxNorm) };
};

const own = () => undefined, count = (batches: readonly Rows[]) => batches.length;
const clip = (gradients: Params, maxNorm: number) => clipByGlobalNorm(gradients, maxNorm).gradients;

const reference: Answer = (params, microBatches, { lossOf, targetCount, maxNorm }) => {
  let loss: tf.Tensor = tf.scalar(0), sum: Params | undefined;
  for (const batch of microBatches) {
    const part = valueAndGradients(params, (p) => lossOf(p, batch, targetCount));
    loss = loss.add(part.value);
    sum = accumulate(sum, part.gradients);
  }
  return { loss, ...clipByGlobalNorm(sum ?? {}, maxNorm) };
};

/** The right result with a part of another one. */
const but = (
  change: (answer: WrongAnswer<Answer>, right: StepGradients, of: Parameters<Answer>) => object,
): WrongAnswer<Answer> =>
(...of) => {
  const right = reference(...of);
  return { ...right, ...change(reference, right, of) };
};
const lossOf = (result: unknown) => ({ loss: (result as StepGradients).loss }); // as put gives it

/** Micro-batches of so many rows each. */
const task = (sizes: readonly number[], maxNorm: number, isTensor = false) => () => {
  const microBatches = sizes.map((targets, i) => ({
    rows: normalTensor([targets, 2], i + 1),
    targets,
  }));
  const params = { bias: tf.tensor1d([0.5]), weight: tf.tensor2d([[1], [-2]]) };
  const limit = callLimit(60, "the loss of a micro-batch"), all = sizes.reduce((a, b) => a + b, 0);
  const parts: Parts = {
    lossOf(p, { rows, targets }, divisor = targets) {
      limit();
      const errors = rows.matMul(param(p, "weight")).add(param(p, "bias"));
      return errors.square().sum().div(divisor);
    },
    targetCount: isTensor ? tf.scalar(all) : all,
    maxNorm,
  };
  return [params, microBatches, parts] satisfies Parameters<Answer>;
};

/** 3.6: the gradient of one step from several micro-batches. */
export default exercise<Answer>({
  name: "stepGradients",
  reference,
  returns: { loss: "tensor", gradients: "params", norm: "tensor" },
  cases: {
    "micro-batches of 1, 4 and 3 rows, maxNorm 1e6": task([1, 4, 3], 1e6),
    "micro-batches of 1, 4 and 3 rows, maxNorm 0.5": task([1, 4, 3], 0.5, true),
    "one micro-batch of 3 rows": task([3], 2),
    "two micro-batches of 2 rows": task([2, 2], 1),
    "five of 1 to 5 rows, maxNorm 100": task([1, 2, 3, 4, 5], 100, true),
  },
  compiled: true,
  asksBeside: true,
  mistakes: {
    "the sum is not divided: each micro-batch gives the mean over its own targets, and several of them make several times the gradient; divide each loss by targetCount":
      [put({ divisorOf: own })],
    "this is the mean of means, which gives a target in a small micro-batch more weight: divide each loss by targetCount":
      [
        put({ divisorOf: own, scale: (batches) => 1 / count(batches) }),
        put({ divisorOf: own, scale: (batches) => 1 / count(batches), isLossScaled: false }),
      ],
    "the sum is divided by the number of micro-batches too: divided by targetCount it is right": [
      put({ scale: (batches) => 1 / count(batches) }),
      put({ scale: (batches) => 1 / count(batches), isLossScaled: false }),
    ],
    "the sum is not divided by anything: give lossOf the divisor, targetCount": put({
      divisorOf: () => 1,
    }),
    "each micro-batch is clipped before they are added: clip the step's gradient, once": [
      put({ each: clip, end: (sum) => ({ gradients: sum, norm: globalNorm(sum) }) }),
      put({ each: clip }),
      put({ each: clip, divisorOf: own }),
    ],
    "the gradient is not clipped": put({
      end: (sum) => ({ gradients: sum, norm: globalNorm(sum) }),
    }),
    "maxNorm is written in: use the one that you are given": put({
      end: (sum) => clipByGlobalNorm(sum, 1),
    }),
    "only the last micro-batch counts: add its loss and gradients to those before it": (
      params,
      microBatches,
      parts,
    ) => reference(params, microBatches.slice(-1), parts),
    "only the first micro-batch counts: go through all of them": (params, microBatches, parts) =>
      reference(params, microBatches.slice(0, 1), parts),
    "the gradients are those of the last micro-batch alone: add them to those before": but((
      answer,
      _right,
      [params, microBatches, parts],
    ) => {
      const { gradients, norm } = answer(params, microBatches.slice(-1), parts) as StepGradients;
      return { gradients, norm };
    }),
    "this is the last micro-batch's loss alone: add the losses up": but((
      answer,
      _right,
      [params, microBatches, parts],
    ) => lossOf(answer(params, microBatches.slice(-1), parts))),
    "the losses of the micro-batches are added without a common divisor": but((
      _answer,
      _right,
      of,
    ) => lossOf(put({ divisorOf: own })(...of))),
    "this is the mean of the micro-batches' means: unequal ones weigh alike": but((
      _answer,
      _right,
      of,
    ) => lossOf(put({ divisorOf: own, scale: (batches) => 1 / count(batches) })(...of))),
    "the loss is divided twice: lossOf divides by targetCount already": but((
      _answer,
      { loss },
      [, , { targetCount }],
    ) => ({ loss: loss.div(targetCount) })),
    "this is the norm after clipping: asked for is the one before": but((
      _answer,
      { gradients },
    ) => ({
      norm: globalNorm(gradients),
    })),
    "numbers are read out here: a compiled step has no numbers yet; add tensors": but((
      _answer,
      { loss },
    ) => ({ loss: tf.scalar(numberOf(loss)) })),
  },
  styles: {
    "all losses in one gradient": (params, microBatches, { lossOf, targetCount, maxNorm }) => {
      const { value, gradients } = valueAndGradients(
        params,
        (p) => tf.addN(microBatches.map((batch) => lossOf(p, batch, targetCount))),
      );
      return { loss: value, ...clipByGlobalNorm(gradients, maxNorm) };
    },
    "parts first, then sums": (params, microBatches, parts) => {
      const { lossOf, targetCount: divisor } = parts;
      const done = microBatches.map((batch) =>
        valueAndGradients(params, (p) => lossOf(p, batch, divisor))
      );
      const sum = mapParams(
        params,
        (_, name) => tf.addN(done.map(({ gradients }) => param(gradients, name))),
      );
      const { gradients, norm } = clipByGlobalNorm(sum, parts.maxNorm);
      return { norm, gradients, loss: tf.addN(done.map(({ value }) => value)) };
    },
  },
});
