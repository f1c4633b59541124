import * as tf from "@tensorflow/tfjs";
import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import { normalTensor, numbered, READ_OUT, withoutGradient } from "../cases.ts";
import { joinHeads, splitHeads } from "../parts.ts";

type Answer = (x: tf.Tensor) => tf.Tensor;

/** The axes of x in another order, put together to [B, T, C]. */
const joined = (axes: number[]): WrongAnswer<Answer> => (x) => {
  const [B = 0, H = 0, T = 0, D = 0] = x.shape;
  return x.transpose(axes).reshape([B, T, H * D]);
};

/** 2.4c: the heads put together again. */
export default exercise<Answer>({
  name: "joinHeads",
  reference: joinHeads,
  returns: "tensor",
  tolerance: 0,
  cases: {
    "[2, 3, 5, 4]": () => [splitHeads(numbered(2, 5, 12), 3)],
    "[1, 4, 2, 2]": () => [normalTensor([1, 4, 2, 2], 1)],
    "one head": () => [numbered(2, 1, 3, 4)],
    "a channel a head": () => [numbered(1, 4, 3, 1)],
    "one position": () => [numbered(2, 2, 1, 3)],
    "as many positions as heads and channels": () => [numbered(2, 3, 3, 3)],
  },
  drawn: (random) => {
    const [B = 1, H = 1, T = 1, D = 1] = [3, 3, 4, 4].map((most) => 1 + random.integer(most));
    return [numbered(B, H, T, D)];
  },
  gradients: true,
  compiled: true,
  mistakes: {
    "heads and positions are mixed up: reshape only cuts or joins neighbouring axes, so transpose H and T first":
      joined([0, 1, 2, 3]),
    "each head's channels are spread: head h has the D channels from h · D on": joined([
      0,
      2,
      3,
      1,
    ]),
    "each head's matrix is transposed first: swap H and T, not T and D": joined([0, 1, 3, 2]),
    "the axes H and D are not joined: reshape to [B, T, H · D]": (x) => x.transpose([0, 2, 1, 3]),
    "the heads stand beside each other, they are not added: C = H · D channels": [
      (x) => x.sum(1),
      (x) => x.mean(1),
    ],
    "only the first head is left: C = H · D channels": (x) => x.slice([0, 0], [-1, 1]).squeeze([1]),
    "the heads stand in reverse": (x) => joinHeads(x.reverse(1)),
    "the heads stand below each other: they go side by side in the channels": (x) =>
      tf.concat(tf.unstack(x, 1), 1),
    "sizes are written as numbers: take them from x.shape": [
      (x) => x.transpose([0, 2, 1, 3]).reshape([2, 5, 12]),
      (x) => x.transpose([0, 2, 1, 3]).reshape([x.shape[0] ?? 0, x.shape[2] ?? 0, 12]),
    ],
    [READ_OUT]: (x) => withoutGradient(joinHeads(x)),
  },
  styles: {
    "unstacked, side by side": (x) => tf.concat(tf.unstack(x, 1), -1),
    "with -1 for C": (x) =>
      tf.transpose(x, [0, 2, 1, 3]).reshape([x.shape[0] ?? 0, x.shape[2] ?? 0, -1]),
  },
});
