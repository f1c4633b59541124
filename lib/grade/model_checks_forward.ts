import * as tf from "@tensorflow/tfjs";
import {
  forward as libraryForward,
  linear,
  type ModelConfig,
  modelConfig,
  tiedHead,
} from "lib/model/mod.ts";
import { param, type Params } from "lib/tensor/mod.ts";
import {
  changed,
  checkTensors,
  expectLike,
  hasShape,
  noisyParams,
  type Variants,
} from "./_model_answers.ts";
import { embedded, normLayer, runBlocks, tokenRows } from "./_model_reference.ts";

/** Two blocks of sums of a dozen terms, and logits of a size of 10. */
const FORWARD_TOLERANCE = 2e-5;

/** What a forward pass reads. */
interface Input {
  readonly config: ModelConfig;
  readonly params: Params;
  readonly ids: tf.Tensor;
  readonly mask: tf.Tensor;
}

/**
 * Checks a whole forward pass against the library's, on the same parameters, with padding.
 *
 * @param forward From settings (tied head), parameters, ids int32 [B, T] and mask float32 [B, T] to
 *   logits float32 [B, T, V].
 * @throws {CheckError} If a logit differs; the message names the likely mistake.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { checkForward } from "lib/grade/mod.ts";
 * import { forward } from "lib/model/mod.ts";
 *
 * await useBackend();
 * await checkForward((config, params, ids, mask) =>
 *   forward(config, params, ids, { mask }).logits.reshape([...ids.shape, config.vocabSize])
 * );
 * ```
 */
export function checkForward(
  forward: (config: ModelConfig, params: Params, ids: tf.Tensor, mask: tf.Tensor) => tf.Tensor,
): Promise<void> {
  const config = modelConfig({
    vocabSize: 11,
    hiddenSize: 12,
    heads: 3,
    layers: 2,
    feedForwardSize: 20,
    maxLength: 8,
  });
  const { vocabSize: V, hiddenSize: C } = config;
  return checkTensors("forward", () => {
    const ids = tf.tensor2d([[1, 4, 9, 7, 2], [1, 5, 10, 0, 0]], [2, 5], "int32");
    const mask = tf.tensor2d([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]]);
    const input = { config, params: noisyParams(config, 1), ids, mask };
    const logits = forward(config, input.params, ids, mask);
    expectLike(logits, run(input), {
      what: "the logits [B, T, V]",
      tolerance: FORWARD_TOLERANCE,
      mistakes: [
        {
          when: hasShape(logits, [2, 5, C]),
          says: "the head is missing: a score for each of the V tokens",
        },
        { when: hasShape(logits, [10, V]), says: "the numbers go back to [B, T, V]: reshape" },
      ],
      variants: { ...assemblyVariants(input), ...settingVariants(input) },
    });
  });
}

/** The library's logits, as [B, T, V]. */
function run({ config, params, ids, mask }: Input): tf.Tensor {
  return libraryForward(config, params, ids, { mask }).logits.reshape([...ids.shape, -1]);
}

/** What the library gives for other parameters, settings or masks. */
function settingVariants(input: Input): Variants {
  const { config, params, mask } = input;
  const oneBlock = { ...config, layers: 1 };
  const withParams = (changedParams: Params) => run({ ...input, params: changedParams });
  return {
    "there is only one block: run all of config.layers": () => run({ ...input, config: oneBlock }),
    "every block runs with the parameters of block 0: blocks.0, blocks.1, ...": () =>
      withParams(withBlocks(params, () => 0)),
    "the blocks run in reverse: blocks.0 first": () =>
      withParams(withBlocks(params, (i) => config.layers - 1 - i)),
    "each block starts from the embedding again: hand on what the block before gave": () =>
      run({ ...input, params: withBlocks(params, () => config.layers - 1), config: oneBlock }),
    "the padding mask is not used: hand it to attentionMask()": () =>
      run({ ...input, mask: tf.onesLike(mask) }),
    "these are probabilities: give the logits, the loss does the softmax": () =>
      tf.softmax(run(input)),
    "the positions are off by one: position t gets row t": () =>
      withParams(
        changed(params, /^position/, (weight) => weight.slice([1, 0]).pad([[0, 1], [0, 0]])),
      ),
  };
}

/** The parameters with the blocks' replaced by those of other blocks. */
function withBlocks(params: Params, blockAt: (i: number) => number): Params {
  const rename = (name: string) =>
    name.replace(/^blocks\.(\d+)/, (_, i) => `blocks.${blockAt(Number(i))}`);
  return Object.fromEntries(Object.keys(params).map((name) => [name, param(params, rename(name))]));
}

/** What comes out where the parts are put together otherwise. */
function assemblyVariants({ config, params, ids, mask }: Input): Variants {
  const table = param(params, "tokenEmbedding.weight"), [V = 0, C = 0] = table.shape;
  const [B = 0, T = 0] = ids.shape, allowed = allowedOf(mask), x = embedded(params, ids);
  const norm = normLayer(params, "finalNorm"), rows = (y: tf.Tensor) => y.reshape([B * T, C]);
  const blocks = (input: tf.Tensor) => runBlocks(config, params, { x: input, allowed });
  const head = (y: tf.Tensor) => tiedHead(rows(y), table).reshape([B, T, V]);
  return {
    "the position embedding is missing: without it the model sees a bag of words": () =>
      head(norm(blocks(tokenRows(params, ids)))),
    "the final norm is missing: it stands between the last block and the head": () =>
      head(blocks(x)),
    "no block runs at all": () => head(norm(x)),
    "the embeddings are multiplied by √C, as in the paper of 2017: this model does not": () =>
      head(norm(blocks(x.add(tokenRows(params, ids).mul(Math.sqrt(C) - 1))))),
    "the table is reshaped to [C, V] for the head, which shuffles it: transpose it": () =>
      linear(rows(norm(blocks(x))), table.reshape([C, V]), tf.zeros([V])).reshape([B, T, V]),
    "the mask is not causal: every token sees the next one, and training would be a sham": () => {
      const open = mask.reshape([B, 1, 1, T]).tile([1, 1, T, 1]);
      return head(norm(runBlocks(config, params, { x, allowed: open })));
    },
  };
}

/** Causal, and without the pads: float32 [B, 1, T, T]. */
function allowedOf(mask: tf.Tensor): tf.Tensor {
  const [B = 0, T = 0] = mask.shape;
  return tf.linalg.bandPart(tf.ones([1, 1, T, T]), -1, 0).mul(mask.reshape([B, 1, 1, T]));
}
