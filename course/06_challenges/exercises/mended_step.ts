import { callLimit, exercise, type WrongAnswer } from "lib/grade/mod.ts";
import type { ScaledParts, Scaler, SmallState } from "../parts.ts";

type Answer = (state: SmallState, parts: ScaledParts) => SmallState;

/** The mistakes of the notebook's step, each by what its log shows. */
const BUGS = {
  clip:
    "the weights hardly move: is the gradient clipped before or after it has its own size again?",
  gate: "the moments become NaN: what may an infinite gradient touch?",
  count: "skipped steps count as updates: bias correction and schedule run ahead of the weights",
} as const;
type Bug = keyof typeof BUGS;

const clipped = (gradient: readonly number[], maxNorm: number) => {
  const norm = Math.hypot(...gradient);
  return gradient.map((one) => one * Math.min(1, maxNorm / norm));
};

/** What differs from the right step, besides the mistakes of the notebook. */
interface Way {
  readonly bugs?: readonly Bug[];
  readonly isGood?: (gradient: readonly number[]) => boolean;
  readonly own?: (gradient: readonly number[], scale: number) => readonly number[];
  readonly clip?: (gradient: readonly number[], maxNorm: number) => readonly number[];
  readonly after?: (next: SmallState, before: SmallState) => object;
}

const step = (way: Way): Answer => (state, parts) => {
  const { gradient, maxNorm, update, nextScale } = parts, { scale } = state.scaler;
  const { bugs = [], clip = clipped } = way;
  const isGood = way.isGood?.(gradient) ?? gradient.every(Number.isFinite);
  const first = bugs.includes("clip") ? clip(gradient, maxNorm) : gradient;
  const own = way.own?.(first, scale) ?? first.map((one) => one / scale);
  const moves = isGood || bugs.includes("gate");
  const short = bugs.includes("clip") ? own : clip(own, maxNorm);
  const { weights, moments } = moves ? update(state, short) : state;
  const next: SmallState = {
    weights: isGood ? weights : state.weights,
    moments,
    step: state.step + (isGood || bugs.includes("count") ? 1 : 0),
    scaler: nextScale(state.scaler, isGood),
  };
  return { ...next, ...way.after?.(next, state) };
};

const wrong = (way: Way): WrongAnswer<Answer> => step(way);

const SUBSETS: readonly (readonly Bug[])[] = [
  ["clip", "gate", "count"],
  ["clip", "gate"],
  ["clip", "count"],
  ["gate", "count"],
  ["clip"],
  ["gate"],
  ["count"],
];

const start: SmallState = {
  weights: [1, -2, 0.5],
  moments: [0.1, 0, -0.1],
  step: 4,
  scaler: { scale: 1024, goodSteps: 2, skipped: 1 },
};

/** It doubles after three good steps in a row. */
const nextScale = ({ scale, goodSteps, skipped }: Scaler, isFinite: boolean): Scaler =>
  isFinite
    ? goodSteps === 2
      ? { scale: 2 * scale, goodSteps: 0, skipped }
      : { scale, goodSteps: goodSteps + 1, skipped }
    : { scale: scale / 2, goodSteps: 0, skipped: skipped + 1 };

/** Parts that end a loop without end; the optimizer's means depend on the step. */
function partsOf(gradient: readonly number[], maxNorm = 10): ScaledParts {
  const count = callLimit(50, "an update");
  return {
    gradient,
    maxNorm,
    update({ weights, moments, step }, own) {
      count();
      const means = moments.map((mean, i) => 0.9 * mean + 0.1 * (own[i] ?? NaN));
      const rate = 0.1 / (1 + step);
      return { moments: means, weights: weights.map((one, i) => one - rate * (means[i] ?? NaN)) };
    },
    nextScale,
  };
}

/** Some steps in a row. */
const run = (...gradients: (readonly number[])[]) => (answer: Answer) => {
  const states: SmallState[] = [];
  let state = start;
  for (const gradient of gradients) states.push(state = answer(state, partsOf(gradient)));
  return states;
};

/** 6.2c: a step that skips an overflow; the broken one of the notebook, mended. */
export default exercise<Answer>({
  name: "mendedStep",
  reference: step({}),
  returns: {
    weights: "numbers",
    moments: "numbers",
    step: "number",
    scaler: { scale: "number", goodSteps: "number", skipped: "number" },
  },
  cases: {
    "a good gradient": () => [start, partsOf([1024, -2048, 512])],
    "a gradient longer than maxNorm 1": () => [start, partsOf([4096, 0, -3072], 1)],
    "a gradient that is shorter than maxNorm by itself": () => [start, partsOf([102.4, 0, 0], 1)],
    "no clipping, maxNorm Infinity": () => [start, partsOf([1024, -2048, 512], Infinity)],
    "an infinite gradient": () => [start, partsOf([1024, Infinity, 512])],
    "-Infinity": () => [start, partsOf([-Infinity, 1, 1])],
    "NaN": () => [start, partsOf([1024, 2048, NaN])],
    "another scale": () => [
      { ...start, scaler: { scale: 8, goodSteps: 0, skipped: 0 } },
      partsOf([8, -16, 4]),
    ],
    "a gradient of 0": () => [start, partsOf([1e-300, 0, 0])],
  },
  drawn: (random) => {
    const gradient = start.weights.map(() =>
      random.integer(8) === 0 ? Infinity : 3000 * random.normal()
    );
    return [start, partsOf(gradient, 0.5 + 3 * random.uniform())];
  },
  probes: {
    "good, bad, bad, good": run([900, 100, 10], [Infinity, 1, 1], [NaN, 1, 1], [300, 200, 100]),
  },
  mistakes: {
    ...Object.fromEntries(
      SUBSETS.map((bugs) => [
        `${bugs.length} of 3 mistakes ${bugs.length === 1 ? "is" : "are"} left in it; ` +
        bugs.map((bug) => BUGS[bug]).join(" And: "),
        wrong({ bugs }),
      ]),
    ),
    "the gradient still has the size of the scaled loss: divide it by the scale": wrong({
      own: (gradient) => gradient,
    }),
    "the gradient is multiplied with the scale: divide by it": wrong({
      own: (gradient, scale) => gradient.map((one) => one * scale),
    }),
    "this divides by the scale of the next step: the gradient was made with state.scaler.scale": (
      state,
      parts,
    ) => {
      const { scale } = parts.nextScale(state.scaler, true);
      return step({ own: (gradient) => gradient.map((one) => one / scale) })(state, parts);
    },
    "the scale is written as a number: use state.scaler.scale": wrong({
      own: (gradient) => gradient.map((one) => one / 65_536),
    }),
    "NaN is no finite number either: ask Number.isFinite of each": [
      wrong({
        isGood: (gradient) => !gradient.includes(Infinity) && !gradient.includes(-Infinity),
      }),
      wrong({ isGood: (gradient) => gradient.every((one) => Math.abs(one) !== Infinity) }),
    ],
    "-Infinity is no finite number either: ask Number.isFinite of each": wrong({
      isGood: (gradient) => gradient.every((one) => one < Infinity),
    }),
    "one bad number spoils the step: ask all of them, not some or the first": [
      wrong({ isGood: (gradient) => gradient.some(Number.isFinite) }),
      wrong({ isGood: ([first = NaN]) => Number.isFinite(first) }),
    ],
    "the scale has to move on after each step: nextScale(scaler, isFinite)": wrong({
      after: (_, { scaler }) => ({ scaler }),
    }),
    "nextScale is told the opposite": wrong({
      after: (next, { scaler }) => ({
        scaler: nextScale(scaler, next.scaler.skipped > scaler.skipped),
      }),
    }),
    "nextScale is told that every step is good": wrong({
      after: (_, { scaler }) => ({ scaler: nextScale(scaler, true) }),
    }),
    "nothing is clipped any more: maxNorm, after dividing by the scale": wrong({
      clip: (gradient) => gradient,
    }),
    "every gradient is made as long as maxNorm: a short one stays as it is": wrong({
      clip: (gradient, maxNorm) => gradient.map((one) => one * maxNorm / Math.hypot(...gradient)),
    }),
    "each number is clipped by itself: the whole gradient is made shorter": wrong({
      clip: (gradient, maxNorm) =>
        gradient.map((one) => Math.max(-maxNorm, Math.min(maxNorm, one))),
    }),
    "no step is counted": wrong({ after: (_, { step }) => ({ step }) }),
    "the state before the step is given back": wrong({ after: (_, before) => before }),
  },
  styles: {
    "return early": (state, { gradient, maxNorm, update, nextScale: grow }) => {
      const own = gradient.map((one) => one / state.scaler.scale);
      if (!own.every((one) => Number.isFinite(one))) {
        return { ...state, scaler: grow(state.scaler, false) };
      }
      const norm = Math.sqrt(own.reduce((sum, one) => sum + one * one, 0));
      const factor = norm > maxNorm ? maxNorm / norm : 1;
      const moved = update(state, own.map((one) => factor * one));
      return { ...moved, step: state.step + 1, scaler: grow(state.scaler, true) };
    },
    "the length tells": (state, parts) => {
      const { weights, moments, scaler, step: made } = state;
      const squares = parts.gradient.map((one) => (one / scaler.scale) ** 2);
      const norm = Math.sqrt(squares.reduce((sum, one) => sum + one, 0));
      const isGood = norm < Infinity, share = Math.min(parts.maxNorm / norm, 1) / scaler.scale;
      const next = isGood
        ? parts.update({ weights, moments, step: made }, parts.gradient.map((one) => share * one))
        : { weights, moments };
      return {
        weights: next.weights,
        moments: next.moments,
        step: isGood ? made + 1 : made,
        scaler: parts.nextScale(scaler, isGood),
      };
    },
  },
});
