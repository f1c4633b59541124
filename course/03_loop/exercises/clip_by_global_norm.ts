import * as tf from "@tensorflow/tfjs";
import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import { clipByGlobalNorm, globalNorm } from "lib/optimizer/mod.ts";
import { mapParams, type Params } from "lib/tensor/mod.ts";
import { numberOf } from "../loop.ts";

type Answer = (gradients: Params, maxNorm: number) => { gradients: Params; norm: tf.Tensor };

/** Scales all gradients by one factor of their length and the limit. */
const scaled =
  (factorOf: (norm: tf.Tensor, maxNorm: number) => tf.Tensor | number): WrongAnswer<Answer> =>
  (gradients, maxNorm) => {
    const norm = globalNorm(gradients), factor = factorOf(norm, maxNorm);
    return { gradients: mapParams(gradients, (one) => one.mul(factor)), norm };
  };

const within = (norm: tf.Tensor, maxNorm: number) => tf.minimum(1, tf.div(maxNorm, norm));

/** Clips by a wrong idea of the length; gives that length, or the right one. */
const byLength = (lengthOf: (gradients: Params) => tf.Tensor): WrongAnswer<Answer>[] =>
  [lengthOf, globalNorm].map((shown) => (gradients, maxNorm) => {
    const factor = within(lengthOf(gradients), maxNorm);
    return { gradients: mapParams(gradients, (one) => one.mul(factor)), norm: shown(gradients) };
  });

/** Changes each tensor by itself. */
const each = (change: (gradient: tf.Tensor, maxNorm: number) => tf.Tensor): WrongAnswer<Answer> =>
(
  gradients,
  maxNorm,
) => ({
  gradients: mapParams(gradients, (one) => change(one, maxNorm)),
  norm: globalNorm(gradients),
});

const of = (...values: number[][]) =>
  Object.fromEntries(
    values.map((
      list,
      i,
    ) => [`blocks.${i}.weight`, i === 1 ? tf.tensor2d([list]) : tf.tensor1d(list)]),
  );

/** 3.5: all gradients shortened by one factor. */
export default exercise<Answer>({
  name: "clipByGlobalNorm",
  reference: (gradients, maxNorm) => {
    const squares = Object.values(gradients).map((gradient) => gradient.square().sum());
    const norm = tf.addN(squares).sqrt(), factor = tf.minimum(1, tf.div(maxNorm, norm));
    return { gradients: mapParams(gradients, (gradient) => gradient.mul(factor)), norm };
  },
  returns: { gradients: "params", norm: "tensor" },
  cases: {
    "[3, 4] and [[12]], together of length 13, and maxNorm 1": () => [of([3, 4], [12]), 1],
    "[0.3] and [[0.4]], together of length 0.5, and maxNorm 1": () => [of([0.3], [0.4]), 1],
    "[0.3] and [[-0.4]] and maxNorm 0.25": () => [of([0.3], [-0.4]), 0.25],
    "three tensors of length 30 and maxNorm 5": () => [of([10, 20, -20], [0], [0, 0]), 5],
    "a length that is just maxNorm": () => [of([3], [4]), 5],
    "one tensor, maxNorm 100": () => [of([1, 2, 3]), 100],
    "gradients of 0": () => [of([0, 0], [0]), 1],
    "maxNorm 1e6, far above the norm": () => [of([3], [4]), 1e6],
  },
  drawn: (random) => [
    of(...Array.from(
      { length: 1 + random.integer(3) },
      () => Array.from({ length: 1 + random.integer(3) }, () => random.integer(9) - 4),
    )),
    0.5 + random.integer(10),
  ],
  compiled: true,
  mistakes: {
    "each tensor is clipped alone, which changes the direction of the step: take one norm of all": [
      each((one, maxNorm) => one.mul(within(one.norm(), maxNorm))),
      each((one, maxNorm) => one.mul(within(one.norm().add(1e-6), maxNorm))),
    ],
    "the values are clipped one by one, which changes the direction of the step: scale by one factor":
      each((
        one,
        maxNorm,
      ) => one.clipByValue(-maxNorm, maxNorm)),
    "short gradients are made longer: the factor is at most 1": scaled((norm, maxNorm) =>
      tf.div(maxNorm, norm)
    ),
    "long gradients are left alone, and short ones made longer: take the minimum, not the maximum":
      scaled((norm, maxNorm) => tf.maximum(1, tf.div(maxNorm, norm))),
    "maxNorm and norm are swapped: the factor is maxNorm / norm": scaled((norm, maxNorm) =>
      tf.minimum(1, tf.div(norm, maxNorm))
    ),
    "nothing is clipped": scaled(() => 1),
    "the root is missing: the norm is √ Σ g²": byLength((g) => globalNorm(g).square()),
    "the tensors' norms are added: add their squares, and take the root last": byLength((g) =>
      tf.addN(Object.values(g).map((one) => one.square().sum().sqrt()))
    ),
    "this is the largest value: the norm is √ Σ g²": byLength((g) =>
      Object.values(g).map((one) => one.abs().max()).reduce((a, b) => tf.maximum(a, b))
    ),
    "the values' sizes are added: the norm is √ Σ g²": byLength((g) =>
      tf.addN(Object.values(g).map((one) => one.abs().sum()))
    ),
    "this is the root of the mean square: take the sum": byLength((g) => {
      const size = Object.values(g).reduce((sum, one) => sum + one.size, 0);
      return globalNorm(g).div(Math.sqrt(size));
    }),
    "only one tensor's norm is taken: all of them are one long vector": [0, -1].flatMap((i) =>
      byLength((g) => Object.values(g).at(i)?.square().sum().sqrt() ?? tf.scalar(NaN))
    ),
    "this is the norm after clipping: what tells you something is the one before": (
      gradients,
      maxNorm,
    ) => {
      const { gradients: clipped } = clipByGlobalNorm(gradients, maxNorm);
      return { gradients: clipped, norm: globalNorm(clipped) };
    },
    "the factor is returned in place of the norm": (gradients, maxNorm) => {
      const factor = within(globalNorm(gradients), maxNorm);
      return { gradients: mapParams(gradients, (one) => one.mul(factor)), norm: factor };
    },
    "only the largest tensor is scaled: all are scaled by one factor": (gradients, maxNorm) => {
      const norm = globalNorm(gradients), [first] = Object.keys(gradients);
      const factor = within(norm, maxNorm);
      return {
        gradients: mapParams(gradients, (one, name) => name === first ? one.mul(factor) : one),
        norm,
      };
    },
    "the tensors lose their shapes: scale each where it is": (gradients, maxNorm) => {
      const { gradients: clipped, norm } = clipByGlobalNorm(gradients, maxNorm);
      return { gradients: mapParams(clipped, (one) => one.flatten()), norm };
    },
    "maxNorm is written in as 1: use the one that you are given": (gradients) =>
      clipByGlobalNorm(gradients, 1),
    "a norm of 0 divides by 0 here: let min(1, Infinity) make 1 of it, or add a little": (
      gradients,
      maxNorm,
    ) => {
      const norm = globalNorm(gradients), unit = mapParams(gradients, (one) => one.div(norm));
      return { gradients: mapParams(unit, (one) => one.mul(tf.minimum(norm, maxNorm))), norm };
    },
    "the norm is read as a number: a compiled step has no numbers yet; use tf.minimum and tf.div": [
      (gradients, maxNorm) => {
        const norm = globalNorm(gradients), length = numberOf(norm);
        if (length <= maxNorm) return { gradients, norm };
        return { gradients: mapParams(gradients, (one) => one.mul(maxNorm / length)), norm };
      },
    ],
  },
  styles: {
    "as PyTorch, with a little beside the norm": (gradients, maxNorm) => {
      const norm = tf.stack(Object.values(gradients).map((one) => one.norm())).norm();
      const factor = tf.div(maxNorm, norm.add(1e-6)).clipByValue(0, 1);
      return { gradients: mapParams(gradients, (one) => tf.mul(factor, one)), norm };
    },
    "one long vector": (gradients, maxNorm) => {
      const all = tf.concat(Object.values(gradients).map((one) => one.flatten()));
      const norm = all.dot(all).sqrt().asScalar();
      const clipped: Record<string, tf.Tensor> = {};
      for (const [name, one] of Object.entries(gradients)) {
        clipped[name] = tf.where(norm.greater(maxNorm), one.div(norm).mul(maxNorm), one);
      }
      return { norm, gradients: clipped };
    },
  },
});
