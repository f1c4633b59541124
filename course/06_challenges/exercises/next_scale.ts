import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import type { Scaler } from "../parts.ts";

type Answer = (scaler: Scaler, isFinite: boolean, growthSteps: number) => Scaler;

const reference: Answer = ({ scale, goodSteps, skipped }, isFinite, growthSteps) => {
  if (!isFinite) return { scale: scale / 2, goodSteps: 0, skipped: skipped + 1 };
  return goodSteps + 1 < growthSteps
    ? { scale, goodSteps: goodSteps + 1, skipped }
    : { scale: scale * 2, goodSteps: 0, skipped };
};

/** The right scaler with what it gives changed. */
const altered = (
  change: (
    next: Scaler,
    before: Scaler,
    step: { isFinite: boolean; growthSteps: number },
  ) => object,
): WrongAnswer<Answer> =>
(before, isFinite, growthSteps) => {
  const next = reference(before, isFinite, growthSteps);
  return { ...next, ...change(next, before, { isFinite, growthSteps }) };
};

const start: Scaler = { scale: 65_536, goodSteps: 0, skipped: 0 };

/** A story of good (+) and bad (-) steps. */
const story = (signs: string, growthSteps: number) => (answer: Answer) => {
  const states: Scaler[] = [];
  let scaler = start;
  for (const sign of signs) states.push(scaler = { ...answer(scaler, sign === "+", growthSteps) });
  return states;
};

/** 6.2b: the scale after a step. */
export default exercise<Answer>({
  name: "nextScale",
  reference,
  returns: { scale: "number", goodSteps: "number", skipped: "number" },
  cases: {
    "a good step": () => [start, true, 2000],
    "a bad step": () => [{ ...start, goodSteps: 12, skipped: 3 }, false, 2000],
    "the 2,000th good step": () => [{ ...start, goodSteps: 1999, skipped: 1 }, true, 2000],
    "the 1,999th good step": () => [{ ...start, goodSteps: 1998, skipped: 1 }, true, 2000],
    "growth after each good step": () => [start, true, 1],
    "a bad step at a scale of 1": () => [{ scale: 1, goodSteps: 5, skipped: 0 }, false, 3],
  },
  drawn: (random) => {
    const growthSteps = 1 + random.integer(5), scale = 2 ** random.integer(20);
    const before = { scale, goodSteps: random.integer(growthSteps), skipped: random.integer(4) };
    return [before, random.integer(3) > 0, growthSteps];
  },
  probes: {
    "++-+++, growth after 3": story("++-+++", 3),
    "---++++--++, growth after 2": story("---++++--++", 2),
  },
  mistakes: {
    "a bad step halves the scale": [
      altered((_, before, { isFinite }) => isFinite ? {} : { scale: before.scale }),
      altered((_, before, { isFinite }) => isFinite ? {} : { scale: before.scale * 2 }),
      altered((_, before, { isFinite }) => isFinite ? {} : { scale: before.scale - 2 }),
    ],
    "good steps are counted in a row: a bad one sets them back to 0": altered(
      (_, before, { isFinite }) => isFinite ? {} : { goodSteps: before.goodSteps },
    ),
    "after growing, the count of good steps begins again at 0": [
      altered((next, before) =>
        next.scale > before.scale ? { goodSteps: before.goodSteps + 1 } : {}
      ),
      altered((next, before) => next.scale > before.scale ? { goodSteps: 1 } : {}),
    ],
    "it grows one step late: this good step counts too": altered((_, before, step) =>
      !step.isFinite
        ? {}
        : before.goodSteps < step.growthSteps
        ? { scale: before.scale, goodSteps: before.goodSteps + 1 }
        : { scale: before.scale * 2, goodSteps: 0 }
    ),
    "it grows one step early": altered((_, before, step) =>
      !step.isFinite
        ? {}
        : before.goodSteps + 2 < step.growthSteps
        ? { scale: before.scale, goodSteps: before.goodSteps + 1 }
        : { scale: before.scale * 2, goodSteps: 0 }
    ),
    "skipped steps are counted: one more after a bad step": [
      altered((_, before) => ({ skipped: before.skipped })),
      altered((_, { skipped }) => ({ skipped: skipped + 1 })),
      altered((_, { skipped }, { isFinite }) => ({ skipped: isFinite ? 0 : skipped + 1 })),
      altered((_, { skipped }, { isFinite }) => ({ skipped: isFinite ? skipped + 1 : skipped })),
    ],
    "the scale never grows again": altered((_, before, { isFinite }) =>
      isFinite ? { scale: before.scale } : {}
    ),
    "it grows in every good step: only after growthSteps of them": (before, isFinite) =>
      reference(before, isFinite, 1),
    "growthSteps is written as a number: use the one that you are given": (before, isFinite) =>
      reference(before, isFinite, 2000),
    "good and bad are swapped": (before, isFinite, growthSteps) =>
      reference(before, !isFinite, growthSteps),
    "a bad step is no reason for a scale below 1 to be kept: halve it in any case": altered(
      (next) => ({ scale: Math.max(1, next.scale) }),
    ),
    "it grows by 1: the factor is 2": altered((next, before) =>
      next.scale > before.scale ? { scale: before.scale + 1 } : {}
    ),
  },
  styles: {
    "a copy that is changed": (before, isFinite, growthSteps) => {
      const next = { ...before };
      if (isFinite) next.goodSteps += 1;
      else {
        next.scale *= 0.5;
        next.goodSteps = 0;
        next.skipped += 1;
      }
      if (next.goodSteps === growthSteps) {
        next.scale *= 2;
        next.goodSteps = 0;
      }
      return next;
    },
    "member by member": (before, isFinite, growthSteps) => {
      const good = isFinite ? (before.goodSteps + 1) % growthSteps : 0;
      const factor = !isFinite ? 0.5 : good === 0 ? 2 : 1;
      const skipped = before.skipped + (isFinite ? 0 : 1);
      return { skipped, goodSteps: good, scale: factor * before.scale };
    },
  },
});
