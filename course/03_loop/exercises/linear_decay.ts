import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import { type DecayOptions, linearDecay } from "lib/schedule/mod.ts";

type Answer = typeof linearDecay;

/** From the step to the share, by a formula. */
const by = (
  formula: (step: number, steps: number, end: number) => number,
): WrongAnswer<Answer> =>
({ steps, end = 0 }) =>
(step: number) => formula(step, steps, end);

/** The share at each step, past the end; asked from the last to the first: a schedule keeps no count. */
const everyStep = (schedule: (step: number) => number, [{ steps }]: [DecayOptions]) =>
  Array.from({ length: steps + 4 }, (_, i) => steps + 3 - i).map(schedule).toReversed();

/** 3.4a: a straight line from the peak to the end. */
export default exercise<Answer>({
  name: "linearDecay",
  reference: linearDecay,
  returns: "function",
  cases: {
    "10 steps": () => [{ steps: 10 }],
    "4 steps, end 0.1": () => [{ steps: 4, end: 0.1 }],
    "one step": () => [{ steps: 1, end: 0.5 }],
    "7 steps, end 1": () => [{ steps: 7, end: 1 }],
    "3 steps, end 0": () => [{ steps: 3, end: 0 }],
  },
  drawn: (random) => [{ steps: 1 + random.integer(30), end: random.uniform() }],
  read: everyStep,
  mistakes: {
    "the inner function returns nothing: is a `return` missing?": () => () => undefined,
    "after `steps` the share must stay at `end`: Math.min(1, step / steps)": by((
      step,
      steps,
      end,
    ) => 1 - (1 - end) * step / steps),
    "this rises: the share is 1 at step 0 and `end` at the end": [
      by((step, steps, end) => end + (1 - end) * Math.min(1, step / steps)),
      by((step, steps) => Math.min(1, step / steps)),
    ],
    "`end` is not used: it is the share from step `steps` on": by((step, steps) =>
      1 - Math.min(1, step / steps)
    ),
    "the line falls to 0 and is cut off at `end`: it must reach `end` at step `steps`": by((
      step,
      steps,
      end,
    ) => Math.max(end, 1 - step / steps)),
    "the line falls by the whole 1 and `end` is added: it falls by 1 − end": by((
      step,
      steps,
      end,
    ) => 1 - Math.min(1, step / steps) + end),
    "the line begins one step too late: at step 0 the share is 1, at step 1 it is lower": by((
      step,
      steps,
      end,
    ) => 1 - (1 - end) * Math.min(1, Math.max(0, step - 1) / steps)),
    "the line begins one step too early: at step 0 the share is 1": by((step, steps, end) =>
      1 - (1 - end) * Math.min(1, (step + 1) / steps)
    ),
    "the line is one step too short: `end` is reached at step `steps`, not one before": by((
      step,
      steps,
      end,
    ) => 1 - (1 - end) * Math.min(1, steps === 1 ? step : step / (steps - 1))),
    "after `steps` the share is 0: it must stay at `end`": by((step, steps, end) =>
      step > steps ? 0 : 1 - (1 - end) * step / steps
    ),
    "the schedule does not use the step: return a function of it": by(() => 1),
  },
  styles: {
    "between two ends": ({ steps, end = 0 }) => (step) => {
      const done = step >= steps ? 1 : step / steps;
      return (1 - done) * 1 + done * end;
    },
    "a table": ({ steps, end }) => {
      const low = end ?? 0;
      const table = Array.from({ length: steps }, (_, i) => low + (steps - i) * (1 - low) / steps);
      return (step) => table[step] ?? low;
    },
  },
});
