import { IGNORE_INDEX, padBatch, type PaddedBatch } from "lib/data/mod.ts";
import { checkMeanLoss, checkPadBatch, checkShiftExample } from "lib/grade/mod.ts";
import { exercise } from "./_exercise.ts";

const shiftExample = exercise("shiftExample", checkShiftExample, [
  ["not shifted", (ids) => ({ ids: ids.slice(0, -1), labels: ids.slice(0, -1) }), /not shifted/],
  ["not shifted, whole", (ids) => ({ ids, labels: ids }), /not shifted/],
  ["shifted twice", (ids) => ({ ids: ids.slice(0, -1), labels: ids.slice(2) }), /shifted twice/],
  [
    "shifted the wrong way",
    (ids) => ({ ids, labels: Int32Array.of(-100, ...ids.slice(0, -1)) }),
    /the wrong way/,
  ],
  [
    "eos not predicted",
    (ids) => ({ ids: ids.slice(0, -2), labels: ids.slice(1, -1) }),
    /<eos> is not predicted/,
  ],
  ["eos read", (ids) => ({ ids, labels: ids.slice(1) }), /<eos> is read/],
  ["bos not read", (ids) => ({ ids: ids.slice(1, -1), labels: ids.slice(1) }), /<bos> is not read/],
  [
    "a place too many",
    (ids) => ({ ids, labels: Int32Array.of(...ids.slice(1), -100) }),
    /one place too many/,
  ],
]);

type Examples = readonly Int32Array[];

/** The right batch with some parts replaced. */
function altered(
  change: (batch: PaddedBatch, examples: Examples, padId: number) => Partial<PaddedBatch>,
): (examples: Examples, options: { padId: number; length?: number }) => PaddedBatch {
  return (examples, options) => {
    const batch = padBatch(examples, options);
    return { ...batch, ...change(batch, examples, options.padId) };
  };
}

/** One row after another, each from an example and filled up to T. */
function rows(
  examples: Examples,
  T: number,
  { fill, part }: { readonly fill: number; readonly part: (ids: number[]) => number[] },
): Int32Array {
  return Int32Array.from(
    examples.flatMap((ids) => [...part([...ids]), ...Array(T).fill(fill)].slice(0, T)),
  );
}

const padBatchExercise = exercise("padBatch", checkPadBatch, [
  [
    "pads labelled 0",
    altered(({ labels }) => ({ labels: labels.map((id) => id === IGNORE_INDEX ? 0 : id) })),
    /learn to predict pads/,
  ],
  [
    "pads labelled with padId",
    altered(({ labels }, _, padId) => ({
      labels: labels.map((id) => id === IGNORE_INDEX ? padId : id),
    })),
    /learn to predict pads/,
  ],
  [
    "mask inverted",
    altered(({ mask }) => ({ mask: mask.map((bit) => 1 - bit) })),
    /mask is inverted/,
  ],
  ["mask all ones", altered(({ mask }) => ({ mask: mask.map(() => 1) })), /mask is 1 everywhere/],
  [
    "mask of booleans",
    altered(({ mask }) => ({ mask: Array.from(mask, Boolean) as never })), // no Float32Array
    /true and false are no numbers/,
  ],
  [
    "mask from the ids",
    altered(({ ids }, _, padId) => ({
      mask: Float32Array.from(ids, (id) => id === padId ? 0 : 1),
    })),
    /go by places/,
  ],
  [
    "labels not shifted",
    altered(({ ids, labels }) => ({
      labels: labels.map((id, i) => id === IGNORE_INDEX ? id : ids[i] ?? id),
    })),
    /not shifted/,
  ],
  [
    "labels shifted twice",
    altered(({ shape }, examples) => ({
      labels: rows(examples, shape[1], { fill: IGNORE_INDEX, part: (ids) => ids.slice(2) }),
    })),
    /shifted twice/,
  ],
  [
    "eos not predicted",
    altered(({ labels }) => ({ labels: labels.map((id) => id === 2 ? IGNORE_INDEX : id) })),
    /<eos> is not predicted/,
  ],
  [
    "pads told by their id, which is that of <eos>",
    altered(({ labels }, _, padId) => ({
      labels: labels.map((id) => id === padId ? IGNORE_INDEX : id),
    })),
    /tell them by their place/,
  ],
  [
    "eos read in shorter rows",
    altered(({ shape }, examples, padId) => ({
      ids: rows(examples, shape[1], { fill: padId, part: (ids) => ids }),
    })),
    /<eos> is read in the shorter rows/,
  ],
  [
    "pads on the left",
    altered(({ shape }, examples, padId) => ({
      ids: Int32Array.from(examples.flatMap((ids) => [
        ...Array(shape[1] - ids.length + 1).fill(padId),
        ...ids.slice(0, -1),
      ])),
    })),
    /pads stand on the left/,
  ],
  [
    "one position too many",
    (examples, { padId }) =>
      padBatch(examples, { padId, length: Math.max(...examples.map((ids) => ids.length)) }),
    /n ids give n - 1 positions/,
  ],
  [
    "as wide as the first example",
    (examples, { padId }) => {
      const T = (examples[0]?.length ?? 0) - 1;
      return padBatch(examples.map((ids) => ids.slice(0, T + 1)), { padId });
    },
    /T is the first example's/,
  ],
  [
    "truncating silently",
    (examples, { padId, length = Infinity }) =>
      padBatch(examples.map((ids) => ids.slice(0, length + 1)), {
        padId,
        ...(length < Infinity && { length }),
      }),
    /truncating silently/,
  ],
  ["length ignored", (examples, { padId }) => padBatch(examples, { padId }), /length is not used/],
  [
    "pad written as 0",
    altered(({ ids }, _, padId) => ({
      ids: ids.map((id) => id === padId ? 0 : id),
    })),
    /the pad is written as 0/,
  ],
]);

const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
const counted = (losses: ArrayLike<number>, labels: ArrayLike<number>) =>
  Array.from(losses).filter((_, i) => labels[i] !== IGNORE_INDEX);

const meanLoss = exercise("meanLoss", checkMeanLoss, [
  ["mean over pads", (losses) => mean(Array.from(losses)), /a mean over pads/],
  [
    "pads in the count alone",
    (losses, labels) => counted(losses, labels).reduce((a, b) => a + b) / losses.length,
    /left out of the sum, and counted in the mean/,
  ],
  [
    "pads in the sum alone",
    (losses, labels) => Array.from(losses).reduce((a, b) => a + b) / counted(losses, labels).length,
    /pad's loss is in the sum/,
  ],
  ["a sum", (losses, labels) => counted(losses, labels).reduce((a, b) => a + b), /this is the sum/],
  [
    "losses of 0 left out",
    (losses, labels) => mean(counted(losses, labels).filter((loss) => loss > 0)),
    /losses of 0 count too/,
  ],
  [
    "pads told by label 0",
    (losses, labels) => mean(Array.from(losses).filter((_, i) => labels[i] !== 0)),
    /told by label -100/,
  ],
  [
    "a mean of the rows' means",
    (losses, labels) =>
      mean([0, 4].map((start) => mean(counted(losses, labels).slice(start, start + 4)))),
    /a mean of the rows' means/,
  ],
]);

/** The exercises of section 1.4. */
export const BATCH_EXERCISES = [shiftExample, padBatchExercise, meanLoss];
