import { IGNORE_INDEX, padBatch, type PaddedBatch } from "lib/data/mod.ts";
import { exercise } from "lib/grade/mod.ts";

interface Options {
  readonly padId: number;
  readonly length?: number;
}
type Answer = (examples: readonly Int32Array[], options: Options) => PaddedBatch;

/** What a batch is made of; what is left out is right. */
interface Parts {
  readonly read?: (ids: number[]) => number[];
  readonly predict?: (ids: number[], padId: number) => number[];
  readonly attend?: (ids: number[], padId: number) => number[];
  readonly ignored?: (padId: number) => number;
  readonly pad?: (padId: number) => number;
  readonly width?: (examples: number[][], length?: number) => number;
  readonly stride?: (examples: number[][]) => number;
  readonly isLeft?: boolean;
  readonly tooLong?: ErrorConstructor;
}

/** A batch laid out row by row. */
function laid(parts: Parts): Answer {
  return (given, { padId, length }) => {
    const examples = given.map((ids) => [...ids]), longest = longestOf(examples);
    const T = parts.width?.(examples, length) ?? length ?? longest;
    if (longest > T && parts.width === undefined) throw new (parts.tooLong ?? RangeError)("long");
    const put = <A extends Int32Array | Float32Array>(to: A, row: (ids: number[]) => number[]) => {
      examples.forEach((ids, b) => {
        const shown = row(ids).slice(0, T), start = b * (parts.stride?.(examples) ?? T);
        to.set(shown.slice(0, to.length - start), start + (parts.isLeft ? T - shown.length : 0));
      });
      return to;
    };
    const size = examples.length * T, pads = new Int32Array(size).fill(parts.pad?.(padId) ?? padId);
    const unlabelled = new Int32Array(size).fill(parts.ignored?.(padId) ?? IGNORE_INDEX);
    return {
      ids: put(pads, parts.read ?? inputs),
      mask: put(new Float32Array(size), (ids) => (parts.attend ?? ones)(ids, padId)),
      labels: put(unlabelled, (ids) => (parts.predict ?? targets)(ids, padId)),
      shape: [examples.length, T],
    };
  };
}
const inputs = (ids: number[]) => ids.slice(0, -1), targets = (ids: number[]) => ids.slice(1);
const ones = (ids: number[]) => inputs(ids).map(() => 1);
const longestOf = (examples: number[][]) => Math.max(...examples.map((ids) => ids.length)) - 1;
const replace = (ids: number[], from: number, to = IGNORE_INDEX) =>
  ids.map((id) => id === from ? to : id);

const examplesOf = () => [
  Int32Array.of(1, 7, 2),
  Int32Array.of(1, 4, 3, 7, 2),
  Int32Array.of(1, 4, 0, 2),
];

/** 1.4b: examples of different lengths as one batch with mask and labels. */
export default exercise<Answer>({
  name: "padBatch",
  reference: padBatch,
  returns: { ids: "Int32Array", mask: "Float32Array", labels: "Int32Array", shape: "numbers" },
  cases: {
    "examples of 3, 5 and 4 ids, padId 0": () => [examplesOf(), { padId: 0 }],
    "the same where <eos> fills up, padId 2": () => [examplesOf(), { padId: 2 }],
    "the same where <unk> fills up, padId 3": () => [examplesOf(), { padId: 3 }],
    "the same at length 6": () => [examplesOf(), { padId: 0, length: 6 }],
    "one example of 2 ids": () => [[Int32Array.of(1, 2)], { padId: 0 }],
    "4 positions at length 4": () => [examplesOf(), { padId: 5, length: 4 }],
    "4 positions at length 3": () => [examplesOf(), { padId: 0, length: 3 }],
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
      laid({ ignored: () => 0 }),
      laid({ ignored: (padId) => padId }),
    ],
    "the label that is left out is -100, IGNORE_INDEX": laid({ ignored: () => -1 }),
    "the mask is inverted: 1 is where to attend": (...args) => {
      const batch = padBatch(...args);
      return { ...batch, mask: batch.mask.map((bit) => 1 - bit) };
    },
    "the mask is 1 everywhere: pads would be attended to": laid({ attend: () => Array(9).fill(1) }),
    "true and false are no numbers: the mask is multiplied with, so write 1 and 0": (...args) => {
      const batch = padBatch(...args);
      return { ...batch, mask: Array.from(batch.mask, Boolean) };
    },
    "the mask is made from the ids: an id can stand at a pad and in a sentence; go by places": laid(
      {
        attend: (ids, padId) => inputs(ids).map((id) => Number(id !== padId)),
      },
    ),
    "the mask is one place too long: n ids give n - 1 positions": laid({
      attend: (ids) => ids.map(() => 1),
    }),
    "the mask is one place too short: the last id that is read is attended to": laid({
      attend: (ids) => ones(ids).slice(1),
    }),
    "the mask begins one place too late": laid({
      attend: (ids) => ids.map((_, t) => Number(t > 0)),
    }),
    "labels are not shifted: the model would learn to copy what it reads, to loss 0": [
      laid({ predict: inputs }),
      (...args) => {
        const batch = padBatch(...args);
        return { ...batch, labels: batch.ids };
      },
    ],
    "labels are shifted twice: the label of place t is id t + 1": laid({
      predict: (ids) => ids.slice(2),
    }),
    "<eos> is not predicted: the model would never learn to stop": [
      laid({ predict: (ids) => replace(targets(ids), 2) }),
      laid({ predict: (ids) => ids.slice(1, -1) }),
    ],
    "pads are looked for by their id, so each real token of that id is left out too: go by places":
      laid({
        predict: (ids, padId) => replace(targets(ids), padId),
      }),
    "<eos> is read in the shorter rows: each row ends one id before its <eos>": laid({
      read: (ids) => ids,
    }),
    "these are the labels: the model reads <bos> first": laid({ read: targets }),
    "pads stand on the left: fill up at the end": [
      laid({ isLeft: true }),
      (...args) => ({ ...padBatch(...args), ids: laid({ isLeft: true })(...args).ids }),
    ],
    "n ids give n - 1 positions: the last one is only predicted": [
      laid({ width: (examples, length) => length ?? longestOf(examples) + 1 }),
      laid({ width: (examples) => longestOf(examples) + 1 }),
    ],
    "T is the first example's: take the longest": [
      laid({ width: (examples, length) => length ?? longestOf(examples.slice(0, 1)) }),
      laid({ width: (examples) => longestOf(examples.slice(0, 1)) }),
    ],
    "rows begin at multiples of the longest example: of T, which `length` may make larger": laid({
      stride: longestOf,
    }),
    "a long example is cut off without a word: truncating silently loses its <eos>": laid({
      width: (examples, length) => length ?? longestOf(examples),
    }),
    "a length that fits exactly is no error": (examples, { padId, length }) => {
      if (length === longestOf(examples.map((ids) => [...ids]))) throw new RangeError("long");
      return padBatch(examples, { padId, ...length !== undefined && { length } });
    },
    "the option length is not used": laid({ width: longestOf }),
    "the pad is written as 0: use padId": [
      laid({ pad: () => 0 }),
      (...args) => {
        const batch = padBatch(...args), { padId } = args[1];
        return { ...batch, ids: batch.ids.map((id) => id === padId ? 0 : id) };
      },
    ],
    "B and T have changed places in the shape": (...args) => {
      const batch = padBatch(...args);
      return { ...batch, shape: batch.shape.toReversed() };
    },
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
    "row by row": laid({}),
  },
});
