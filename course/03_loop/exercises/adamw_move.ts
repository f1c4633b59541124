import * as tf from "@tensorflow/tfjs";
import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import type { AdamwInput, AdamwNumbers, AdamwOutput } from "../adamw.ts";
import { normalTensor } from "../cases.ts";

type Answer = (before: AdamwInput, numbers: AdamwNumbers) => AdamwOutput;

/** Where a wrong answer leaves the right way; each part has the right one as its default. */
interface Way {
  /** What goes into both means. */
  readonly gradient?: (g: tf.Tensor, decay: tf.Tensor) => tf.Tensor;
  readonly square?: (g: tf.Tensor) => tf.Tensor;
  readonly typical?: (v: tf.Tensor, epsilon: number) => tf.Tensor;
  readonly end?: (direction: tf.Tensor, decay: tf.Tensor, lr: tf.Tensor) => tf.Tensor;
  readonly corrected?: "both" | "m" | "v" | "none";
  /** What is kept for the next step. */
  readonly keep?: (means: Kept, before: AdamwInput) => object;
}

interface Kept {
  readonly m: tf.Tensor;
  readonly v: tf.Tensor;
  readonly corrected: { readonly m: tf.Tensor; readonly v: tf.Tensor };
}

const move = (way: Way = {}): WrongAnswer<Answer> => (before, numbers) => {
  const { weight } = before, { lr, beta1, beta2, epsilon, weightDecay } = numbers;
  const decay = weight.mul(weightDecay), { corrected: which = "both" } = way;
  const g = way.gradient?.(before.gradient, decay) ?? before.gradient;
  const m = before.m.mul(beta1).add(g.mul(1 - beta1));
  const v = before.v.mul(beta2).add((way.square?.(g) ?? g.square()).mul(1 - beta2));
  const corrected = {
    m: which === "both" || which === "m" ? m.mul(numbers.correction1) : m,
    v: which === "both" || which === "v" ? v.mul(numbers.correction2) : v,
  };
  const typical = way.typical?.(corrected.v, epsilon) ?? corrected.v.sqrt().add(epsilon);
  const direction = corrected.m.div(typical);
  const update = way.end?.(direction, decay, lr) ?? direction.add(decay).mul(lr).neg();
  return { update, ...way.keep?.({ m, v, corrected }, before) ?? { m, v } };
};

/** The right update from other numbers. */
const from =
  (change: (numbers: AdamwNumbers) => Partial<AdamwNumbers>): WrongAnswer<Answer> =>
  (before, numbers) => move()(before, { ...numbers, ...change(numbers) });

const reference: Answer = ({ gradient, weight, m, v }, numbers) => {
  const { lr, correction1, correction2, beta1, beta2, epsilon, weightDecay } = numbers;
  const mean = m.mul(beta1).add(gradient.mul(1 - beta1));
  const square = v.mul(beta2).add(gradient.square().mul(1 - beta2));
  const typical = square.mul(correction2).sqrt().add(epsilon);
  const direction = mean.mul(correction1).div(typical).add(weight.mul(weightDecay));
  return { update: direction.mul(lr).neg(), m: mean, v: square };
};

/** Numbers of which none is so small that a mistake with it would hide. */
const numbers = (changes: { lr?: number; epsilon?: number; weightDecay?: number } = {}) => {
  const { lr = 0.7, epsilon = 0.3, weightDecay = 0.5 } = changes;
  const scalars = { lr: tf.scalar(lr), correction1: tf.scalar(2), correction2: tf.scalar(5) };
  return { ...scalars, beta1: 0.9, beta2: 0.6, epsilon, weightDecay };
};
const before = (shape: readonly number[], seed: number): AdamwInput => ({
  gradient: normalTensor(shape, seed, 2),
  weight: normalTensor(shape, seed + 1, 3),
  m: normalTensor(shape, seed + 2),
  v: normalTensor(shape, seed + 3).abs(),
});

const L2 = "the decay is inside the gradient (L2), where Adam divides it by the gradient's size: " +
  "decoupled decay is added after the division";

/** 3.3b: one AdamW update of one parameter. */
export default exercise<Answer>({
  name: "adamwMove",
  reference,
  returns: { update: "tensor", m: "tensor", v: "tensor" },
  cases: {
    "a parameter of 4 numbers": () => [before([4], 1), numbers()],
    "a parameter of shape [2, 3] with another rate": () => [before([2, 3], 5), numbers({ lr: 2 })],
    "a parameter that does not decay": () => [before([3], 9), numbers({ weightDecay: 0 })],
    "the usual ε of 1e-8": () => [before([3], 10), numbers({ epsilon: 1e-8 })],
    "the first step, m and v are 0": () => [
      { ...before([3], 13), m: tf.zeros([3]), v: tf.zeros([3]) },
      numbers(),
    ],
    "a gradient of 0 that always was": () => [
      { gradient: tf.zeros([2]), weight: tf.ones([2]), m: tf.zeros([2]), v: tf.zeros([2]) },
      numbers(),
    ],
  },
  drawn: (random, i) => [
    before([1 + random.integer(3)], 20 + 4 * i),
    { ...numbers({ lr: random.uniform() }), beta1: random.uniform(), beta2: random.uniform() },
  ],
  compiled: true,
  mistakes: {
    [L2]: [
      move({
        gradient: (g, decay) => g.add(decay),
        end: (direction, _decay, lr) => direction.mul(lr).neg(),
      }),
    ],
    "the decay is in the gradient and in the update: it belongs in the update alone": move({
      gradient: (g, decay) => g.add(decay),
    }),
    "there is no bias correction: m̂ and v̂ are missing": move({ corrected: "none" }),
    "v is not corrected: v̂ is v · correction2": move({ corrected: "m" }),
    "m is not corrected: m̂ is m · correction1": move({ corrected: "v" }),
    "the corrections are swapped: correction1 is for m, correction2 for v": from((given) => ({
      correction1: given.correction2,
      correction2: given.correction1,
    })),
    "the corrections are divided by: multiply with them": from((given) => ({
      correction1: tf.div(1, given.correction1),
      correction2: tf.div(1, given.correction2),
    })),
    "ε is inside the root: it is √v̂ + ε, not √(v̂ + ε)": move({
      typical: (v, epsilon) => v.add(epsilon).sqrt(),
    }),
    "ε is missing: without it a gradient of 0 divides by 0": move({ typical: (v) => v.sqrt() }),
    "ε is written in: use the epsilon that you are given": from(() => ({ epsilon: 1e-8 })),
    "the root of v̂ is missing": move({ typical: (v, epsilon) => v.add(epsilon) }),
    "v holds gradients that are not squared": move({ square: (g) => g }),
    "the sign is wrong: what is added to the weights must lead downhill": [
      move({ end: (direction, decay, lr) => direction.add(decay).mul(lr) }),
      move({ end: (direction, decay, lr) => direction.sub(decay).mul(lr) }),
    ],
    "the learning rate is missing": move({
      end: (direction, decay) => direction.add(decay).neg(),
    }),
    "the decay is not multiplied by the learning rate: it is lr · λ · weight": move({
      end: (direction, decay, lr) => direction.mul(lr).add(decay).neg(),
    }),
    "the direction is not multiplied by the learning rate, only the decay is": move({
      end: (direction, decay, lr) => direction.add(decay.mul(lr)).neg(),
    }),
    "the decay has the wrong sign: it must pull the weights towards 0": move({
      end: (direction, decay, lr) => direction.sub(decay).mul(lr).neg(),
    }),
    "the weight decay is missing": [
      move({ end: (direction, _decay, lr) => direction.mul(lr).neg() }),
    ],
    "the decay is the same for all weights: it is λ · weight": (given, rates) =>
      move({ end: (direction, _decay, lr) => direction.add(rates.weightDecay).mul(lr).neg() })(
        given,
        rates,
      ),
    "this is the new weight: asked for is what is added to the old one": (given, rates) =>
      move({
        end: (direction, decay, lr) => given.weight.sub(direction.add(decay).mul(lr)),
      })(given, rates),
    "what is kept for the next step is the mean itself, without its correction": move({
      keep: ({ corrected }) => corrected,
    }),
    "the old means are returned: the next step needs the new ones": move({
      keep: (_means, { m, v }) => ({ m, v }),
    }),
    "m and v are swapped in what is returned": move({ keep: ({ m, v }) => ({ m: v, v: m }) }),
    "the new means do not go into the update: it is made of the old ones": (given, rates) => {
      const { m, v } = given, typical = v.mul(rates.correction2).sqrt().add(rates.epsilon);
      const direction = m.mul(rates.correction1).div(typical);
      return move({ end: (_direction, decay, lr) => direction.add(decay).mul(lr).neg() })(
        given,
        rates,
      );
    },
    "the gradient itself is divided by its typical size: take the mean, m̂": (given, rates) =>
      move({
        keep: () => ({ m: reference(given, rates).m, v: reference(given, rates).v }),
      })({ ...given, m: given.gradient }, { ...rates, correction1: tf.scalar(1) }),
    "beta1 and 1 − beta1 are swapped: most is kept": from(({ beta1 }) => ({ beta1: 1 - beta1 })),
    "beta2 and 1 − beta2 are swapped: most is kept": from(({ beta2 }) => ({ beta2: 1 - beta2 })),
    "β and 1 − β are swapped: most is kept": from(({ beta1, beta2 }) => ({
      beta1: 1 - beta1,
      beta2: 1 - beta2,
    })),
    "m takes beta2: it is beta1 that belongs to the mean": from(({ beta2 }) => ({ beta1: beta2 })),
    "v takes beta1: it is beta2 that belongs to the squares": from(({ beta1 }) => ({
      beta2: beta1,
    })),
    "the betas are swapped: beta1 is for the mean, beta2 for the squares": from((given) => ({
      beta1: given.beta2,
      beta2: given.beta1,
    })),
    "the betas are written in: use those that you are given": from(() => ({
      beta1: 0.9,
      beta2: 0.999,
    })),
    "1 − β is missing before what is new: the means would grow without end": (given, rates) => {
      const { gradient, m, v } = given,
        keep = {
          m: m.mul(rates.beta1).add(gradient),
          v: v.mul(rates.beta2).add(gradient.square()),
        };
      const typical = keep.v.mul(rates.correction2).sqrt().add(rates.epsilon);
      const direction = keep.m.mul(rates.correction1).div(typical);
      return move({
        end: (_direction, decay, lr) => direction.add(decay).mul(lr).neg(),
        keep: () => keep,
      })(given, rates);
    },
  },
  styles: {
    "functions of tf": ({ gradient: g, weight, m, v }, numbers) => {
      const { beta1, beta2, correction1, correction2, lr, epsilon, weightDecay } = numbers;
      const nextM = tf.add(tf.mul(g, 1 - beta1), tf.mul(m, beta1));
      const nextV = tf.add(tf.mul(tf.mul(g, g), 1 - beta2), tf.mul(v, beta2));
      const step = tf.div(
        tf.mul(nextM, correction1),
        tf.add(tf.sqrt(tf.mul(nextV, correction2)), epsilon),
      );
      const update = tf.neg(tf.add(tf.mul(lr, step), tf.mul(tf.mul(lr, weightDecay), weight)));
      return { m: nextM, v: nextV, update };
    },
    "from the old mean towards the gradient": (before, numbers) => {
      const m = before.m.add(before.gradient.sub(before.m).mul(1 - numbers.beta1));
      const v = before.v.add(before.gradient.pow(2).sub(before.v).mul(1 - numbers.beta2));
      const rate = tf.neg(numbers.lr);
      const moved = m.mul(numbers.correction1).mul(rate)
        .div(v.mul(numbers.correction2).pow(0.5).add(numbers.epsilon));
      return { update: moved.add(before.weight.mul(rate).mul(numbers.weightDecay)), m, v };
    },
  },
});
