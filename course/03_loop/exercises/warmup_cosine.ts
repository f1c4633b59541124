import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import { warmupCosine } from "lib/schedule/mod.ts";

type Answer = typeof warmupCosine;

/** A whole curve from what it is during the warm-up, and after it. */
interface Curve {
  readonly warm?: (step: number, warmupSteps: number) => number;
  readonly done?: (step: number, warmupSteps: number, totalSteps: number) => number;
  readonly share?: (done: number) => number;
}

/** From 1 down to 0 along half a cosine. */
const half = (done: number) => (1 + Math.cos(Math.PI * done)) / 2;

/** The right schedule with some parts replaced. */
function altered(
  { warm, done, share = half }: Curve,
  change: { readonly end?: number; readonly isEndless?: boolean } = {},
): WrongAnswer<Answer> {
  return ({ warmupSteps: warmup, totalSteps, end: given = 0 }) => {
    const end = change.end ?? given, last = change.isEndless ? Infinity : 1;
    return (step: number) => {
      if (step < warmup) return warm?.(step, warmup) ?? (step + 1) / warmup;
      const position = done?.(step, warmup, totalSteps) ?? (step - warmup) / (totalSteps - warmup);
      return end + (1 - end) * share(Math.min(last, position));
    };
  };
}

/** The cosine runs from step 0; the warm-up is a factor of it, or is left out. */
const falling =
  (hasWarmup: boolean): WrongAnswer<Answer> =>
  ({ warmupSteps, totalSteps, end = 0 }) =>
  (step: number) => {
    const curve = end + (1 - end) * half(Math.min(1, step / totalSteps));
    return hasWarmup && step < warmupSteps ? (step + 1) / warmupSteps * curve : curve;
  };

/** The share at each step, past the end; asked from the last to the first: a schedule keeps no count. */
const everyStep = (schedule: (step: number) => number, [{ totalSteps }]: Parameters<Answer>) =>
  Array.from({ length: totalSteps + 4 }, (_, i) => totalSteps + 3 - i).map(schedule).toReversed();

const FROM_ZERO =
  "the warm-up starts from 0, so the first step moves nothing: take (step + 1) / warmupSteps";
const OFF_BY_ONE =
  "the warm-up is off by one: its last step, warmupSteps − 1, is the first at the peak";
const NOT_AT_PEAK =
  "the cosine does not start at the peak: count its steps from the end of the warm-up";

/** 3.4: a warm-up to the peak, then half a cosine down to the end. */
export default exercise<Answer>({
  name: "warmupCosine",
  reference: warmupCosine,
  returns: "function",
  cases: {
    "warmupSteps 4, totalSteps 12": () => [{ warmupSteps: 4, totalSteps: 12 }],
    "warmupSteps 10, totalSteps 110, end 0.1": () => [
      { warmupSteps: 10, totalSteps: 110, end: 0.1 },
    ],
    "no warm-up, totalSteps 8": () => [{ warmupSteps: 0, totalSteps: 8, end: 0 }],
    "one step of each": () => [{ warmupSteps: 1, totalSteps: 2, end: 0.5 }],
  },
  drawn: (random) => {
    const warmupSteps = random.integer(20);
    return [{
      warmupSteps,
      totalSteps: warmupSteps + 1 + random.integer(40),
      end: random.uniform(),
    }];
  },
  read: everyStep,
  mistakes: {
    "the inner function returns nothing: is a `return` missing?": () => () => undefined,
    [FROM_ZERO]: altered({ warm: (step, warmup) => step / warmup }),
    [OFF_BY_ONE]: [
      altered({ warm: (step, warmup) => (step + 1) / (warmup + 1) }),
      altered({ warm: (step, warmup) => (step + 2) / (warmup + 1) }),
    ],
    "there is no warm-up: the rate is at the peak from the start": altered({ warm: () => 1 }),
    "the cosine already falls during the warm-up": [falling(true), falling(false)],
    "this divides by 0: a warm-up of 0 steps is allowed":
      ({ warmupSteps, totalSteps, end = 0 }) => (step: number) => {
        const rise = Math.min(1, (step + 1) / warmupSteps) * (warmupSteps === 0 ? NaN : 1);
        const done = Math.min(1, Math.max(0, (step - warmupSteps) / (totalSteps - warmupSteps)));
        return rise * (end + (1 - end) * half(done));
      },
    [NOT_AT_PEAK]: altered({ done: (step, _, total) => step / total }),
    "the cosine does not reach the end: it has totalSteps − warmupSteps steps": altered({
      done: (step, warmup, total) => (step - warmup) / total,
    }),
    "the cosine is off by one: the first step after the warm-up is still at the peak": altered({
      done: (step, warmup, total) => (step + 1 - warmup) / (total - warmup),
    }),
    "this falls in a straight line": altered({ share: (done) => 1 - done }),
    "a whole cosine: it falls to −1 and half of it is below `end`": altered({
      share: (done) => Math.cos(Math.PI * done),
    }),
    "`end` is not used: it is the lowest share, reached at totalSteps": altered({}, { end: 0 }),
    "after the end the rate must stay at `end`, not rise again": altered({}, { isEndless: true }),
  },
  styles: {
    "a cosine of the angle": ({ warmupSteps, totalSteps, end = 0 }) => (step) => {
      const angle = Math.min(Math.PI, Math.PI * (step - warmupSteps) / (totalSteps - warmupSteps));
      return step >= warmupSteps
        ? (1 + end) / 2 + (1 - end) / 2 * Math.cos(angle)
        : (1 + step) / warmupSteps;
    },
    "a table of all steps": ({ warmupSteps, totalSteps, end = 0 }) => {
      const shares = Array.from({ length: totalSteps }, (_, step) => {
        if (step < warmupSteps) return (step + 1) / warmupSteps;
        const squared = Math.cos(Math.PI / 2 * (step - warmupSteps) / (totalSteps - warmupSteps)) **
          2;
        return end + (1 - end) * squared;
      });
      return (step) => shares[step] ?? end;
    },
  },
});
