import { exercise, type WrongAnswer } from "lib/grade/mod.ts";

type Options = {
  readonly warmupSteps: number;
  readonly decaySteps: number;
  readonly totalSteps: number;
};
type Answer = (options: Options) => (step: number) => number;

/** The schedule with another rise or fall. */
const altered = (
  { rise = (step: number, warmup: number) => (step + 1) / warmup, fall }: {
    readonly rise?: (step: number, warmup: number) => number;
    readonly fall?: (step: number, options: Options) => number;
  },
): WrongAnswer<Answer> =>
(options) =>
(step: number) => {
  const { warmupSteps, decaySteps, totalSteps } = options;
  if (step < warmupSteps) return rise(step, warmupSteps);
  if (fall !== undefined) return fall(step, options);
  return Math.max(0, Math.min(1, (totalSteps - step) / decaySteps));
};

const reference: Answer = ({ warmupSteps, decaySteps, totalSteps }) => (step) =>
  step < warmupSteps
    ? (step + 1) / warmupSteps
    : Math.max(0, Math.min(1, (totalSteps - step) / decaySteps));

/** 5.6: a warm-up, a long plateau at the peak, and a straight fall at the end. */
export default exercise<Answer>({
  name: "warmupStableDecay",
  reference,
  returns: "function",
  cases: {
    "warm-up 4, decay 4, 12 steps": () => [{ warmupSteps: 4, decaySteps: 4, totalSteps: 12 }],
    "warm-up 10, decay 30, 100 steps": () => [{ warmupSteps: 10, decaySteps: 30, totalSteps: 100 }],
    "no warm-up": () => [{ warmupSteps: 0, decaySteps: 5, totalSteps: 10 }],
    "no plateau": () => [{ warmupSteps: 3, decaySteps: 5, totalSteps: 8 }],
    "a decay of one step": () => [{ warmupSteps: 2, decaySteps: 1, totalSteps: 6 }],
  },
  drawn: (random) => {
    const warmupSteps = random.integer(6), decaySteps = 1 + random.integer(8);
    const totalSteps = warmupSteps + decaySteps + random.integer(12);
    return [{ warmupSteps, decaySteps, totalSteps }];
  },
  // Backward too: a schedule is a function of the step, not of how often it was asked.
  read: (schedule, [{ totalSteps }]) => {
    const steps = Array.from({ length: totalSteps + 4 }, (_, step) => step);
    return { forward: steps.map(schedule), backward: steps.toReversed().map(schedule) };
  },
  mistakes: {
    "the calls are counted: the step is the argument, and may be asked for in any order": (
      options,
    ) => {
      let step = -1;
      return () => reference(options)(++step);
    },
    "the warm-up starts from 0, so the first step moves nothing: take (step + 1) / warmupSteps":
      altered({ rise: (step, warmup) => step / warmup }),
    "there is no warm-up": altered({ rise: () => 1 }),
    "there is no fall: the rate stays at the peak": altered({ fall: () => 1 }),
    "the fall begins right after the warm-up: it has only the last decaySteps steps": altered({
      fall: (step, { warmupSteps, totalSteps }) =>
        Math.max(0, (totalSteps - step) / (totalSteps - warmupSteps)),
    }),
    "the fall is off by one: at totalSteps − decaySteps the rate is still at the peak": altered({
      fall: (step, { decaySteps, totalSteps }) =>
        Math.max(0, Math.min(1, (totalSteps - step - 1) / decaySteps)),
    }),
    "after the end the rate goes below 0: it stays at 0": altered({
      fall: (step, { decaySteps, totalSteps }) => Math.min(1, (totalSteps - step) / decaySteps),
    }),
    "before the fall the rate is above 1: it is at most the peak": altered({
      fall: (step, { decaySteps, totalSteps }) => Math.max(0, (totalSteps - step) / decaySteps),
    }),
    "the fall is a cosine: here it is a straight line": altered({
      fall: (step, { decaySteps, totalSteps }) => {
        const left = Math.max(0, Math.min(1, (totalSteps - step) / decaySteps));
        return (1 - Math.cos(Math.PI * left)) / 2;
      },
    }),
    "the rate drops to 0 at once": altered({
      fall: (step, { decaySteps, totalSteps }) => step < totalSteps - decaySteps ? 1 : 0,
    }),
    "decaySteps is taken for the step at which the fall begins: it is how long the fall is":
      altered({
        fall: (step, { decaySteps, totalSteps }) =>
          Math.max(0, Math.min(1, (totalSteps - step) / (totalSteps - decaySteps))),
      }),
  },
  styles: {
    "the lower of two slopes": ({ warmupSteps, decaySteps, totalSteps }) => (step) =>
      Math.max(0, Math.min((step + 1) / warmupSteps, 1, (totalSteps - step) / decaySteps)),
    "three cases": ({ warmupSteps, decaySteps, totalSteps }) => (step) => {
      if (step < warmupSteps) return 1 - (warmupSteps - 1 - step) / warmupSteps;
      const begin = totalSteps - decaySteps;
      if (step <= begin) return 1;
      return step >= totalSteps ? 0 : 1 - (step - begin) / decaySteps;
    },
    "a table": ({ warmupSteps, decaySteps, totalSteps }) => {
      const rises = Array.from({ length: warmupSteps }, (_, i) => (i + 1) / warmupSteps);
      const stays = Array<number>(totalSteps - warmupSteps - decaySteps).fill(1);
      const falls = Array.from({ length: decaySteps }, (_, i) => (decaySteps - i) / decaySteps);
      const table = [...rises, ...stays, ...falls];
      return (step) => table[step] ?? 0;
    },
  },
});
