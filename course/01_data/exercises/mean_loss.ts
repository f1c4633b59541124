import { IGNORE_INDEX } from "lib/data/mod.ts";
import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import { sum } from "../cases.ts";

type Numbers = ArrayLike<number>;
type Answer = (losses: Numbers, labels: Numbers) => number;

const mean = (values: readonly number[]) => sum(values) / values.length;
const counted: (...args: Parameters<Answer>) => number[] = (losses, labels) =>
  Array.from(losses).filter((_, i) => labels[i] !== IGNORE_INDEX);

/** Sum and count over places that count in one of two ways. */
const over = (
  isSummed: (label: number, loss: number) => boolean,
  isCounted: (label: number, loss: number) => boolean = isSummed,
): WrongAnswer<Answer> =>
(losses, labels) => {
  const pairs = Array.from(losses, (loss, i) => [labels[i] ?? 0, loss] as const);
  return sum(pairs.map((pair) => isSummed(...pair) ? pair[1] : 0)) /
    pairs.filter((pair) => isCounted(...pair)).length;
};
const isTarget = (label: number) => label !== IGNORE_INDEX;

/** 1.4c: the mean loss over the targets that count. */
export default exercise<Answer>({
  name: "meanLoss",
  reference: (losses, labels) => mean(counted(losses, labels)),
  returns: "number",
  cases: {
    // The word The costs nothing, <unk> has id 3, and id 0 is a token like others: all three count.
    "7 targets and a pad": () => [
      Float32Array.of(0, 5, 6, 1, 0, 4, 2, 9),
      Int32Array.of(4, 6, 7, 2, 4, 0, 2, -100),
    ],
    "rows of 2 and of 4 targets": () => [
      Float32Array.of(1, 2, 8, 8, 3, 3, 5, 4),
      Int32Array.of(9, 2, -100, -100, 9, 3, 7, 2),
    ],
    "one target between pads": () => [[7, 2.5, 7], [-100, 1, -100]],
    "no pads": () => [[1, 2, 4], [5, 6, 2]],
    "losses at pads that are no numbers": () => [[1, NaN, 2, Infinity], [5, -100, 2, -100]],
  },
  drawn: (random) => {
    const size = 1 + random.integer(8), place = random.integer(size);
    const labels = Array.from(
      { length: size },
      (_, i) => i === place || random.integer(3) > 0 ? random.integer(5) : IGNORE_INDEX,
    );
    return [labels.map(() => random.integer(20) / 4), labels];
  },
  mistakes: {
    "a mean over pads: leave out where the label is -100": [
      over(() => true),
      over((label) => label !== -1),
    ],
    "the pad's loss is left out of the sum, and counted in the mean": over(isTarget, () => true),
    "the pad's loss is in the sum: leave it out there too": over(() => true, isTarget),
    "this is the sum: divide by the number of targets that count": (losses, labels) =>
      sum(counted(losses, labels)),
    "losses of 0 count too: The is always predicted right, and it is a target": [
      over((label, loss) => isTarget(label) && loss > 0),
      over(isTarget, (label, loss) => isTarget(label) && loss > 0),
    ],
    "a pad is where the label is -100, not where an id is 0": [
      over((label) => label !== 0),
      over((label) => label > 0),
    ],
    "a mean of the rows' means: short rows would weigh more; all targets weigh the same": [
      (losses, labels) => {
        const half = losses.length / 2, [a, b] = [Array.from(losses), Array.from(labels)];
        const rows = [counted(a.slice(0, half), b), counted(a.slice(half), b.slice(half))];
        return mean(rows.map(mean));
      },
      (...args) => mean([0, 4].map((start) => mean(counted(...args).slice(start, start + 4)))),
    ],
    "divided by the number of different labels: each target counts": (losses, labels) =>
      sum(counted(losses, labels)) / new Set(Array.from(labels).filter(isTarget)).size,
    "the loop stops at the first pad: go on, the next row begins after it": (losses, labels) => {
      const end = [...Array.from(labels), IGNORE_INDEX].indexOf(IGNORE_INDEX);
      return mean(Array.from(losses).slice(0, end));
    },
    "the count starts at 1: start at 0": (losses, labels) =>
      sum(counted(losses, labels)) / (counted(losses, labels).length + 1),
    "a loss times 0 is NaN where the loss is no number: skip the pads instead": (
      losses,
      labels,
    ) => {
      const bits = Array.from(labels, (label) => Number(isTarget(label)));
      return sum(bits.map((bit, i) => bit * (losses[i] ?? 0))) / sum(bits);
    },
  },
  styles: {
    "a loop": (losses, labels) => {
      let total = 0, count = 0;
      for (let i = 0; i < labels.length; i++) {
        if (labels[i] === -100) continue;
        total += losses[i] ?? 0;
        count++;
      }
      return total / count;
    },
    "by labels that are ids": (losses, labels) => {
      const places = [...Array(losses.length).keys()].filter((i) => (labels[i] ?? -1) >= 0);
      return places.reduce((part, i) => part + (losses[i] ?? 0) / places.length, 0);
    },
  },
});
