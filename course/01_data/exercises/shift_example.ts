import { IGNORE_INDEX } from "lib/data/mod.ts";
import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import type { ShiftedExample } from "../cases.ts";

type Answer = (ids: Int32Array) => ShiftedExample;

/** Ids and labels cut out by their places. */
const slices = (
  [from, to]: readonly [number, number?],
  [labelFrom, labelTo]: readonly [number, number?],
): WrongAnswer<Answer> =>
(ids) => ({ ids: ids.slice(from, to), labels: ids.slice(labelFrom, labelTo) });

const NOT_SHIFTED =
  "labels are not shifted: the model would learn to copy what it reads, to loss 0";
const reference: Answer = (ids) => ({ ids: ids.slice(0, -1), labels: ids.slice(1) });

/** 1.4a: what the model reads of a sentence, and what it should predict. */
export default exercise<Answer>({
  name: "shiftExample",
  reference,
  returns: { ids: "Int32Array", labels: "Int32Array" },
  cases: {
    "[1, 4, 6, 7, 2]": () => [Int32Array.of(1, 4, 6, 7, 2)],
    "an empty sentence, [1, 2]": () => [Int32Array.of(1, 2)],
    "ids that come twice": () => [Int32Array.of(1, 4, 4, 1, 2, 9, 4, 2)],
  },
  drawn: (random) => [
    Int32Array.from({ length: 2 + random.integer(9) }, () => random.integer(6)),
  ],
  mistakes: {
    [NOT_SHIFTED]: [slices([0, -1], [0, -1]), (ids) => ({ ids, labels: ids })],
    "labels are shifted twice: the label of place t is id t + 1": [
      slices([0, -1], [2]),
      (ids) => ({ ids: ids.slice(0, -1), labels: Int32Array.of(...ids.slice(2), IGNORE_INDEX) }),
      slices([0, -2], [2]),
    ],
    "shifted the wrong way: the label is the next id": (ids) => ({
      ids,
      labels: Int32Array.of(IGNORE_INDEX, ...ids.slice(0, -1)),
    }),
    "<eos> is not predicted: the model would never learn to stop": [
      slices([0, -2], [1, -1]),
      slices([0, -1], [1, -1]),
    ],
    "<eos> is read: nothing comes after it to be predicted": slices([0], [1]),
    "<bos> is not read: without it the first word has no place": slices([1, -1], [1]),
    "one place too many: nothing comes after <eos>": [
      (ids) => ({ ids, labels: Int32Array.of(...ids.slice(1), IGNORE_INDEX) }),
      (ids) => ({ ids, labels: Int32Array.of(...ids.slice(1), 0) }),
    ],
    "ids and labels have changed places": slices([1], [0, -1]),
    "the places are written as numbers: slice(0, -1) is all but the last, of any length": [
      slices([0, 4], [1, 5]),
      slices([0, 5], [1, 6]),
    ],
    "go by places: the ids of <bos> and <eos> need not be 1 and 2": (ids) => ({
      ids: ids.filter((id) => id !== 2),
      labels: ids.filter((id) => id !== 1),
    }),
    "plain lists: ids are int32, so slice the Int32Array itself": (ids) => ({
      ids: [...ids.slice(0, -1)],
      labels: [...ids.slice(1)],
    }),
    "return { ids, labels }, a record with these names": [
      (ids) => [ids.slice(0, -1), ids.slice(1)],
      (ids) => ({ inputs: ids.slice(0, -1), targets: ids.slice(1) }),
    ],
  },
  styles: {
    "parts of one memory": (ids) => ({
      ids: ids.subarray(0, ids.length - 1),
      labels: ids.subarray(1),
    }),
    "place by place": (ids) => {
      const T = ids.length - 1, inputs = new Int32Array(T), labels = new Int32Array(T);
      for (let t = 0; t < T; t++) [inputs[t], labels[t]] = [ids[t] ?? 0, ids[t + 1] ?? 0];
      return { labels, ids: inputs };
    },
  },
});
