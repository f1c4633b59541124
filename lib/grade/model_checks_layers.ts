import * as tf from "@tensorflow/tfjs";
import { gelu, modelConfig } from "lib/model/mod.ts";
import { param, type Params } from "lib/tensor/mod.ts";
import {
  changed,
  checkTensors,
  expectLike,
  hasShape,
  noisyParams,
  normalTensor,
} from "./_model_answers.ts";
import {
  type BlockParts,
  blockParts,
  feedForwardLayer,
  type HeadsAndMask,
  linearLayer,
} from "./_model_reference.ts";

const SIZES = { hiddenSize: 12, heads: 3, layers: 1, feedForwardSize: 20, vocabSize: 9 } as const;

/**
 * Checks a linear layer on the last axis: y = x W + b.
 *
 * @param linear From parameters, the layer's path and x float32 [B, T, in] to float32 [B, T, out].
 * @throws {CheckError} If a number differs, for a square weight or another; the message names the
 *   likely mistake.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { checkLinear } from "lib/grade/mod.ts";
 * import { linear } from "lib/model/mod.ts";
 * import { param } from "lib/tensor/mod.ts";
 *
 * await useBackend();
 * await checkLinear((params, path, x) => {
 *   const weight = param(params, `${path}.weight`), [fanIn = 0, fanOut = 0] = weight.shape;
 *   const rows = linear(x.reshape([-1, fanIn]), weight, param(params, `${path}.bias`));
 *   return rows.reshape([x.shape[0] ?? 0, -1, fanOut]);
 * });
 * ```
 */
export function checkLinear(
  linear: (params: Params, path: string, x: tf.Tensor) => tf.Tensor,
): Promise<void> {
  const [B, T, C] = [2, 5, 12] as const;
  return checkTensors("linear", () => {
    const params = noisyParams(modelConfig(SIZES), 1), x = normalTensor([B, T, C], 2);
    for (const path of ["blocks.0.attention.output", "blocks.0.feedForward.up"]) {
      const weight = param(params, `${path}.weight`), bias = param(params, `${path}.bias`);
      const rows = x.reshape([B * T, C]), [, out = 0] = weight.shape, shape = [B, T, out];
      const answer = linear(params, path, x), product = tf.matMul(rows, weight);
      expectLike(answer, product.add(bias).reshape(shape), {
        what: `linear(params, "${path}", x) [B, T, out]`,
        mistakes: [{
          when: hasShape(answer, [B * T, out]),
          says: "the rows go back to [B, T, out]: reshape",
        }],
        variants: {
          "the bias is missing: y = x W + b": () => product.reshape(shape),
          "the weight is transposed: here it is [in, out], unlike PyTorch's": () =>
            out === C ? tf.matMul(rows, weight, false, true).add(bias).reshape(shape) : weight,
          "the bias is taken off: y = x W + b": () => product.sub(bias).reshape(shape),
          "the bias is multiplied: y = x W + b": () => product.mul(bias).reshape(shape),
          "the rows are shuffled: reshape x itself to [B · T, in], without a transpose": () =>
            tf.matMul(x.transpose([1, 0, 2]).reshape([B * T, C]), weight).add(bias).reshape(shape),
        },
      });
    }
  });
}

/**
 * Checks the feed-forward layer: gelu(x W₁ + b₁) W₂ + b₂ at every position.
 *
 * @param feedForward From parameters, the layer's path and x float32 [B, T, C] to float32 [B, T, C].
 * @throws {CheckError} If the output differs; the message names the likely mistake.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { checkFeedForward } from "lib/grade/mod.ts";
 * import { gelu, linear } from "lib/model/mod.ts";
 * import { param } from "lib/tensor/mod.ts";
 *
 * await useBackend();
 * await checkFeedForward((params, path, x) => {
 *   const layer = (name: string, rows: typeof x) =>
 *     linear(rows, param(params, `${path}.${name}.weight`), param(params, `${path}.${name}.bias`));
 *   return layer("down", gelu(layer("up", x.reshape([-1, x.shape[2] ?? 0])))).reshape(x.shape);
 * });
 * ```
 */
export function checkFeedForward(
  feedForward: (params: Params, path: string, x: tf.Tensor) => tf.Tensor,
): Promise<void> {
  const path = "blocks.0.feedForward";
  return checkTensors("feedForward", () => {
    const params = noisyParams(modelConfig(SIZES), 1), x = normalTensor([2, 5, 12], 2);
    const right = feedForwardLayer(params, path)(x);
    const rows = x.reshape([10, 12]), up = linearLayer(params, `${path}.up`)(rows);
    const without = (names: RegExp) => () =>
      feedForwardLayer(changed(params, names, tf.zerosLike), path)(x);
    expectLike(feedForward(params, path, x), right, {
      what: "feedForward(x) [B, T, C]",
      variants: {
        "the activation is missing: without gelu() two matrices are no more than one": () =>
          feedForwardLayer(params, path, (hidden) => hidden)(x),
        "that is ReLU: this model uses gelu()": () => feedForwardLayer(params, path, tf.relu)(x),
        "that is GELU by erf: the library and GPT-2 take the tanh form, gelu() of lib/model": () =>
          feedForwardLayer(params, path, exactGelu)(x),
        "that is tanh: this model uses gelu()": () => feedForwardLayer(params, path, tf.tanh)(x),
        "gelu() stands after the second layer: it belongs between the two": () =>
          gelu(feedForwardLayer(params, path, (hidden) => hidden)(x)),
        "the input is added here already: the residual belongs to the block": () => right.add(x),
        "the biases are missing: y = x W + b": without(/feedForward.*bias$/),
        "the bias of the first layer is missing": without(/up\.bias$/),
        "the bias of the second layer is missing": without(/down\.bias$/),
        "the second layer is missing": () => up,
      },
    });
  });
}

function exactGelu(x: tf.Tensor): tf.Tensor {
  return x.mul(x.div(Math.SQRT2).erf().add(1)).mul(0.5);
}

/**
 * Checks a pre-norm block: h = x + attention(norm(x)), then h + feedForward(norm(h)).
 *
 * @param block From parameters, the block's path, x float32 [B, T, C], and heads and mask, to
 *   float32 [B, T, C].
 * @throws {CheckError} If the output differs; the message names the likely mistake.
 *
 * @example
 * ```ts
 * import { checkBlock } from "lib/grade/mod.ts";
 * import { assertRejects } from "@std/assert";
 * import { useBackend } from "lib/backend/mod.ts";
 *
 * await useBackend();
 * await assertRejects(
 *   () => checkBlock((_params, _path, x) => x),
 *   Error,
 *   "the block changes nothing",
 * );
 * ```
 */
export function checkBlock(
  block: (params: Params, path: string, x: tf.Tensor, options: HeadsAndMask) => tf.Tensor,
): Promise<void> {
  return checkTensors("block", () => {
    const params = noisyParams(modelConfig(SIZES), 1), x = normalTensor([2, 5, 12], 2);
    const options = { heads: 3, allowed: tf.linalg.bandPart(tf.ones([1, 1, 5, 5]), -1, 0) };
    const parts = blockParts(params, "blocks.0", options);
    const variants = Object.entries(BLOCK_VARIANTS).map(([says, wrong]) =>
      [says, () => wrong(x, parts)] as const
    );
    const attended = x.add(parts.attend(parts.attentionNorm(x)));
    const right = attended.add(parts.feed(parts.feedForwardNorm(attended)));
    expectLike(block(params, "blocks.0", x, options), right, {
      what: "block(x) [B, T, C]",
      variants: Object.fromEntries(variants),
    });
  });
}

type WrongBlock = (x: tf.Tensor, parts: BlockParts) => tf.Tensor;

/** The block with the attention half done rightly, and the second half as given. */
function afterAttention(
  rest: (h: tf.Tensor, parts: BlockParts, x: tf.Tensor) => tf.Tensor,
): WrongBlock {
  return (x, parts) => rest(x.add(parts.attend(parts.attentionNorm(x))), parts, x);
}

const BLOCK_VARIANTS: Readonly<Record<string, WrongBlock>> = {
  "the block changes nothing": (x) => x,
  "both residuals are missing: x + attention(...), and + feedForward(...) again": (x, p) =>
    p.feed(p.feedForwardNorm(p.attend(p.attentionNorm(x)))),
  "the residual around attention is missing: x + attention(norm(x))": (x, p) => {
    const h = p.attend(p.attentionNorm(x));
    return h.add(p.feed(p.feedForwardNorm(h)));
  },
  "the residual around feed-forward is missing: h + feedForward(norm(h))": afterAttention((h, p) =>
    p.feed(p.feedForwardNorm(h))
  ),
  "that is post-norm, norm(x + f(x)): this model is pre-norm, x + f(norm(x))": (x, p) => {
    const h = p.attentionNorm(x.add(p.attend(x)));
    return p.feedForwardNorm(h.add(p.feed(h)));
  },
  "the sum starts from norm(x): the stream itself must pass untouched, x + f(norm(x))": (x, p) => {
    const y = p.attentionNorm(x), h = y.add(p.attend(y)), z = p.feedForwardNorm(h);
    return z.add(p.feed(z));
  },
  "feed-forward reads x here: it reads the stream after attention was added": (x, p) =>
    x.add(p.attend(p.attentionNorm(x))).add(p.feed(p.feedForwardNorm(x))),
  "the second sum starts from x again: attention's part is lost": afterAttention((h, p, x) =>
    x.add(p.feed(p.feedForwardNorm(h)))
  ),
  "both norms are missing: x + f(norm(x))": (x, p) => {
    const h = x.add(p.attend(x));
    return h.add(p.feed(h));
  },
  "the norm before attention is missing": (x, p) => {
    const h = x.add(p.attend(x));
    return h.add(p.feed(p.feedForwardNorm(h)));
  },
  "the norm before feed-forward is missing": afterAttention((h, p) => h.add(p.feed(h))),
  "attentionNorm is used twice: feed-forward has a norm of its own, feedForwardNorm":
    afterAttention(
      (h, p) => h.add(p.feed(p.attentionNorm(h))),
    ),
  "the two norms are swapped": (x, p) => {
    const h = x.add(p.attend(p.feedForwardNorm(x)));
    return h.add(p.feed(p.attentionNorm(h)));
  },
  "the feed-forward half is missing": afterAttention((h) => h),
  "the attention half is missing": (x, p) => x.add(p.feed(p.feedForwardNorm(x))),
  "feed-forward comes first here: attention, then feed-forward": (x, p) => {
    const h = x.add(p.feed(p.feedForwardNorm(x)));
    return h.add(p.attend(p.attentionNorm(h)));
  },
};
