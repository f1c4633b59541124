import * as tf from "@tensorflow/tfjs";
import { modelConfig } from "lib/model/mod.ts";
import { param, type Params } from "lib/tensor/mod.ts";
import {
  changed,
  checkTensors,
  expectLike,
  hasShape,
  noisyParams,
  normalTensor,
  type Variants,
} from "./_model_answers.ts";
import { attentionLayer, type HeadsAndMask, linearLayer } from "./_model_reference.ts";

export type { HeadsAndMask } from "./_model_reference.ts";

const MIXED_UP =
  "heads and positions are mixed up: reshape only cuts or glues neighbouring axes, so it takes " +
  "[B, T, H, D] and a transpose of H and T";
const INTERLEAVED =
  "each head takes every H-th channel here: head h has the D channels from h · D on";

/** B, T, H, D of the tensors that are cut and joined; no two alike. */
const AXES = [2, 5, 3, 4] as const;

/** Numbers that say where they belong: x [B, T, C] and the same in heads [B, H, T, D]. */
function numberedHeads(): { x: tf.Tensor; heads: tf.Tensor } {
  const [B, T, H, D] = AXES, x = tf.range(0, B * T * H * D).reshape([B, T, H * D]);
  return { x, heads: x.reshape([B, T, H, D]).transpose([0, 2, 1, 3]) };
}

/**
 * Checks that channels are cut into heads: head h gets the channels from h · D on.
 *
 * @param splitHeads From float32 [B, T, C] and the number of heads to float32 [B, H, T, D].
 * @throws {CheckError} If a number ends up in another head or at another position.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { checkSplitHeads } from "lib/grade/mod.ts";
 *
 * await useBackend();
 * await checkSplitHeads((x, heads) => {
 *   const [B = 0, T = 0, C = 0] = x.shape;
 *   return x.reshape([B, T, heads, C / heads]).transpose([0, 2, 1, 3]);
 * });
 * ```
 */
export function checkSplitHeads(
  splitHeads: (x: tf.Tensor, heads: number) => tf.Tensor,
): Promise<void> {
  const [B, T, H, D] = AXES;
  return checkTensors("splitHeads", () => {
    const { x, heads } = numberedHeads(), answer = splitHeads(x, H);
    expectLike(answer, heads, {
      what: `splitHeads(x, ${H}) [B, H, T, D]`,
      mistakes: [
        {
          when: hasShape(answer, [B, T, H, D]),
          says: "heads come before positions: transpose axes 1 and 2",
        },
        {
          when: hasShape(answer, [B, D, T, H]) || hasShape(answer, [B, T, D, H]),
          says: "each head has D = C / heads channels: the axes H and D are swapped",
        },
      ],
      variants: {
        [MIXED_UP]: () => x.reshape([B, H, T, D]),
        [INTERLEAVED]: () => x.reshape([B, T, D, H]).transpose([0, 3, 1, 2]),
      },
    });
  });
}

/**
 * Checks that heads are put together again, one beside the other.
 *
 * @param joinHeads From float32 [B, H, T, D] to float32 [B, T, C].
 * @throws {CheckError} If a number ends up at another position or in another channel.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { checkJoinHeads } from "lib/grade/mod.ts";
 *
 * await useBackend();
 * await checkJoinHeads((x) => {
 *   const [B = 0, H = 0, T = 0, D = 0] = x.shape;
 *   return x.transpose([0, 2, 1, 3]).reshape([B, T, H * D]);
 * });
 * ```
 */
export function checkJoinHeads(joinHeads: (x: tf.Tensor) => tf.Tensor): Promise<void> {
  const [B, T, H, D] = AXES;
  return checkTensors("joinHeads", () => {
    const { x, heads } = numberedHeads(), answer = joinHeads(heads);
    expectLike(answer, x, {
      what: "joinHeads(heads) [B, T, C]",
      mistakes: [
        {
          when: hasShape(answer, [B, T, H, D]),
          says: "the axes H and D are not joined: reshape to [B, T, H · D]",
        },
        {
          when: hasShape(answer, [B, T, D]),
          says: "the heads stand beside each other, they are not added: C = H · D channels",
        },
      ],
      variants: {
        [MIXED_UP]: () => heads.reshape([B, T, H * D]),
        [INTERLEAVED]: () => heads.transpose([0, 2, 3, 1]).reshape([B, T, H * D]),
      },
    });
  });
}

/**
 * Checks multi-head attention with its four linear layers, on a model's own parameters.
 *
 * @param multiHeadAttention From parameters, the layer's path, x float32 [B, T, C], and heads and
 *   mask, to float32 [B, T, C].
 * @throws {CheckError} If the output differs from the library's; the message names the likely mistake.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { checkMultiHeadAttention } from "lib/grade/mod.ts";
 * import { attention } from "lib/model/mod.ts";
 *
 * await useBackend();
 * await checkMultiHeadAttention((params, path, x, { heads, allowed }) => {
 *   const [batchSize = 0, , C = 0] = x.shape, bias = allowed.sub(1).mul(1e9);
 *   const options = { batchSize, heads, bias };
 *   return attention(params, path, x.reshape([-1, C]), options).output.reshape(x.shape);
 * });
 * ```
 */
export function checkMultiHeadAttention(
  multiHeadAttention: (
    params: Params,
    path: string,
    x: tf.Tensor,
    options: HeadsAndMask,
  ) => tf.Tensor,
): Promise<void> {
  const [B, T, heads] = [2, 5, 3] as const, path = "blocks.0.attention";
  const config = modelConfig({ hiddenSize: 12, heads, layers: 1, vocabSize: 9 });
  return checkTensors("multiHeadAttention", () => {
    const params = noisyParams(config, 1), x = normalTensor([B, T, config.hiddenSize], 2);
    const allowed = tf.linalg.bandPart(tf.ones([1, 1, T, T]), -1, 0), options = { heads, allowed };
    expectLike(
      multiHeadAttention(params, path, x, options),
      attentionLayer(params, path, options)(x),
      {
        what: "the output [B, T, C]",
        variants: {
          ...wiringVariants(params, path, (p) => attentionLayer(p, path, options)(x)),
          "the mask is not used: hand `allowed` on to attend()": () =>
            attentionLayer(params, path, { heads, allowed: tf.onesLike(allowed) })(x),
          "it works with one head: cut queries, keys and values into heads first": () =>
            attentionLayer(params, path, { heads: 1, allowed })(x),
          "the heads are mixed up when they are joined: transpose, then reshape": () => {
            const plain = withoutOutput(params, path);
            const joined = attentionLayer(plain, path, options)(x);
            const D = config.hiddenSize / heads;
            const mixedUp = joined.reshape([B, T, heads, D]).transpose([0, 2, 1, 3]);
            return linearLayer(params, `${path}.output`)(mixedUp.reshape([B * T, -1]))
              .reshape(x.shape);
          },
        },
      },
    );
  });
}

/** What comes out where the layers are wired otherwise: the library's answer to other parameters. */
function wiringVariants(
  params: Params,
  path: string,
  run: (params: Params) => tf.Tensor,
): Variants {
  const C = param(params, `${path}.output.weight`).shape[0] ?? 0;
  const inOrder = (order: readonly number[]) => () => run(withQkvOrder(params, order, C));
  return {
    "the output layer is missing: the joined heads go through one more linear layer": () =>
      run(withoutOutput(params, path)),
    "the biases are missing: y = x W + b": () =>
      run(changed(params, /attention.*bias$/, tf.zerosLike)),
    "the bias of the output layer is missing": () =>
      run(changed(params, /attention\.output\.bias$/, tf.zerosLike)),
    "the bias of query, key and value is missing": () =>
      run(changed(params, /qkv\.bias$/, tf.zerosLike)),
    "queries and keys are swapped: the columns of qkv are queries, keys, values": inOrder([
      1,
      0,
      2,
    ]),
    "keys and values are swapped: the columns of qkv are queries, keys, values": inOrder([0, 2, 1]),
    "queries and values are swapped: the columns of qkv are queries, keys, values": inOrder([
      2,
      1,
      0,
    ]),
  };
}

/** The parameters with an output layer that passes its input on. */
function withoutOutput(params: Params, path: string): Params {
  const C = param(params, `${path}.output.weight`).shape[0] ?? 0;
  const plain = changed(params, /attention\.output\.bias$/, tf.zerosLike);
  return changed(plain, /attention\.output\.weight$/, () => tf.eye(C));
}

/** The parameters with the columns of queries, keys and values in another order. */
function withQkvOrder(params: Params, order: readonly number[], C: number): Params {
  const columns = order.flatMap((part) => Array.from({ length: C }, (_, i) => part * C + i));
  return changed(
    params,
    /attention\.qkv\./,
    (tensor) => tf.gather(tensor, columns, tensor.rank - 1),
  );
}
