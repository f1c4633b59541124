import * as tf from "@tensorflow/tfjs";
import { Random } from "lib/core/mod.ts";
import { exercise, type WrongAnswer } from "lib/grade/mod.ts";

type Answer = (
  tensors: { readonly gradient: tf.Tensor; readonly velocity: tf.Tensor },
  numbers: { readonly lr: tf.Tensor; readonly momentum: number },
) => { update: tf.Tensor; velocity: tf.Tensor };

const normal = (shape: number[], seed: number) => {
  const random = new Random(seed), size = shape.reduce((a, b) => a * b, 1);
  return tf.tensor(Float32Array.from({ length: size }, () => random.normal()), shape);
};

/** The move with another velocity, or another update from it. */
const altered = (
  velocityOf: (g: tf.Tensor, v: tf.Tensor, momentum: number) => tf.Tensor,
  updateOf = (v: tf.Tensor, lr: tf.Tensor, _g: tf.Tensor): tf.Tensor => v.mul(lr).neg(),
): WrongAnswer<Answer> =>
({ gradient, velocity }, { lr, momentum }) => {
  const next = velocityOf(gradient, velocity, momentum);
  return { velocity: next, update: updateOf(next, lr, gradient) };
};

const given = (shape: number[], lr: number, momentum: number) => (): Parameters<Answer> => [
  { gradient: normal(shape, 1), velocity: normal(shape, 2) },
  { lr: tf.scalar(lr), momentum },
];

/** 5.4a: one move of gradient descent with momentum. */
export default exercise<Answer>({
  name: "momentumMove",
  reference: ({ gradient, velocity }, { lr, momentum }) => {
    const next = velocity.mul(momentum).add(gradient);
    return { update: next.mul(lr).neg(), velocity: next };
  },
  returns: { update: "tensor", velocity: "tensor" },
  cases: {
    "a matrix [2, 3], lr 0.1, momentum 0.9": given([2, 3], 0.1, 0.9),
    "a vector [5], lr 0.5, momentum 0.5": given([5], 0.5, 0.5),
    "momentum 0": given([2, 2], 0.1, 0),
  },
  probes: {
    "the sum of three moves": (answer) => {
      let velocity: tf.Tensor = tf.zeros([3]), sum: tf.Tensor = tf.zeros([3]);
      for (let i = 0; i < 3; i++) {
        const move = answer({ gradient: tf.tensor1d([1, -2, 0.5]), velocity }, {
          lr: tf.scalar(0.1),
          momentum: 0.9,
        });
        [velocity, sum] = [move.velocity, sum.add(move.update)];
      }
      return sum;
    },
  },
  compiled: true,
  mistakes: {
    "the update must go against the velocity: − lr · velocity": altered(
      (g, v, momentum) => v.mul(momentum).add(g),
      (v, lr) => v.mul(lr),
    ),
    "the gradient is weighted by 1 − momentum here: that is a mean, as in Adam; momentum adds it whole":
      altered((g, v, momentum) => v.mul(momentum).add(g.mul(1 - momentum))),
    "momentum stands at the gradient: it belongs to the velocity": altered((g, v, momentum) =>
      v.add(g.mul(momentum))
    ),
    "the velocity never fades: multiply it by momentum": altered((g, v) => v.add(g)),
    "the velocity is not used: momentum · velocity + gradient": altered((g) => g),
    "the update takes the gradient alone: it takes the new velocity": altered(
      (g, v, momentum) => v.mul(momentum).add(g),
      (_v, lr, g) => g.mul(lr).neg(),
    ),
    "the update takes the old velocity: first the velocity changes, then it is used": (
      { gradient, velocity },
      { lr, momentum },
    ) => ({
      velocity: velocity.mul(momentum).add(gradient),
      update: velocity.mul(lr).neg(),
    }),
    "the learning rate is in the velocity too: it belongs to the update alone": (
      { gradient, velocity },
      { lr, momentum },
    ) => {
      const next = velocity.mul(momentum).add(gradient.mul(lr));
      return { velocity: next, update: next.neg() };
    },
    "the gradient is taken off the velocity: the minus belongs to the update": altered((
      g,
      v,
      momentum,
    ) => v.mul(momentum).sub(g)),
    "values are read (dataSync): in a compiled step there are none; stay with tensors": (
      { gradient, velocity },
      { lr, momentum },
    ) => {
      const next = velocity.mul(momentum).add(gradient), [rate = NaN] = lr.dataSync();
      return { velocity: next, update: next.mul(-rate) };
    },
    "the velocity comes back as it was: give the new one": ({ gradient, velocity }, numbers) => ({
      velocity: velocity.clone(),
      update: velocity.mul(numbers.momentum).add(gradient).mul(numbers.lr).neg(),
    }),
  },
  styles: {
    "functions of tf": ({ gradient, velocity }, { lr, momentum }) => {
      const v = tf.add(gradient, tf.mul(momentum, velocity));
      return { velocity: v, update: tf.neg(tf.mul(lr, v)) };
    },
    "with the negative rate": ({ gradient: g, velocity: v }, { lr, momentum }) => {
      const moved = tf.addN([v.mul(tf.scalar(momentum)), g]);
      return { update: moved.mul(lr.mul(-1)), velocity: moved };
    },
  },
});
