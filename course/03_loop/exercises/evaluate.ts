import * as tf from "@tensorflow/tfjs";
import { IGNORE_INDEX } from "lib/data/mod.ts";
import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import { forward, type ModelConfig, targetLosses } from "lib/model/mod.ts";
import type { Params } from "lib/tensor/mod.ts";
import { tinyModel } from "../cases.ts";
import { type MeasuredBatch, numberOf } from "../loop.ts";

type Result = { loss: number; perplexity: number };
type Answer = (params: Params, batches: readonly MeasuredBatch[], config: ModelConfig) => Result;

/** The sum of a batch's losses and what it may be divided by. */
interface Measured {
  readonly sum: number;
  readonly targets: number;
  readonly places: number;
  readonly rows: number;
}

/** How a wrong measurement looks at a batch. */
type Look = (batch: MeasuredBatch) => Parameters<typeof forward>[3];

const right: Look = ({ mask }) => ({ mask });

function measure(
  [params, batches, config]: Parameters<Answer>,
  look: Look = right,
): Measured[] {
  return batches.map((batch) => {
    const sum = tf.tidy(() => {
      const { logits } = forward(config, params, batch.ids, look(batch));
      return numberOf(targetLosses(logits, batch.labels).sum());
    });
    const { targets, ids } = batch;
    return { sum, targets, places: ids.size, rows: ids.shape[0] ?? 0 };
  });
}

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);
const mean = (values: readonly number[]) => total(values) / values.length;
const lossOf = (batches: readonly Measured[]) =>
  total(batches.map(({ sum }) => sum)) / total(batches.map(({ targets }) => targets));

/** A result with another loss, or another perplexity of the right loss. */
const put = (
  loss: (batches: readonly Measured[]) => number,
  { look = right, perplexity = Math.exp }: {
    readonly look?: Look;
    readonly perplexity?: (loss: number, batches: readonly Measured[]) => number;
  } = {},
): WrongAnswer<Answer> =>
(...args) => {
  const batches = measure(args, look), found = loss(batches);
  return { loss: found, perplexity: perplexity(found, batches) };
};

const reference: Answer = (params, batches, config) => {
  const loss = lossOf(measure([params, batches, config]));
  return { loss, perplexity: Math.exp(loss) };
};

/** Sentences without <bos>; 0 fills up, and what is read is one place behind. */
function batchOf(sentences: readonly number[][], T: number): MeasuredBatch {
  const filled = (row: readonly number[], by: number) =>
    [...row, ...Array<number>(T - row.length).fill(by)].slice(0, T);
  const reads = sentences.map((row) => [1, ...row.slice(0, -1)]);
  return {
    ids: tf.tensor2d(reads.map((row) => filled(row, 0)), [sentences.length, T], "int32"),
    mask: tf.tensor2d(reads.map((row) => filled(row.map(() => 1), 0))),
    labels: tf.tensor1d(sentences.flatMap((row) => filled(row, IGNORE_INDEX)), "int32"),
    dropoutSeed: tf.tensor1d([1, total(sentences.flat())], "int32"),
    targets: sentences.flat().length,
  };
}

const task =
  (batches: readonly [number[][], number][], settings: Parameters<typeof tinyModel>[0] = {}) =>
  () => {
    const { config, params } = tinyModel({ dropout: 0.5, ...settings });
    return [
      params,
      batches.map((batch) => batchOf(...batch)),
      config,
    ] satisfies Parameters<Answer>;
  };

const MEANS = "this is the mean of the batches' means, where a small batch weighs as much as a " +
  "large one: add up sums, and divide by all targets at the end";
const DROPPED = "dropout is on: leave dropoutSeed out of forward, an evaluation drops nothing";
const PERPLEXITIES = "this is the mean of the batches' perplexities: it is exp of the mean loss";

/** 3.8: the loss and the perplexity on all batches of a side. */
export default exercise<Answer>({
  name: "evaluate",
  reference,
  returns: { loss: "number", perplexity: "number" },
  cases: {
    "batches of 6 and 2 targets": task([[[[4, 6, 2], [4, 7, 2]], 4], [[[9, 2]], 4]]),
    "one batch without pads": task([[[[4, 6, 2], [5, 7, 2]], 3]], { heads: 4 }),
    "3 batches, 2 layers, no dropout": task(
      [[[[3, 2]], 2], [[[12, 11, 10, 2], [2]], 5], [[[4, 4, 2], [5, 2], [6, 2]], 3]],
      { layers: 2, dropout: 0 },
    ),
  },
  drawn: (random) => {
    const sentence = () => [
      ...Array.from({ length: random.integer(4) }, () => 3 + random.integer(10)),
      2,
    ];
    const batch = (): [number[][], number] => [
      Array.from({ length: 1 + random.integer(3) }, sentence),
      4 + random.integer(3),
    ];
    return task(Array.from({ length: 1 + random.integer(3) }, batch))();
  },
  drawnCount: 4,
  freesTensors: true,
  mistakes: {
    [DROPPED]: [
      put(lossOf, { look: ({ mask, dropoutSeed }) => ({ mask, dropoutSeed }) }),
      put((all) => mean(all.map(({ sum, targets }) => sum / targets)), {
        look: ({ mask, dropoutSeed }) => ({ mask, dropoutSeed }),
      }),
    ],
    [MEANS]: put((all) => mean(all.map(({ sum, targets }) => sum / targets))),
    "pads are counted: divide by the targets, not by all places": put((all) =>
      total(all.map(({ sum }) => sum)) / total(all.map(({ places }) => places))
    ),
    "this is divided by the number of batches: divide by the targets": put((all) =>
      mean(all.map(({ sum }) => sum))
    ),
    "this is divided by the number of sentences: divide by the targets": put((all) =>
      total(all.map(({ sum }) => sum)) / total(all.map(({ rows }) => rows))
    ),
    "this is the sum: divide by the targets": put((all) => total(all.map(({ sum }) => sum))),
    "the batches' means are added up: add up sums, and divide by all targets at the end": put((
      all,
    ) => total(all.map(({ sum, targets }) => sum / targets))),
    "only the first batch is measured": put((all) => lossOf(all.slice(0, 1))),
    "only the last batch is measured: add up in the loop": put((all) => lossOf(all.slice(-1))),
    [PERPLEXITIES]: [
      put(lossOf, {
        perplexity: (_loss, all) => mean(all.map(({ sum, targets }) => Math.exp(sum / targets))),
      }),
      put(lossOf, {
        perplexity: (_loss, all) =>
          total(all.map(({ sum, targets }) => targets * Math.exp(sum / targets))) /
          total(all.map(({ targets }) => targets)),
      }),
    ],
    "this is 2 to the loss: losses are in nats, so the base is e": put(lossOf, {
      perplexity: (loss) => 2 ** loss,
    }),
    "the perplexity is that of the sum: it is exp of the mean loss": put(lossOf, {
      perplexity: (_loss, all) => Math.exp(total(all.map(({ sum }) => sum))),
    }),
    "the perplexity is rounded: it is a number like the loss": put(lossOf, {
      perplexity: (loss) => Math.round(Math.exp(loss)),
    }),
  },
  styles: {
    "sums of each row's losses": (params, batches, config) => {
      const sums = batches.map(({ ids, mask, labels }) =>
        tf.tidy(() => {
          const losses = targetLosses(forward(config, params, ids, { mask }).logits, labels);
          return [...losses.dataSync()].reduce((sum, loss) => sum + loss, 0);
        })
      );
      const loss = sums.reduce((a, b) => a + b) / batches.reduce((sum, b) => sum + b.targets, 0);
      return { perplexity: Math.E ** loss, loss };
    },
    "means weighed by their targets": (params, batches, config) => {
      const all = batches.reduce((sum, { targets }) => sum + targets, 0);
      let loss = 0;
      for (const { ids, mask, labels, targets } of batches) {
        const [part = NaN] = tf.tidy(() => {
          const { logits } = forward(config, params, ids, { mask });
          return targetLosses(logits, labels).sum().div(targets).dataSync();
        });
        loss += part * targets / all;
      }
      return { loss, perplexity: Math.exp(loss) };
    },
  },
});
