import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import type { PacingSettings } from "../parts.ts";

type Answer = (step: number, pacing: PacingSettings) => number;

const reference: Answer = (step, { kind, start, steps }) => {
  if (step >= steps) return 1;
  const done = step / steps;
  if (kind === "step") return start;
  if (kind === "linear") return start + (1 - start) * done;
  return Math.sqrt(start ** 2 + (1 - start ** 2) * done);
};

/** The right function with one of its curves replaced, or what holds before the end. */
const altered = (
  curves: Partial<
    Record<PacingSettings["kind"], (done: number, start: number, steps: number) => number>
  >,
): WrongAnswer<Answer> =>
(step, pacing) => {
  const curve = curves[pacing.kind];
  return step >= pacing.steps || curve === undefined
    ? reference(step, pacing)
    : curve(step / pacing.steps, pacing.start, pacing.steps);
};

const PACINGS: readonly PacingSettings[] = (["step", "linear", "root"] as const).flatMap((kind) => [
  { kind, start: 0.2, steps: 100 },
  { kind, start: 0.5, steps: 7 },
]);

const asked = PACINGS.flatMap((pacing) =>
  [0, 1, pacing.steps - 1, pacing.steps, pacing.steps + 1, 5 * pacing.steps].map((step) =>
    [`${pacing.kind} from ${pacing.start} in ${pacing.steps} steps, at step ${step}`, [
      step,
      pacing,
    ]] as const
  )
);

/** 6.1a: how much of the data takes part. */
export default exercise<Answer>({
  name: "pacedShare",
  reference,
  returns: "number",
  cases: {
    ...Object.fromEntries(asked.map(([name, [step, pacing]]) => [name, () => [step, pacing]])),
    "linear from 1": () => [3, { kind: "linear", start: 1, steps: 10 }],
    "root in one step, at step 0": () => [0, { kind: "root", start: 0.3, steps: 1 }],
  },
  drawn: (random) => {
    const kinds = ["step", "linear", "root"] as const, steps = 1 + random.integer(50);
    const kind = kinds[random.integer(3)] ?? "root";
    return [random.integer(2 * steps), { kind, start: 0.05 + 0.9 * random.uniform(), steps }];
  },
  mistakes: {
    "after `steps` steps everybody takes part: the share must not grow beyond 1": [
      (step, { kind, start, steps }) =>
        kind === "step" && step < steps
          ? start
          : kind === "root"
          ? Math.sqrt(start ** 2 + (1 - start ** 2) * step / steps)
          : kind === "step"
          ? 1
          : start + (1 - start) * step / steps,
      (step, { kind, start, steps }) =>
        kind === "linear"
          ? start + (1 - start) * step / steps
          : reference(step, { kind, start, steps }),
    ],
    "the share never reaches 1 by `step`: from step `steps` on, everybody takes part": (step, p) =>
      p.kind === "step" ? p.start : reference(step, p),
    "linear begins at 0: it begins at `start`": altered({ linear: (done) => done }),
    "linear ends at 1 + start: only 1 − start is left to grow": altered({
      linear: (done, start) => Math.min(1, start + done),
    }),
    "root begins at 0: start² stands under the root": altered({ root: (done) => Math.sqrt(done) }),
    "root is not start + (1 − start) · √x: the whole sum stands under the root": altered({
      root: (done, start) => start + (1 - start) * Math.sqrt(done),
    }),
    "under the root stand squares of the start": altered({
      root: (done, start) => Math.sqrt(start + (1 - start) * done),
    }),
    "root is the root of its sum: Math.sqrt is missing": altered({
      root: (done, start) => start ** 2 + (1 - start ** 2) * done,
    }),
    "steps are counted from 0: at step 0 the share is `start`": (step, p) => reference(step + 1, p),
    "the last step is off by one: at step `steps` the share is 1": [
      (step, p) => step === p.steps && p.kind === "step" ? p.start : reference(step, p),
      altered({ linear: (done, start, steps) => start + (1 - start) * done * steps / (steps + 1) }),
    ],
    "`step` is the one that jumps, not the one that grows": altered({
      step: (done, start) => start + (1 - start) * done,
    }),
    "all kinds are linear here: look at `kind`": (step, p) =>
      reference(step, { ...p, kind: "linear" }),
    "linear and root are swapped": (step, p) =>
      reference(step, {
        ...p,
        kind: p.kind === "linear" ? "root" : p.kind === "root" ? "linear" : "step",
      }),
    "start and steps are written as numbers: use those that you are given": [
      (step, p) => reference(step, { ...p, start: 0.2, steps: 100 }),
      (step, p) => reference(step, { ...p, start: 0.2 }),
      (step, p) => reference(step, { ...p, steps: 100 }),
    ],
  },
  styles: {
    "a table of curves": (step, { kind, start, steps }) => {
      const x = Math.min(1, step / steps);
      const curves = {
        step: x < 1 ? start : 1,
        linear: start * (1 - x) + x,
        root: (start * start * (1 - x) + x) ** 0.5,
      };
      return curves[kind];
    },
    "a switch": (step, { kind, start, steps }) => {
      const left = Math.max(0, steps - step) / steps;
      switch (kind) {
        case "step":
          return left > 0 ? start : 1;
        case "linear":
          return 1 - (1 - start) * left;
        default:
          return Math.sqrt(1 - (1 - start ** 2) * left);
      }
    },
  },
});
