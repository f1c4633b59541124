import { IGNORE_INDEX, padBatch, type PaddedBatch } from "lib/data/mod.ts";
import { exercise, type WrongAnswer } from "lib/grade/mod.ts";

type Examples = readonly Int32Array[];
type Answer = (
  examples: Examples,
  options: { readonly padId: number; readonly length?: number },
) => PaddedBatch;

const EXAMPLES = [Int32Array.of(1, 7, 2), Int32Array.of(1, 4, 3, 7, 2), Int32Array.of(1, 4, 0, 2)];

/** The right batch with some parts replaced. */
function altered(
  change: (batch: PaddedBatch, examples: Examples, padId: number) => object,
): WrongAnswer<Answer> {
  return (examples, options) => {
    const batch = padBatch(examples, options);
    return { ...batch, ...change(batch, examples, options.padId) };
  };
}

/** One row after another, each from an example, filled up to T at its end. */
function rows(
  { shape: [, T] }: PaddedBatch,
  examples: Examples,
  { fill, part }: { readonly fill: number; readonly part: (ids: number[]) => number[] },
): Int32Array {
  const row = (ids: Int32Array) => [...part([...ids]), ...Array<number>(T).fill(fill)].slice(0, T);
  return Int32Array.from(examples.flatMap(row));
}

/** Labels with something else than -100 at the pads. */
const padsLabelled = (fill: (padId: number) => number) =>
  altered(({ labels }, _, padId) => ({
    labels: labels.map((id) => id === IGNORE_INDEX ? fill(padId) : id),
  }));

/** A mask made from the number of ids of each example. */
const maskOf = (bit: (place: number, ids: number) => boolean) =>
  altered(({ mask, shape: [, T] }, examples) => ({
    mask: mask.map((_, i) => bit(i % T, examples[Math.floor(i / T)]?.length ?? 0) ? 1 : 0),
  }));

/** 1.4b: examples of different lengths as one batch with mask and labels. */
export default exercise<Answer>({
  name: "padBatch",
  reference: padBatch,
  returns: { ids: "Int32Array", mask: "Float32Array", labels: "Int32Array", shape: "numbers" },
  cases: {
    "examples of 3, 5 and 4 ids, padId 0": () => [EXAMPLES, { padId: 0 }],
    "the same where <eos> fills up, padId 2": () => [EXAMPLES, { padId: 2 }],
    "the same where <unk> fills up, padId 3": () => [EXAMPLES, { padId: 3 }],
    "the same at length 6": () => [EXAMPLES, { padId: 0, length: 6 }],
    "one example of 2 ids": () => [[Int32Array.of(1, 2)], { padId: 0 }],
    "4 positions at length 3": () => [EXAMPLES, { padId: 0, length: 3 }],
  },
  drawn: (random, i) => [
    Array.from(
      { length: 1 + random.integer(i + 1) },
      () => Int32Array.from({ length: 2 + random.integer(6) }, () => random.integer(9)),
    ),
    { padId: random.integer(9), ...random.integer(2) === 0 && { length: 7 } },
  ],
  mistakes: {
    "pads carry a label: the model would learn to predict pads; put -100 there": [
      padsLabelled(() => 0),
      padsLabelled((padId) => padId),
    ],
    "the label that is left out is -100, IGNORE_INDEX": padsLabelled(() => -1),
    "the mask is inverted: 1 is where to attend": altered(({ mask }) => ({
      mask: mask.map((bit) => 1 - bit),
    })),
    "the mask is 1 everywhere: pads would be attended to": altered(({ mask }) => ({
      mask: mask.map(() => 1),
    })),
    "true and false are no numbers: the mask is multiplied with, so write 1 and 0": altered((
      { mask },
    ) => ({ mask: Array.from(mask, Boolean) })),
    "the mask is made from the ids: an id can stand at a pad and in a sentence; go by places":
      altered(({ ids }, _, padId) => ({
        mask: Float32Array.from(ids, (id) => id === padId ? 0 : 1),
      })),
    "the mask is one place too long: n ids give n - 1 positions": maskOf((t, n) => t < n),
    "the mask is one place too short: the last id that is read is attended to": maskOf((t, n) =>
      t < n - 2
    ),
    "the mask begins one place too late": maskOf((t, n) => t >= 1 && t < n),
    "labels are not shifted: the model would learn to copy what it reads, to loss 0": [
      altered(({ ids, labels }) => ({
        labels: labels.map((id, i) => id === IGNORE_INDEX ? id : ids[i] ?? id),
      })),
      altered(({ ids }) => ({ labels: ids })),
    ],
    "labels are shifted twice: the label of place t is id t + 1": altered((batch, examples) => ({
      labels: rows(batch, examples, { fill: IGNORE_INDEX, part: (ids) => ids.slice(2) }),
    })),
    "<eos> is not predicted: the model would never learn to stop": [
      altered(({ labels }) => ({ labels: labels.map((id) => id === 2 ? IGNORE_INDEX : id) })),
      altered((batch, examples) => ({
        labels: rows(batch, examples, { fill: IGNORE_INDEX, part: (ids) => ids.slice(1, -1) }),
      })),
    ],
    "pads are told by their id, so each real token of that id is left out too: go by places":
      altered(({ labels }, _, padId) => ({
        labels: labels.map((id) => id === padId ? IGNORE_INDEX : id),
      })),
    "<eos> is read in the shorter rows: each row ends one id before its <eos>": altered((
      batch,
      examples,
      padId,
    ) => ({ ids: rows(batch, examples, { fill: padId, part: (ids) => ids }) })),
    "these are the labels: the model reads <bos> first": altered((batch, examples, padId) => ({
      ids: rows(batch, examples, { fill: padId, part: (ids) => ids.slice(1) }),
    })),
    "pads stand on the left: fill up at the end": altered(({ shape: [, T] }, examples, padId) => ({
      ids: Int32Array.from(examples.flatMap((ids) => [
        ...Array<number>(T - ids.length + 1).fill(padId),
        ...ids.slice(0, -1),
      ])),
    })),
    "n ids give n - 1 positions: the last one is only predicted": (examples, { padId, length }) =>
      padBatch(examples, {
        padId,
        length: length ?? Math.max(...examples.map((ids) => ids.length)),
      }),
    "T is the first example's: take the longest": (examples, { padId, length }) => {
      const T = length ?? (examples[0]?.length ?? 0) - 1;
      return padBatch(examples.map((ids) => length ? ids : ids.slice(0, T + 1)), {
        padId,
        length: T,
      });
    },
    "a long example is cut off without a word: truncating silently loses its <eos>": (
      examples,
      { padId, length = Infinity },
    ) =>
      padBatch(examples.map((ids) => ids.slice(0, length + 1)), {
        padId,
        ...length < Infinity && { length },
      }),
    "the option length is not used": (examples, { padId }) => padBatch(examples, { padId }),
    "the pad is written as 0: use padId": (examples, options) =>
      padBatch(examples, { ...options, padId: 0 }),
  },
  styles: {
    "place by place": (examples, { padId, length }) => {
      const T = length ?? examples.reduce((most, ids) => Math.max(most, ids.length - 1), 0);
      const size = examples.length * T, mask = new Float32Array(size);
      const ids = new Int32Array(size), labels = new Int32Array(size);
      examples.forEach((example, b) => {
        if (example.length > T + 1) throw new RangeError("too long");
        for (let t = 0; t < T; t++) {
          const isReal = t + 1 < example.length, i = b * T + t;
          mask[i] = Number(isReal);
          ids[i] = isReal ? example[t] ?? 0 : padId;
          labels[i] = example[t + 1] ?? IGNORE_INDEX;
        }
      });
      return { ids, mask, labels, shape: [examples.length, T] };
    },
    "rows as lists": (examples, { padId, length }) => {
      const T = length ?? Math.max(...examples.map((ids) => ids.length)) - 1;
      if (examples.some((ids) => ids.length - 1 > T)) throw new RangeError("too long");
      const filled = (row: number[], fill: number) => [...row, ...Array(T - row.length).fill(fill)];
      const reads = examples.map((ids) => Array.from(ids.subarray(0, -1)));
      return {
        ids: Int32Array.from(reads.flatMap((row) => filled(row, padId))),
        mask: Float32Array.from(reads.flatMap((row) => filled(row.map(() => 1), 0))),
        labels: Int32Array.from(examples.flatMap((ids) => filled([...ids].slice(1), IGNORE_INDEX))),
        shape: [examples.length, T] as const,
      };
    },
  },
});
