import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import {
  constant,
  cosineDecay,
  join,
  linearDecay,
  type Schedule,
  scheduleFromConfig,
  stepDecay,
  warmup,
  warmupCosine,
  warmupLinear,
} from "lib/schedule/mod.ts";
import golden from "../golden/schedules.json" with { type: "json" };

/**
 * PyTorch multiplies each rate out of the last one, 60 times with half an ulp (1.1e-16) of error or
 * less in each of about 4 operations; ours are closed forms.
 */
const RECURSION_ERROR = 60 * 4 * 1.2e-16;

/** A difference of two numbers below 1 is off by two half ulps at most. */
const ROUNDING = 2 * 1.2e-16;

const run = { warmupSteps: 12, totalSteps: 60 };

const AS_PYTORCH: Record<keyof typeof golden.multipliers, Schedule> = {
  constant: constant(),
  linear: linearDecay({ steps: 40, end: 0.1 }),
  cosine: cosineDecay({ steps: 60, end: 0.05 }),
  step: stepDecay({ every: 7, factor: 0.3 }),
  warmup: warmup(12),
  warmupCosine: warmupCosine(run),
  warmupLinear: warmupLinear({ ...run, end: 0.2 }),
  warmupStep: scheduleFromConfig({ ...run, kind: "step", stepEvery: 10, stepFactor: 0.5 }),
};

for (const [name, schedule] of Object.entries(AS_PYTORCH)) {
  Deno.test(`${name}: every step equals PyTorch ${golden.torch}'s scheduler`, () => {
    // The keys of both records are the same by the type above.
    const expected = golden.multipliers[name as keyof typeof golden.multipliers];
    assertEquals(expected.length, 61);
    for (const [step, value] of expected.entries()) {
      assertAlmostEquals(schedule(step), value, RECURSION_ERROR, `step ${step}`);
    }
  });

  Deno.test(`${name}: stays in 0..1, starts above 0 and holds its last value`, () => {
    const values = Array.from({ length: 500 }, (_, step) => schedule(step));
    assert(values.every((value) => value >= 0 && value <= 1), String(values));
    assert(schedule(0) > 0);
    if (!/step/i.test(name)) assertEquals(new Set(values.slice(60)).size, 1);
  });
}

const BOUNDARIES: [name: string, schedule: Schedule, values: Record<number, number>][] = [
  ["constant", constant(), { 0: 1, 1e9: 1 }],
  ["linearDecay", linearDecay({ steps: 8, end: 0.5 }), {
    0: 1,
    4: 0.75,
    7: 0.5625,
    8: 0.5,
    9: 0.5,
  }],
  ["linearDecay to 0", linearDecay({ steps: 1 }), { 0: 1, 1: 0, 2: 0 }],
  ["cosineDecay", cosineDecay({ steps: 8, end: 0.3 }), { 0: 1, 8: 0.3, 9: 0.3, 100: 0.3 }],
  ["cosineDecay to 0", cosineDecay({ steps: 8 }), { 0: 1, 4: 0.5, 8: 0 }],
  ["stepDecay", stepDecay({ every: 3, factor: 0.5 }), { 0: 1, 2: 1, 3: 0.5, 5: 0.5, 6: 0.25 }],
  ["warmup", warmup(5), { 0: 0.2, 3: 0.8, 4: 1, 5: 1 }],
  ["warmup of 1", warmup(1), { 0: 1, 1: 1 }],
  ["warmupCosine", warmupCosine(run), { 0: 1 / 12, 11: 1, 12: 1, 60: 0 }],
  ["warmupCosine, 0 of warm-up", warmupCosine({ ...run, warmupSteps: 0 }), { 0: 1, 60: 0 }],
  ["warmupLinear", warmupLinear({ ...run, end: 0.5 }), { 11: 1, 12: 1, 36: 0.75, 60: 0.5 }],
];

for (const [name, schedule, values] of BOUNDARIES) {
  Deno.test(`${name}: exact values at the boundaries`, () => {
    const steps = Object.keys(values).map(Number);
    assertEquals(steps.map(schedule), Object.values(values));
  });
}

Deno.test("warmupCosine() and warmupLinear() have no jump larger than the warm-up's steps", () => {
  for (const make of [warmupCosine, warmupLinear]) {
    const schedule = make({ warmupSteps: 100, totalSteps: 1000 });
    for (let step = 0; step < 1100; step++) {
      assert(Math.abs(schedule(step + 1) - schedule(step)) <= 1 / 100 + ROUNDING, `${step}`);
    }
  }
});

Deno.test("join() hands over at `at` and lets the second schedule count from 0", () => {
  const joined = join((step) => step / 100, (step) => 1 - step / 100, { at: 3 });
  assertEquals([0, 1, 2, 3, 4].map(joined), [0, 0.01, 0.02, 1, 0.99]);
  const thrice = join(joined, constant(), { at: 5 });
  assertEquals([2, 3, 4, 5].map(thrice), [0.02, 1, 0.99, 1]);
});
