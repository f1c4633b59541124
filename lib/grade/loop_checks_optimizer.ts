import * as tf from "@tensorflow/tfjs";
import { modelConfig, paramShapes } from "lib/model/mod.ts";
import {
  adamw as reference,
  applyUpdates,
  isDecayed as isDecayedReference,
  scalarTensors,
  type Transform,
} from "lib/optimizer/mod.ts";
import { warmupCosine as scheduleReference } from "lib/schedule/mod.ts";
import { param, type Params } from "lib/tensor/mod.ts";
import { isNear, normalNumbers, numbersOf } from "./_loop_cases.ts";
import { check, expectClose, expectThat, type Mistake } from "./check.ts";

/** A student's answer to whether a parameter decays. */
export type IsDecayed = (name: string, shape: readonly number[]) => boolean;

/**
 * Checks exercise 3.3c, which parameters decay: the weights of linear layers and nothing else.
 *
 * @param isDecayed The student's function.
 * @throws {CheckError} If it is wrong about a parameter of a model.
 *
 * @example
 * ```ts
 * import { checkIsDecayed } from "lib/grade/mod.ts";
 * import { isDecayed } from "lib/optimizer/mod.ts";
 *
 * await checkIsDecayed(isDecayed);
 * ```
 */
export async function checkIsDecayed(isDecayed: IsDecayed): Promise<void> {
  await check("isDecayed", () => {
    // An untied head, so that every kind of parameter is there.
    const shapes = paramShapes(modelConfig({ layers: 2, tiedHead: false }));
    for (const [name, shape] of Object.entries(shapes)) {
      const got: unknown = isDecayed(name, shape), expected = isDecayedReference(name, shape);
      expectThat(
        got === expected,
        `expected ${expected} for ${name} [${shape.join(", ")}], got ${got}`,
        [
          { when: typeof got !== "boolean", says: "the answer is true or false" },
          {
            when: name.endsWith(".bias"),
            says: "biases must not decay: they have no size to keep",
          },
          {
            when: /norm/i.test(name),
            says: "layer norms must not decay: their gains stand around 1, and decay pulls to 0",
          },
          {
            when: /Embedding/.test(name),
            says:
              "embeddings must not decay: the rows of rare tokens would fade between two sights",
          },
          { when: expected, says: "the weights of linear layers are what decay is for" },
        ],
      );
    }
  });
}

/** A student's optimizer: from the peak rate, schedule and decay to a transform. */
export type Adamw = (
  peak: number,
  options?: { readonly schedule?: (step: number) => number; readonly weightDecay?: number },
) => Transform;

/** Ten float32 steps may part in the last digits; a mistake shows in the first. */
const TEN_STEPS_TOLERANCE = 1e-4;
const SHAPES = {
  "tokenEmbedding.weight": [3, 2],
  "blocks.0.attention.qkv.weight": [2, 6],
  "blocks.0.attention.qkv.bias": [6],
  "finalNorm.weight": [2],
};

/**
 * Checks exercise 3.3d, AdamW put together: ten steps with schedule and decay, as the library's.
 *
 * @param adamw The student's function.
 * @throws {CheckError} If the weights differ after some step; the parameter is named.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { checkAdamw } from "lib/grade/mod.ts";
 * import { adamw } from "lib/optimizer/mod.ts";
 *
 * await useBackend();
 * await checkAdamw(adamw);
 * ```
 */
export async function checkAdamw(adamw: Adamw): Promise<void> {
  await check("adamw", () =>
    tf.tidy(() => {
      const rates: Rates = { schedule: (step) => 1 / (step + 1), weightDecay: 2 };
      const own = tenSteps(adamw(0.05, rates)), right = tenSteps(reference(0.05, rates));
      for (const [step, expected] of right.entries()) {
        for (const [name, weights] of Object.entries(expected)) {
          const got = param(own[step] ?? {}, name);
          expectClose(got, weights, {
            what: `${name} after ${step + 1} steps`,
            tolerance: TEN_STEPS_TOLERANCE,
            mistakes: adamwMistakes(adamw, rates, { step, name, values: numbersOf(got) }),
          });
        }
      }
    }));
}

type Rates = { readonly schedule: (step: number) => number; readonly weightDecay: number };

function tenSteps(transform: Transform): Params[] {
  let params: Params = Object.fromEntries(
    Object.entries(SHAPES).map(([name, shape], i) => [name, normal(shape, i)]),
  );
  let state = transform.init(params);
  return Array.from({ length: 10 }, (_, step) => {
    const gradients = Object.fromEntries(
      Object.entries(SHAPES).map(([name, shape], i) => [name, normal(shape, 100 * step + i + 50)]),
    );
    const scalars = scalarTensors(transform.scalars(step));
    const next = transform.update(gradients, state, params, scalars);
    params = applyUpdates(params, next.updates);
    state = next.state;
    return params;
  });
}

function normal(shape: readonly number[], seed: number): tf.Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return tf.tensor(normalNumbers(size, seed), [...shape]);
}

/** A parameter's values after a step, as numbers: its tensor is gone when a mistake is looked for. */
interface Found {
  readonly step: number;
  readonly name: string;
  readonly values: readonly number[];
}

function adamwMistakes(adamw: Adamw, rates: Rates, { step, name, values }: Found): Mistake[] {
  const isLike = (other: Transform) =>
    tf.tidy(() => isNear(values, numbersOf(param(tenSteps(other)[step] ?? {}, name))));
  const { schedule, weightDecay } = rates;
  const shape = SHAPES[name as keyof typeof SHAPES]; // the names are those of SHAPES
  return [
    {
      // Where it gives other numbers without decay, it decays.
      when: () =>
        !isDecayedReference(name, shape) && !isLike(adamw(0.05, { ...rates, weightDecay: 0 })),
      says: `${name} decays: ask isDecayed which parameters do`,
    },
    {
      when: () =>
        isDecayedReference(name, shape) && isLike(reference(0.05, { schedule, weightDecay: 0 })),
      says: "nothing decays: is weightDecay handed on?",
    },
    {
      when: () => isLike(reference(0.05, { schedule: (at) => schedule(at + 1), weightDecay })),
      says: "the schedule is off by one: the update at step s takes schedule(s)",
    },
    {
      when: () => step > 0 && isLike(reference(0.05, { weightDecay })),
      says: "the schedule is not used: lr = peak · schedule(step)",
    },
    {
      when: step > 0,
      says: "the first step is right and a later one is not: do m and v come back as state?",
    },
  ];
}

/** A student's schedule: lengths and the end in, from step to the share of the peak out. */
export type WarmupCosine = (
  options: { readonly warmupSteps: number; readonly totalSteps: number; readonly end?: number },
) => (step: number) => number;

/**
 * Checks exercise 3.4, a warm-up to the peak and half a cosine to the end.
 *
 * @param warmupCosine The student's function.
 * @throws {CheckError} If the share of the peak is wrong at some step.
 *
 * @example
 * ```ts
 * import { checkWarmupCosine } from "lib/grade/mod.ts";
 * import { warmupCosine } from "lib/schedule/mod.ts";
 *
 * await checkWarmupCosine(warmupCosine);
 * ```
 */
export async function checkWarmupCosine(warmupCosine: WarmupCosine): Promise<void> {
  await check("warmupCosine", () => {
    for (const [warmupSteps, totalSteps, end] of [[4, 12, 0], [10, 110, 0.1], [0, 8, 0]] as const) {
      const options = { warmupSteps, totalSteps, end };
      const own = warmupCosine(options), right = scheduleReference(options);
      const names = `warmupSteps ${warmupSteps}, totalSteps ${totalSteps}, end ${end}`;
      for (let step = 0; step <= totalSteps + 3; step++) {
        expectClose(own(step), right(step), {
          what: `the share at step ${step} (${names})`,
          mistakes: scheduleMistakes(own, step, options),
        });
      }
    }
  });
}

type ScheduleOptions = Required<Parameters<WarmupCosine>[0]>;

/** Tells mistakes apart by the whole curve: single values of two of them may be alike. */
function scheduleMistakes(
  own: (step: number) => number,
  step: number,
  options: ScheduleOptions,
): Mistake[] {
  const isWarm = step < options.warmupSteps;
  return [
    {
      when: !Number.isFinite(own(step)),
      says: "this divides by 0: a warm-up of 0 steps is allowed",
    },
    ...isWarm ? warmupMistakes(own, options) : decayMistakes(own, options),
    {
      when: step > options.totalSteps,
      says: "after the end the rate must stay at `end`, not rise again",
    },
  ];
}

function warmupMistakes(
  own: (step: number) => number,
  { warmupSteps: warmup, totalSteps, end }: ScheduleOptions,
): Mistake[] {
  const isLike = (curve: (step: number) => number) =>
    isNear(valuesOf(own, 0, warmup), valuesOf(curve, 0, warmup));
  const falling = (step: number) => end + (1 - end) * half(step / totalSteps);
  const isOffByOne = isLike((step) => (step + 1) / (warmup + 1));
  const isFalling = isLike((step) => (step + 1) / warmup * falling(step)) || isLike(falling);
  return [
    {
      when: own(0) === 0,
      says: "the warm-up starts from 0, so the first step moves nothing: take (step + 1) / warmup",
    },
    {
      when: isOffByOne,
      says: "the warm-up is off by one: its last step, warmup − 1, is the first at the peak",
    },
    { when: isFalling, says: "the cosine already falls during the warm-up" },
  ];
}

function decayMistakes(
  own: (step: number) => number,
  { warmupSteps: warmup, totalSteps, end }: ScheduleOptions,
): Mistake[] {
  const steps = totalSteps - warmup, values = valuesOf(own, warmup, totalSteps);
  const isLike = (share: (step: number) => number, low = end) =>
    isNear(values, valuesOf((step) => low + (1 - low) * share(step), warmup, totalSteps));
  return [
    {
      when: isLike((step) => half(step / totalSteps)),
      says: "the cosine does not start at the peak: count its steps from the end of the warm-up",
    },
    {
      when: isLike((step) => half((step - warmup) / totalSteps)),
      says: "the cosine does not reach the end: it has totalSteps − warmupSteps steps",
    },
    {
      when: isLike((step) => half((step - warmup + 1) / steps)),
      says: "the cosine is off by one: the first step after the warm-up is still at the peak",
    },
    { when: isLike((step) => 1 - (step - warmup) / steps), says: "this falls in a straight line" },
    {
      when: end > 0 && isLike((step) => half((step - warmup) / steps), 0),
      says: "`end` is not used: it is the lowest share, reached at totalSteps",
    },
  ];
}

/** From 1 down to 0 along half a cosine. */
function half(done: number): number {
  return (1 + Math.cos(Math.PI * done)) / 2;
}

function valuesOf(curve: (step: number) => number, from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => curve(from + i));
}
