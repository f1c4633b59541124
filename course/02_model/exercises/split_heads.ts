import type * as tf from "@tensorflow/tfjs";
import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import { normalTensor, numbered, READ_OUT, withoutGradient } from "../cases.ts";
import { splitHeads } from "../parts.ts";

type Answer = (x: tf.Tensor, heads: number) => tf.Tensor;

/** Only a reshape and a transpose of x, as the sizes say. */
const cut = (
  shape: (sizes: { B: number; T: number; H: number; D: number }) => number[],
  axes: number[] = [0, 1, 2, 3],
): WrongAnswer<Answer> =>
(x, H) => {
  const [B = 0, T = 0, C = 0] = x.shape;
  return x.reshape(shape({ B, T, H, D: C / H })).transpose(axes);
};

/** 2.4c: the channels cut into heads. */
export default exercise<Answer>({
  name: "splitHeads",
  reference: splitHeads,
  returns: "tensor",
  tolerance: 0,
  cases: {
    "[2, 5, 12] in 3 heads": () => [numbered(2, 5, 12), 3],
    "[1, 2, 8] in 4 heads": () => [normalTensor([1, 2, 8], 1), 4],
    "one head": () => [numbered(2, 3, 4), 1],
    "a channel a head": () => [numbered(1, 3, 4), 4],
    "one position": () => [numbered(2, 1, 6), 2],
    "as many positions as heads and channels": () => [numbered(2, 3, 9), 3],
  },
  drawn: (random) => {
    const [B = 1, T = 1, H = 1, D = 1] = [3, 4, 3, 4].map((most) => 1 + random.integer(most));
    return [numbered(B, T, H * D), H];
  },
  gradients: true,
  compiled: true,
  mistakes: {
    "heads and positions are mixed up: reshape only cuts or joins neighbouring axes, so it takes [B, T, H, D] and a transpose of H and T":
      cut(({ B, T, H, D }) => [B, H, T, D]),
    "heads come before positions: transpose axes 1 and 2": cut(({ B, T, H, D }) => [B, T, H, D]),
    "each head takes every H-th channel here: head h has the D channels from h · D on": cut(
      ({ B, T, H, D }) => [B, T, D, H],
      [0, 3, 1, 2],
    ),
    "the axes H and D are swapped: each head has D = C / heads channels": [
      cut(({ B, T, H, D }) => [B, T, H, D], [0, 3, 1, 2]),
      cut(({ B, T, H, D }) => [B, T, D, H]),
    ],
    "each head's matrix stands transposed: [B, H, T, D], not [B, H, D, T]": cut(
      ({ B, T, H, D }) => [B, T, H, D],
      [0, 2, 3, 1],
    ),
    "the heads come first: [B, H, T, D]": cut(({ B, T, H, D }) => [B, T, H, D], [2, 0, 1, 3]),
    "sizes are written as numbers: take them from x.shape and `heads`": [
      (x) => x.reshape([2, 5, 3, 4]).transpose([0, 2, 1, 3]),
      (x) => splitHeads(x, 3),
      (x) => splitHeads(x, 4),
    ],
    [READ_OUT]: (...args) => withoutGradient(splitHeads(...args)),
  },
  styles: {
    "slices, stacked": (x, heads) => {
      const [B = 0, T = 0, C = 0] = x.shape, D = C / heads;
      const parts = Array.from({ length: heads }, (_, h) => x.slice([0, 0, h * D], [B, T, D]));
      return parts.map((part) => part.expandDims(1)).reduce((all, part) => all.concat(part, 1));
    },
    "with -1 for D": (x, heads) =>
      x.reshape([x.shape[0] ?? 0, x.shape[1] ?? 0, heads, -1]).transpose([0, 2, 1, 3]),
  },
});
