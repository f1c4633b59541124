import * as tf from "@tensorflow/tfjs";
import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import type { modelConfig } from "lib/model/mod.ts";
import { READ_OUT, testModel, withoutGradient } from "../cases.ts";
import { attentionMask, forward } from "../parts.ts";
import { forwardWith, tiedHead } from "../reference.ts";

type Answer = typeof forward;

const rows = (tokens: tf.Tensor, ids: tf.Tensor) => tf.gather(tokens, ids);
const places = (positions: tf.Tensor, ids: tf.Tensor, from = 0) =>
  positions.slice([from, 0], [ids.shape[1] ?? 0, -1]);
const head = (end: (logits: tf.Tensor) => tf.Tensor) =>
  forwardWith({ head: (x, tokens) => end(tiedHead(x, tokens)) });
const inBlocks = (order: (layers: number) => readonly number[]) => forwardWith({ order });

/** A model, ids [B, T] and their mask; pads are id 0, which is a word elsewhere. */
const given = (
  settings: Parameters<typeof modelConfig>[0],
  ids: readonly number[][],
  mask = ids.map((row) => row.map(() => 1)),
) =>
(): Parameters<Answer> => {
  const { config, params } = testModel({ layers: 2, maxLength: 8, vocabSize: 11, ...settings });
  const shape = [ids.length, ids[0]?.length ?? 0] as const;
  return [config, params, tf.tensor2d([...ids], [...shape], "int32"), tf.tensor2d(mask)];
};

/** 2.6a: from ids to logits. */
export default exercise<Answer>({
  name: "forward",
  reference: forward,
  returns: "tensor",
  tolerance: 1e-4, // logits of size 10 and their gradients, through two or three blocks in float32
  cases: {
    "2 blocks, ids [2, 5] with padding": given(
      {},
      [[1, 4, 9, 7, 2], [1, 0, 10, 0, 0]],
      [[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]],
    ),
    // Behind a pad in the middle, the mask can be seen at real places: at others nobody looks.
    "a pad in the middle": given({}, [[1, 4, 0, 7], [1, 0, 3, 8]], [[1, 1, 0, 1], [1, 0, 1, 1]]),
    "3 blocks, ids [1, 3], V 13": given({ layers: 3, heads: 2, vocabSize: 13 }, [[1, 12, 0]]),
    "one block, one position": given({ layers: 1 }, [[3], [10]]),
    "as many positions as the model has": given({}, [[1, 5, 5, 5, 0, 3, 4, 2]]),
  },
  // No loss reads what is said at a pad.
  read: (logits, [, , ids, mask]) => {
    const isFull = logits.rank === 3 && `${logits.shape.slice(0, 2)}` === `${ids.shape}`;
    return isFull ? logits.mul(mask.expandDims(-1)) : logits;
  },
  gradients: (_config, params) => params,
  compiled: true,
  mistakes: {
    "the position embedding is missing: without it the model sees a bag of words": forwardWith({
      embedded: (tokens, _, ids) => rows(tokens, ids),
    }),
    "the positions are off by one: position t gets row t": [
      forwardWith({
        embedded: (tokens, positions, ids) => rows(tokens, ids).add(places(positions, ids, 1)),
      }),
      forwardWith({
        embedded: (tokens, positions, ids) =>
          rows(tokens, ids).add(places(positions.pad([[0, 1], [0, 0]]), ids, 1)),
      }),
    ],
    "the whole position table is added: take its first T rows, .slice([0, 0], [T, C])": [
      forwardWith({ embedded: (tokens, positions, ids) => rows(tokens, ids).add(positions) }),
    ],
    "the padding mask itself is handed to the blocks: attentionMask(mask) says who may look where":
      forwardWith({ allowed: (mask) => mask }),
    "each position gets the row of its id: positions are 0, 1, 2, ...": forwardWith({
      embedded: (tokens, positions, ids) => {
        const [most = 1] = positions.shape;
        return rows(tokens, ids).add(
          rows(positions, tf.minimum(ids, tf.scalar(most - 1, "int32"))),
        );
      },
    }),
    "all positions get the first row: position t gets row t": forwardWith({
      embedded: (tokens, positions, ids) => rows(tokens, ids).add(positions.slice([0, 0], [1, -1])),
    }),
    "the token embedding is missing": forwardWith({
      embedded: (tokens, positions, ids) => rows(tokens, ids).mul(0).add(places(positions, ids)),
    }),
    "the embeddings are multiplied by √C, as in the paper of 2017: this model does not":
      forwardWith({
        embedded: (tokens, positions, ids) =>
          rows(tokens, ids).mul(Math.sqrt(tokens.shape[1] ?? 0)).add(places(positions, ids)),
      }),
    "the final norm is missing: it stands between the last block and the output head": forwardWith({
      normed: (x) => x,
    }),
    "the final norm stands before the blocks: it stands after them": forwardWith({
      normed: (x) => x,
      handedOn: (x, start) => x === start ? x.sub(x.mean(-1, true)) : x,
    }),
    "there is only one block: run all of config.layers": inBlocks(() => [0]),
    "the last block is missing: blocks 0 to config.layers − 1": inBlocks((
      layers,
    ) => [...Array(layers - 1).keys()]),
    "the number of blocks is written in: run all of config.layers": inBlocks(() => [0, 1]),
    "every block runs with the parameters of block 0: blocks.0, blocks.1, ...": [
      inBlocks((layers) => Array(layers).fill(0)),
      inBlocks(() => [0, 0]),
    ],
    "the blocks run in reverse: blocks.0 first": [
      inBlocks((layers) => [...Array(layers).keys()].reverse()),
      inBlocks(() => [1, 0]),
    ],
    "no block runs at all": inBlocks(() => []),
    "each block starts from the embedding again: hand on what the block before gave": forwardWith({
      handedOn: (_, start) => start,
    }),
    "the padding mask is not used: hand it to attentionMask()": forwardWith({
      allowed: (mask) => attentionMask(tf.onesLike(mask)),
    }),
    "the mask is not causal: every token sees the next one, and training would be worthless": [
      forwardWith({
        allowed: (mask) => mask.expandDims(1).expandDims(1).mul(tf.onesLike(attentionMask(mask))),
      }),
      forwardWith({ allowed: (mask) => tf.onesLike(attentionMask(mask)) }),
    ],
    "the table is reshaped to [C, V] for the output head, which mixes it up: transpose it":
      forwardWith({
        head: (x, tokens) => {
          const [V = 0, C = 0] = tokens.shape;
          return tiedHead(x, tokens.reshape([C, V]).transpose());
        },
      }),
    "these are probabilities: give the logits, the loss does the softmax": head(tf.softmax),
    "these are logarithms of probabilities: give the logits, the loss does the rest": head((
      logits,
    ) => tf.logSoftmax(logits)),
    "these are the likeliest ids: give a score for each of the V tokens": head((logits) =>
      logits.argMax(-1)
    ),
    "the logits are divided by √C: they are plain products y Eᵀ": forwardWith({
      head: (x, tokens) => tiedHead(x, tokens).div(Math.sqrt(x.shape[2] ?? 0)),
    }),
    "the logits at pads are cut out: they go back to [B, T, V] whole": (...args) => {
      const logits = forward(...args), [B = 0, , V = 0] = logits.shape;
      return logits.slice([0, 0, 0], [B, Math.min(3, logits.shape[1] ?? 0), V]);
    },
    "the numbers go back to [B, T, V]: reshape": head((logits) =>
      logits.reshape([-1, logits.shape[2] ?? 0])
    ),
    "the logits of the last position alone are left: give those of all T": head((logits) =>
      logits.slice([0, (logits.shape[1] ?? 0) - 1], [-1, 1]).squeeze([1])
    ),
    "the output head is missing: a score for each of the V tokens": [
      forwardWith({ head: (x) => x }),
      ({ hiddenSize }, _params, ids) => tf.zeros([...ids.shape, hiddenSize]),
    ],
    [READ_OUT]: (...args) => withoutGradient(forward(...args)),
  },
  styles: {
    "ids as one-hot rows, blocks by recursion": (config, params, ids, mask) => {
      const hot = (tokens: tf.Tensor) => tf.oneHot(ids, tokens.shape[0] ?? 0).cast("float32");
      return forwardWith({
        embedded: (tokens, positions) =>
          tf.matMul(hot(tokens).reshape([ids.size, -1]), tokens).reshape([...ids.shape, -1])
            .add(positions.slice([0, 0], [ids.shape[1] ?? 0, -1])),
      })(config, params, ids, mask);
    },
    "embeddings of pads set to 0, the head by a product of three axes": forwardWith({
      embedded: (tokens, positions, ids) =>
        rows(tokens, ids).add(rows(positions, tf.range(0, ids.shape[1] ?? 0, 1, "int32"))),
      head: (x, tokens) => {
        const [B = 0] = x.shape;
        return tf.matMul(x, tokens.expandDims(0).tile([B, 1, 1]), false, true);
      },
    }) satisfies WrongAnswer<Answer> as Answer,
    "other logits at pads": (...args) => {
      const [, , , mask] = args, logits = forward(...args);
      return logits.add(tf.sub(1, mask).expandDims(-1));
    },
  },
});
