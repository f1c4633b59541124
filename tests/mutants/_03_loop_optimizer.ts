import type * as tf from "@tensorflow/tfjs";
import {
  type Adamw,
  type AdamwMove,
  type BiasCorrections,
  checkAdamw,
  checkAdamwMove,
  checkBiasCorrections,
  checkIsDecayed,
  type IsDecayed,
} from "lib/grade/mod.ts";
import {
  adamw,
  addDecayedWeights,
  chain,
  isDecayed,
  scaleByAdam,
  scaleByLearningRate,
} from "lib/optimizer/mod.ts";
import { type Exercise, exercise } from "./_exercise.ts";

const corrections =
  (exponent: (step: number) => number): BiasCorrections => (step, { beta1, beta2 }) => ({
    correction1: 1 / (1 - beta1 ** exponent(step)),
    correction2: 1 / (1 - beta2 ** exponent(step)),
  });

const BIAS = exercise<BiasCorrections>("biasCorrections", checkBiasCorrections, [
  ["step from 0", corrections((step) => step), /divides by 0/],
  ["step from 2", corrections((step) => step + 2), /one too large/],
  ["no power", corrections(() => 1), /the exponent is missing/],
  ["no bias correction", () => ({ correction1: 1, correction2: 1 }), /no bias correction/],
  [
    "betas swapped",
    (step, { beta1, beta2 }) => corrections((s) => s + 1)(step, { beta1: beta2, beta2: beta1 }),
    /betas are swapped/,
  ],
  [
    "the divisor itself",
    (step, { beta1, beta2 }) => ({
      correction1: 1 - beta1 ** (step + 1),
      correction2: 1 - beta2 ** (step + 1),
    }),
    /to divide by/,
  ],
]);

/** Where a wrong answer leaves the right way; each part has the right one as its default. */
interface Way {
  readonly gradient?: (g: tf.Tensor, decay: tf.Tensor) => tf.Tensor;
  readonly square?: (g: tf.Tensor) => tf.Tensor;
  readonly typical?: (v: tf.Tensor, epsilon: number) => tf.Tensor;
  readonly end?: (
    direction: tf.Tensor,
    rest: { readonly decay: tf.Tensor; readonly lr: tf.Tensor; readonly weight: tf.Tensor },
  ) => tf.Tensor;
  readonly isCorrected?: boolean;
}

const move = (way: Way = {}): AdamwMove => ({ gradient, weight, m, v }, numbers) => {
  const { lr, beta1, beta2, epsilon, weightDecay } = numbers, { isCorrected = true } = way;
  const decay = weight.mul(weightDecay), g = way.gradient?.(gradient, decay) ?? gradient;
  const mean = m.mul(beta1).add(g.mul(1 - beta1));
  const square = v.mul(beta2).add((way.square?.(g) ?? g.square()).mul(1 - beta2));
  const corrected = isCorrected
    ? { m: mean.mul(numbers.correction1), v: square.mul(numbers.correction2) }
    : { m: mean, v: square };
  const typical = way.typical?.(corrected.v, epsilon) ?? corrected.v.sqrt().add(epsilon);
  const direction = corrected.m.div(typical);
  const update = way.end?.(direction, { decay, lr, weight }) ??
    direction.add(decay).mul(lr).neg();
  return { update, m: mean, v: square };
};

const MOVE = exercise<AdamwMove>("adamwMove", checkAdamwMove, [
  [
    "L2 instead of decoupled decay",
    move({
      gradient: (g, decay) => g.add(decay),
      end: (direction, { lr }) => direction.mul(lr).neg(),
    }),
    /inside the gradient \(L2\)/,
  ],
  ["no bias correction", move({ isCorrected: false }), /no bias correction/],
  [
    "epsilon inside the root",
    move({ typical: (v, epsilon) => v.add(epsilon).sqrt() }),
    /ε is inside the root/,
  ],
  ["no root", move({ typical: (v, epsilon) => v.add(epsilon) }), /the root of v̂ is missing/],
  ["gradients not squared", move({ square: (g) => g }), /not squared/],
  [
    "uphill",
    move({ end: (direction, { decay, lr }) => direction.add(decay).mul(lr) }),
    /the sign is wrong/,
  ],
  [
    "decay without the rate",
    move({ end: (direction, { decay, lr }) => direction.mul(lr).add(decay).neg() }),
    /not multiplied by the learning rate/,
  ],
  [
    "decay with the wrong sign",
    move({ end: (direction, { decay, lr }) => direction.sub(decay).mul(lr).neg() }),
    /decay has the wrong sign/,
  ],
  ["no decay", move({ end: (direction, { lr }) => direction.mul(lr).neg() }), /decay is missing/],
  [
    "the new weight",
    move({ end: (direction, { decay, lr, weight }) => weight.sub(direction.add(decay).mul(lr)) }),
    /this is the new weight/,
  ],
  [
    "beta and 1 − beta swapped",
    (before, numbers) => move()(before, { ...numbers, beta1: 1 - numbers.beta1 }),
    /beta1 and 1 − beta1 are swapped/,
  ],
  [
    "beta2 for the mean",
    (before, numbers) => move()(before, { ...numbers, beta1: numbers.beta2 }),
    /m takes beta2/,
  ],
  [
    "beta1 for the squares",
    (before, numbers) => move()(before, { ...numbers, beta2: numbers.beta1 }),
    /v takes beta1/,
  ],
  [
    "beta2 and 1 − beta2 swapped",
    (before, numbers) => move()(before, { ...numbers, beta2: 1 - numbers.beta2 }),
    /beta2 and 1 − beta2 are swapped/,
  ],
  [
    "no rate",
    move({ end: (direction, { decay }) => direction.add(decay).neg() }),
    /learning rate is missing/,
  ],
  [
    "nothing returned",
    // Wrong in its type too, which a notebook's cell does not check.
    () => undefined as unknown as ReturnType<AdamwMove>,
    /expected \{ update, m, v \}, three tensors/,
  ],
  [
    "corrected means kept",
    (before, numbers) => {
      const { update, m, v } = move()(before, numbers);
      return { update, m: m.mul(numbers.correction1), v: v.mul(numbers.correction2) };
    },
    /without its correction/,
  ],
]);

const DECAYED = exercise<IsDecayed>("isDecayed", checkIsDecayed, [
  [
    "decay on layer norms",
    (name) => name.endsWith(".weight") && !name.includes("Embedding"),
    /layer norms must not decay/,
  ],
  ["decay on embeddings", (_name, shape) => shape.length === 2, /embeddings must not decay/],
  [
    "decay on position embeddings",
    (name, shape) => shape.length === 2 && !name.startsWith("tokenEmbedding"),
    /embeddings must not decay/,
  ],
  [
    "decay on biases",
    (name) => !/norm|embedding/i.test(name),
    /biases must not decay/,
  ],
  ["decay on everything", () => true, /must not decay/],
  ["decay on nothing", () => false, /what decay is for/],
  [
    "no boolean",
    (name) => (name.endsWith(".weight") ? 1 : 0) as unknown as boolean, // wrong in its type too
    /the answer is true or false/,
  ],
  [
    "the head left out",
    (name, shape) => shape.length === 2 && name.startsWith("blocks."),
    /expected true for head\.weight/,
  ],
]);

/** The library's chain with another rule for decay. */
const withRule = (rule: IsDecayed): Adamw => (peak, { schedule, weightDecay = 0.01 } = {}) =>
  chain(
    scaleByAdam(),
    addDecayedWeights(weightDecay, rule),
    scaleByLearningRate(peak, schedule),
  );

const ADAMW = exercise<Adamw>("adamw", checkAdamw, [
  [
    "decay on layer norms",
    withRule((name) => name.endsWith(".weight") && !name.includes("Embedding")),
    /finalNorm\.weight decays/,
  ],
  [
    "decay on embeddings",
    withRule((_name, shape) => shape.length === 2),
    /tokenEmbedding\.weight decays/,
  ],
  [
    "decay on biases",
    withRule((name, shape) => name.endsWith(".bias") || isDecayed(name, shape)),
    /qkv\.bias decays/,
  ],
  ["no decay", withRule(() => false), /nothing decays/],
  [
    "schedule off by one",
    (peak, { schedule = () => 1, ...options } = {}) =>
      adamw(peak, { ...options, schedule: (step) => schedule(step + 1) }),
    /schedule is off by one/,
  ],
  [
    "schedule not used",
    (peak, { weightDecay = 0.01 } = {}) => adamw(peak, { weightDecay }),
    /schedule is not used/,
  ],
  [
    "moments lost",
    (peak, options) => {
      const right = adamw(peak, options);
      return {
        ...right,
        update: (gradients, state, params, scalars) => ({
          ...right.update(gradients, state, params, scalars),
          state,
        }),
      };
    },
    /do m and v come back as state/,
  ],
]);

/** The exercises about the optimizer. */
export const OPTIMIZER_EXERCISES: readonly Exercise[] = [BIAS, MOVE, DECAYED, ADAMW];
