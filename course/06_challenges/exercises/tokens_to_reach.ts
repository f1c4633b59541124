import { exercise, limitedList, type WrongAnswer } from "lib/grade/mod.ts";
import type { GapPoint } from "../parts.ts";

type Answer = (points: readonly GapPoint[], goal: number) => number;

const between = (before: GapPoint, point: GapPoint, goal: number) =>
  before.tokens +
  (before.gap - goal) / (before.gap - point.gap) * (point.tokens - before.tokens);

/** The right answer with some parts replaced. */
const altered = (
  {
    place = (points, goal) => points.findIndex(({ gap }) => gap <= goal),
    line = between,
    never = Infinity,
  }: {
    readonly place?: (points: readonly GapPoint[], goal: number) => number;
    readonly line?: (before: GapPoint, point: GapPoint, goal: number) => number;
    readonly never?: number;
  },
) =>
(points: readonly GapPoint[], goal: number): number => {
  const found = place(points, goal), point = points[found], before = points[found - 1];
  if (point === undefined) return never;
  return before === undefined ? point.tokens : line(before, point, goal);
};
const reference: Answer = altered({});

const run = (...gaps: number[]) =>
  limitedList(gaps.map((gap, i): GapPoint => ({ tokens: 1000 * i, gap })), 10_000, "a validation");

const wrong = (change: Parameters<typeof altered>[0]): WrongAnswer<Answer> => altered(change);

/** 6.1d: how long a run takes to come close to the oracle. */
export default exercise<Answer>({
  name: "tokensToReach",
  reference,
  returns: "number",
  cases: {
    "gaps 4, 0.2, 0.1, 0.02 and a goal of 0.05": () => [run(4, 0.2, 0.1, 0.02), 0.05],
    "gaps 4, 2, 1 and a goal of 1.5": () => [run(4, 2, 1), 1.5],
    "a goal that a validation meets exactly": () => [run(4, 2, 1, 0.5), 1],
    "a run that meets it with its last validation": () => [run(4, 2, 1), 1],
    "a run that gets worse again": () => [run(4, 0.3, 0.2, 0.5, 0.1), 0.25],
    "validations that stand apart unevenly": () => [
      [{ tokens: 0, gap: 4 }, { tokens: 90, gap: 0.5 }, { tokens: 1000, gap: 0.1 }],
      0.2,
    ],
    "a run that never gets there": () => [run(4, 3, 2), 0.05],
    "a run that is there from the start": () => [[{ tokens: 500, gap: 0.01 }], 0.05],
    "a run whose gap falls below 0": () => [run(1, 0.1, -0.1), 0],
    "a run without a validation": () => [[], 0.05],
  },
  drawn: (random) => {
    let tokens = 0, gap = 4;
    const points = Array.from({ length: random.integer(7) }, () => {
      tokens += 1 + random.integer(100);
      gap *= 0.4 + 0.8 * random.uniform();
      return { tokens, gap };
    });
    return [points, 4 * random.uniform()];
  },
  mistakes: {
    "that is the validation after it: go back on the straight line to where the goal was met":
      wrong({
        line: (_, point) => point.tokens,
      }),
    "that is the validation before it: the goal was met on the way to the next one": wrong({
      line: (before) => before.tokens,
    }),
    "halfway between two validations is a guess: take the straight line between them": wrong({
      line: (before, point) => (before.tokens + point.tokens) / 2,
    }),
    "the line is turned around: at the gap of the earlier validation it stands at its tokens":
      wrong({
        line: (before, point, goal) =>
          between({ ...before, gap: point.gap }, { ...point, gap: before.gap }, goal),
      }),
    "the share is of the whole run: add it to the tokens of the earlier validation": wrong({
      line: (before, point, goal) => (before.gap - goal) / (before.gap - point.gap) * point.tokens,
    }),
    "the earlier validation is left out: add its tokens": wrong({
      line: (before, point, goal) =>
        (before.gap - goal) / (before.gap - point.gap) * (point.tokens - before.tokens),
    }),
    "a run that never gets there takes Infinity, no end of it": [
      wrong({ never: NaN }),
      wrong({ never: -1 }),
      wrong({ never: 0 }),
      (points, goal) => altered({ never: points.at(-1)?.tokens ?? Infinity })(points, goal),
      (points, goal) => {
        const value = reference(points, goal);
        return value === Infinity ? undefined : value;
      },
    ],
    "a gap equal to the goal has reached it: <=": wrong({
      place: (points, goal) => points.findIndex(({ gap }) => gap < goal),
    }),
    "that is the last time the goal was met: the first one counts": wrong({
      place: (points, goal) =>
        points.findLastIndex(({ gap }, i) =>
          gap <= goal && (points[i - 1]?.gap ?? Infinity) > goal
        ),
    }),
    "the goal is written as a number: use `goal`": (points) => reference(points, 0.05),
    "that is the lowest gap: the first one within the goal counts": wrong({
      place: (points, goal) => {
        const gaps = points.map(({ gap }) => gap), low = Math.min(...gaps);
        return low <= goal ? gaps.indexOf(low) : -1;
      },
    }),
    "that is a number of the validation: asked for are tokens": (points, goal) => {
      const place = points.findIndex(({ gap }) => gap <= goal);
      return place === -1 ? Infinity : place;
    },
    "a run that is there from the start has no validation before: take its own tokens": (
      points,
      goal,
    ) => {
      const place = points.findIndex(({ gap }) => gap <= goal);
      return place === 0 ? 0 : reference(points, goal);
    },
  },
  styles: {
    "a loop over pairs": (points, goal) => {
      let before: GapPoint | undefined;
      for (const point of points) {
        if (point.gap > goal) {
          before = point;
          continue;
        }
        if (before === undefined) return point.tokens;
        const slope = (point.tokens - before.tokens) / (point.gap - before.gap);
        return before.tokens + slope * (goal - before.gap);
      }
      return Infinity;
    },
    "a weighted mean": (points, goal) => {
      const after = points.findIndex(({ gap }) => !(gap > goal));
      if (after < 0) return Number.POSITIVE_INFINITY;
      if (after === 0) return points[0]?.tokens ?? NaN;
      const [a, b] = points.slice(after - 1, after + 1);
      if (a === undefined || b === undefined) return NaN;
      const weight = (goal - b.gap) / (a.gap - b.gap);
      return weight * a.tokens + (1 - weight) * b.tokens;
    },
  },
});
