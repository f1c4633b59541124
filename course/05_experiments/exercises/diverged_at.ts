import { exercise } from "lib/grade/mod.ts";

type Answer = (losses: readonly number[], rise: number) => number | null;

const reference: Answer = (losses, rise) => {
  let lowest = Infinity;
  for (const [step, loss] of losses.entries()) {
    if (!Number.isFinite(loss) || loss >= lowest + rise) return step;
    lowest = Math.min(lowest, loss);
  }
  return null;
};

/** The search with a number as the lowest loss before the first step. */
const startingAt = (first: number): Answer => (losses, rise) => {
  let lowest = first;
  for (const [step, loss] of losses.entries()) {
    if (!Number.isFinite(loss) || loss >= lowest + rise) return step;
    lowest = Math.min(lowest, loss);
  }
  return null;
};

/** 5.2b: the first step at which a loss has risen too far above its lowest value, or is no number. */
export default exercise<Answer>({
  name: "divergedAt",
  reference,
  returns: "number or null",
  cases: {
    "a loss that falls, then rises": () => [[6.9, 6, 5, 5.5, 6.1, 9], 1],
    "a loss that becomes NaN": () => [[6.9, 5, NaN, NaN], 1],
    "a loss that becomes infinite": () => [[6.9, 5, Infinity], 1],
    "a loss that only falls": () => [[6.9, 6, 5, 4], 1],
    "a bump, not high enough": () => [[6, 5, 5.9, 5, 4.5], 1],
    "a rise in small steps": () => [[5, 5.4, 5.8, 6.2, 6.6], 1],
    "a slow rise": () => [[6, 3, 3.1, 3.2, 3.3, 3.4, 3.5, 3.6, 3.7, 3.8, 3.9, 4.1], 1],
    "a rise by exactly 1": () => [[5, 6], 1],
    "no loss at all": () => [[], 1],
    "a first loss that is NaN": () => [[NaN, 5], 1],
    "a first loss that is infinite": () => [[Infinity, 5], 1],
    "a loss of minus infinity": () => [[6.9, 5, -Infinity, 4], 1],
    "losses above 100": () => [[150, 140, 130], 1],
    "a larger rise, 3": () => [[6.9, 5, 7, 8.5, 4], 3],
  },
  drawn: (random, i) => [
    Array.from({ length: i + 1 }, () => Math.round(60 * random.uniform()) / 10),
    1 + random.integer(3),
  ],
  mistakes: {
    "an infinite loss is no finite number either: Number.isFinite(loss) is false for it and for NaN":
      [
        (losses, rise) => {
          let lowest = Infinity;
          for (const [step, loss] of losses.entries()) {
            if (Number.isNaN(loss) || loss - lowest >= rise) return step;
            lowest = Math.min(lowest, loss);
          }
          return null;
        },
        (losses, rise) => {
          let lowest = Infinity;
          for (const [step, loss] of losses.entries()) {
            if (!(loss < lowest + rise)) return step;
            lowest = Math.min(lowest, loss);
          }
          return null;
        },
      ],
    "the lowest loss begins with a number: a loss can begin above it; begin with Infinity": [
      startingAt(0),
      startingAt(10),
      startingAt(100),
    ],
    "NaN passes every comparison with >=: ask Number.isFinite(loss) first": (losses, rise) => {
      let lowest = Infinity;
      for (const [step, loss] of losses.entries()) {
        if (loss >= lowest + rise) return step;
        lowest = Math.min(lowest, loss);
      }
      return null;
    },
    "the loss is compared with the one before: a rise in small steps goes unseen": (
      losses,
      rise,
    ) => {
      for (const [step, loss] of losses.entries()) {
        if (Number.isNaN(loss) || step > 0 && !(loss < (losses[step - 1] ?? 0) + rise)) return step;
      }
      return null;
    },
    "the loss is compared with the first one: take the lowest so far": (losses, rise) => {
      const step = losses.findIndex((loss) => !(loss < (losses[0] ?? 0) + rise));
      return step === -1 ? null : step;
    },
    "the lowest loss of the whole run: at a step only the losses up to it are known": (
      losses,
      rise,
    ) => {
      const lowest = Math.min(...losses.filter((loss) => !Number.isNaN(loss)));
      const step = losses.findIndex((loss) => !(loss < lowest + rise));
      return step === -1 ? null : step;
    },
    "where nothing diverges the answer is null": (losses, rise) => reference(losses, rise) ?? -1,
    "the answer is the step, not the loss": (losses, rise) => {
      const step = reference(losses, rise);
      return step === null ? null : losses[step];
    },
    "steps are counted from 0": (losses, rise) => {
      const step = reference(losses, rise);
      return step === null ? null : step + 1;
    },
    "the rise is written in: use the argument": (losses) => reference(losses, 1),
    "a rise of exactly that size counts: at or above": (losses, rise) => {
      let lowest = Infinity;
      for (const [step, loss] of losses.entries()) {
        if (!(loss <= lowest + rise)) return step;
        lowest = Math.min(lowest, loss);
      }
      return null;
    },
    "the loop goes on: the first such step counts, not the last": (losses, rise) => {
      let lowest = Infinity, found: number | null = null;
      for (const [step, loss] of losses.entries()) {
        if (!(loss < lowest + rise)) found = step;
        else lowest = Math.min(lowest, loss);
      }
      return found;
    },
  },
  styles: {
    "the lowest so far anew for each step": (losses, rise) => {
      const step = losses.findIndex((loss, i) =>
        !(loss > -Infinity && loss < Math.min(Infinity, ...losses.slice(0, i)) + rise)
      );
      return step < 0 ? null : step;
    },
    "a plain loop": (losses, rise) => {
      let best = Number.POSITIVE_INFINITY, step = 0;
      while (step < losses.length) {
        const loss = losses[step] ?? NaN;
        if (!Number.isFinite(loss) || loss - best >= rise) return step;
        if (loss < best) best = loss;
        step += 1;
      }
      return null;
    },
  },
});
