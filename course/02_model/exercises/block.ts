import * as tf from "@tensorflow/tfjs";
import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import type { Params } from "lib/tensor/mod.ts";
import { causalMask, normalTensor, READ_OUT, testModel, withoutGradient } from "../cases.ts";
import type { HeadsAndMask } from "../parts.ts";
import { type BlockParts, blockParts } from "../reference.ts";

type Answer = (params: Params, path: string, x: tf.Tensor, options: HeadsAndMask) => tf.Tensor;

/** The input, and the parts at the block's path. */
type FromParts = (x: tf.Tensor, parts: BlockParts) => tf.Tensor;

const put = (together: FromParts): WrongAnswer<Answer> => (params, path, x, options) =>
  together(x, blockParts(params, path, options));

/** The block with the attention half right, and the second half as given. */
const afterAttention = (rest: (h: tf.Tensor, parts: BlockParts, x: tf.Tensor) => tf.Tensor) =>
  put((x, parts) => rest(x.add(parts.attend(parts.attentionNorm(x))), parts, x));

const right: FromParts = (x, parts) => {
  const h = x.add(parts.attend(parts.attentionNorm(x)));
  return h.add(parts.feed(parts.feedForwardNorm(h)));
};
const reference: Answer = (params, path, x, options) => right(x, blockParts(params, path, options));

/** The arguments for a block of a model of 3 blocks. */
const at = (path: string, [B, T]: readonly [B: number, T: number], heads = 3) => () => {
  const { params } = testModel({ layers: 3, heads });
  const options = { heads, allowed: causalMask(T) };
  return [params, path, normalTensor([B, T, 12], 2), options] satisfies Parameters<Answer>;
};

/** 2.5: a pre-norm block, x + attention(norm(x)), then h + feedForward(norm(h)). */
export default exercise<Answer>({
  name: "block",
  reference,
  returns: "tensor",
  tolerance: 5e-5, // gradients are sums of some hundred float32 terms; GELU's other form is off by 1e-4
  cases: {
    "blocks.0 of x [2, 5, 12]": at("blocks.0", [2, 5]),
    "blocks.2 of x [1, 3, 12] with 2 heads": at("blocks.2", [1, 3], 2),
    "one position, blocks.1": at("blocks.1", [3, 1]),
  },
  gradients: (params, _path, x) => [params, x],
  compiled: true,
  mistakes: {
    "the block changes nothing": (_params, _path, x) => x,
    "the path is written in: use the path that you are given": (params, _path, x, options) =>
      reference(params, "blocks.0", x, options),
    "both residuals are missing: x + attention(...), and + feedForward(...) again": put((x, p) =>
      p.feed(p.feedForwardNorm(p.attend(p.attentionNorm(x))))
    ),
    "the residual around attention is missing: x + attention(norm(x))": put((x, p) => {
      const h = p.attend(p.attentionNorm(x));
      return h.add(p.feed(p.feedForwardNorm(h)));
    }),
    "the residual around feed-forward is missing: h + feedForward(norm(h))": afterAttention((
      h,
      p,
    ) => p.feed(p.feedForwardNorm(h))),
    "that is post-norm, norm(x + f(x)): this model is pre-norm, x + f(norm(x))": put((x, p) => {
      const h = p.attentionNorm(x.add(p.attend(x)));
      return p.feedForwardNorm(h.add(p.feed(h)));
    }),
    "the sum starts from norm(x): the stream itself must pass untouched, x + f(norm(x))": put(
      (x, p) => {
        const y = p.attentionNorm(x), h = y.add(p.attend(y)), z = p.feedForwardNorm(h);
        return z.add(p.feed(z));
      },
    ),
    "feed-forward reads x here: it reads the stream after attention was added": put((x, p) =>
      x.add(p.attend(p.attentionNorm(x))).add(p.feed(p.feedForwardNorm(x)))
    ),
    "the second sum starts from x again: attention's part is lost": afterAttention((h, p, x) =>
      x.add(p.feed(p.feedForwardNorm(h)))
    ),
    "both norms are missing: x + f(norm(x))": put((x, p) => {
      const h = x.add(p.attend(x));
      return h.add(p.feed(h));
    }),
    "the norm before attention is missing": put((x, p) => {
      const h = x.add(p.attend(x));
      return h.add(p.feed(p.feedForwardNorm(h)));
    }),
    "the norm before feed-forward is missing": afterAttention((h, p) => h.add(p.feed(h))),
    "attentionNorm is used twice: feed-forward has a norm of its own, feedForwardNorm":
      afterAttention((h, p) => h.add(p.feed(p.attentionNorm(h)))),
    "the two norms are swapped": put((x, p) => {
      const h = x.add(p.attend(p.feedForwardNorm(x)));
      return h.add(p.feed(p.attentionNorm(h)));
    }),
    "the feed-forward half is missing": afterAttention((h) => h),
    "the attention half is missing": put((x, p) => x.add(p.feed(p.feedForwardNorm(x)))),
    "feed-forward comes first here: attention, then feed-forward": put((x, p) => {
      const h = x.add(p.feed(p.feedForwardNorm(x)));
      return h.add(p.attend(p.attentionNorm(h)));
    }),
    [READ_OUT]: (...args) => withoutGradient(reference(...args)),
  },
  styles: {
    "two functions, one per half": (params, path, x, options) => {
      const parts = blockParts(params, path, options);
      const attend = (y: tf.Tensor) => tf.add(parts.attend(parts.attentionNorm(y)), y);
      const feed = (y: tf.Tensor) => tf.add(parts.feed(parts.feedForwardNorm(y)), y);
      return feed(attend(x));
    },
    "one sum of three": (params, path, x, options) => {
      const parts = blockParts(params, path, options), a = parts.attend(parts.attentionNorm(x));
      return tf.addN([x, a, parts.feed(parts.feedForwardNorm(tf.addN([x, a])))]);
    },
  },
});
