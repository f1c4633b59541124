import * as tf from "@tensorflow/tfjs";
import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import { mapParams, param, type Params, valueAndGradients } from "lib/tensor/mod.ts";
import { limited, normalTensor } from "../cases.ts";
import { numberOf } from "../loop.ts";

type Options = { readonly lr: number; readonly steps: number };
type Answer = (start: Params, lossOf: (params: Params) => tf.Tensor, options: Options) => number[];

/** Where a wrong descent leaves the right way. */
interface Way {
  readonly move?: (weights: tf.Tensor, gradient: tf.Tensor, lr: number) => tf.Tensor;
  readonly from?: "start" | "last";
  readonly gradientAt?: "start" | "now";
  readonly note?: (value: number, after: () => number) => number;
  readonly stepsOf?: (steps: number) => number;
}

const descent = (way: Way): WrongAnswer<Answer> => (start, lossOf, { lr, steps }) =>
  tf.tidy(() => {
    const { move = (w, g) => w.sub(g.mul(lr)), from = "last", gradientAt = "now" } = way;
    let params = start;
    return Array.from({ length: way.stepsOf?.(steps) ?? steps }, () => {
      const { value, gradients } = valueAndGradients(params, lossOf);
      const used = gradientAt === "now" ? gradients : valueAndGradients(start, lossOf).gradients;
      const before = from === "last" ? params : start;
      params = mapParams(before, (w, name) => move(w, param(used, name), lr));
      return way.note?.(numberOf(value), () => numberOf(lossOf(params))) ?? numberOf(value);
    });
  });

const reference: Answer = (start, lossOf, { lr, steps }) =>
  tf.tidy(() => {
    let params = start;
    const losses: number[] = [];
    for (let step = 0; step < steps; step++) {
      const { value, gradients } = valueAndGradients(params, lossOf);
      params = mapParams(params, (w, name) => w.sub(param(gradients, name).mul(lr)));
      losses.push(numberOf(value));
    }
    return losses;
  });

const valley = () =>
  limited((p) => param(p, "w").mul([1, 3]).square().sum().add(param(p, "b").sub(2).square()));
const surface = () =>
  limited((p) => param(p, "a").matMul(param(p, "b")).sub(1).square().mean().add(1));
const atValley = () => ({ w: tf.tensor1d([4, -2]), b: tf.scalar(0.5) });
const atSurface = () => ({ a: normalTensor([2, 3], 1), b: normalTensor([3, 2], 2) });

/** 3.1b: plain gradient descent. */
export default exercise<Answer>({
  name: "descend",
  reference,
  returns: "numbers",
  cases: {
    "6 steps in a valley, lr 0.04": () => [atValley(), valley(), { lr: 0.04, steps: 6 }],
    "4 steps from a matrix product, lr 0.1": () => [
      atSurface(),
      surface(),
      { lr: 0.1, steps: 4 },
    ],
    "one step": () => [atSurface(), surface(), { lr: 1, steps: 1 }],
    "no steps": () => [atValley(), valley(), { lr: 0.1, steps: 0 }],
  },
  drawn: (random, i) => [
    i % 2 === 0 ? atValley() : atSurface(),
    i % 2 === 0 ? valley() : surface(),
    { lr: Math.round(random.uniform() * 100) / 1000, steps: 1 + random.integer(6) },
  ],
  freesTensors: true,
  asksBeside: true,
  mistakes: {
    "the weights never change: take the new ones into the next step": descent({
      move: (weights) => weights,
    }),
    "this climbs: the gradient says where the loss rises, so subtract it": descent({
      move: (weights, gradient, lr) => weights.add(gradient.mul(lr)),
    }),
    "each step starts from the first weights again": descent({ from: "start" }),
    "the gradient is that of the start: take it anew at each step": descent({
      gradientAt: "start",
    }),
    "the rate is not used: move by lr · gradient": descent({
      move: (weights, gradient) => weights.sub(gradient),
    }),
    "the gradient is divided by the rate: multiply": descent({
      move: (weights, gradient, lr) => weights.sub(gradient.div(lr)),
    }),
    "this moves by the rate in the gradient's direction, however steep: move by lr · gradient":
      descent({ move: (weights, gradient, lr) => weights.sub(gradient.sign().mul(lr)) }),
    "the weights are replaced by lr · gradient: subtract it from them": descent({
      move: (_weights, gradient, lr) => gradient.mul(-lr),
    }),
    "the loss is noted after the step: note the value that the gradient belongs to": descent({
      note: (_value, after) => after(),
    }),
    "there is one step too many": descent({ stepsOf: (steps) => steps + 1 }),
    "there is one step too few": descent({ stepsOf: (steps) => Math.max(0, steps - 1) }),
    "only the first parameter moves: go through all names": (start, lossOf, { lr, steps }) =>
      tf.tidy(() => {
        let params = start;
        const [first] = Object.keys(start);
        return Array.from({ length: steps }, () => {
          const { value, gradients } = valueAndGradients(params, lossOf);
          params = mapParams(
            params,
            (w, name) => name === first ? w.sub(param(gradients, name).mul(lr)) : w,
          );
          return numberOf(value);
        });
      }),
    "only the last loss is given: note one in each step": (start, lossOf, options) =>
      reference(start, lossOf, options).slice(-1),
    "no loss is noted: push the value of each step": () => [],
  },
  styles: {
    "without tidy, each tensor disposed of": (start, lossOf, { lr, steps }) => {
      let params: Params = mapParams(start, (tensor) => tensor.clone());
      const losses: number[] = [];
      for (let step = 1; step <= steps; step++) {
        const { value, gradients } = tf.tidy(() => ({ ...valueAndGradients(params, lossOf) }));
        const next = tf.tidy(() =>
          mapParams(params, (w, name) => param(gradients, name).mul(-lr).add(w))
        );
        losses.push(...value.dataSync());
        tf.dispose([value, gradients, params]);
        params = next;
      }
      tf.dispose(params);
      return losses;
    },
    "a tidy in each step, entries": (start, lossOf, { lr, steps }) => {
      const losses: number[] = [];
      let params = start;
      while (losses.length < steps) {
        const before = params;
        params = tf.tidy(() => {
          const { value, gradients } = valueAndGradients(before, lossOf);
          losses.push(value.arraySync() as number); // a scalar's array is its number
          return Object.fromEntries(
            Object.entries(gradients).map((
              [name, g],
            ) => [name, tf.sub(param(before, name), g.mul(lr))]),
          );
        });
        if (before !== start) tf.dispose(before);
      }
      if (params !== start) tf.dispose(params);
      return losses;
    },
  },
});
