import { assertEquals, assertThrows } from "@std/assert";
import {
  constant,
  cosineDecay,
  join,
  linearDecay,
  type Schedule,
  type ScheduleConfig,
  scheduleFromConfig,
  stepDecay,
  warmup,
  warmupCosine,
  warmupLinear,
} from "lib/schedule/mod.ts";

const run = { warmupSteps: 10, totalSteps: 100 };
const STEPS = [0, 5, 9, 10, 11, 50, 99, 100, 150];

const EQUIVALENTS: [config: ScheduleConfig, schedule: Schedule][] = [
  [{ ...run, kind: "cosine" }, warmupCosine(run)],
  [{ ...run, kind: "cosine", endFactor: 0.1 }, warmupCosine({ ...run, end: 0.1 })],
  [{ ...run, kind: "linear", endFactor: 0.1 }, warmupLinear({ ...run, end: 0.1 })],
  [{ ...run, kind: "constant" }, warmup(10)],
  [{ ...run, kind: "constant", warmupSteps: 0 }, constant()],
  [
    { ...run, kind: "step", stepEvery: 30, stepFactor: 0.1 },
    join(warmup(10), stepDecay({ every: 30, factor: 0.1 }), { at: 10 }),
  ],
  [{ ...run, kind: "step", warmupSteps: 0 }, stepDecay({ every: 200, factor: 0.5 })],
];

for (const [config, schedule] of EQUIVALENTS) {
  Deno.test(`scheduleFromConfig() makes ${JSON.stringify(config)}`, () => {
    assertEquals(STEPS.map(scheduleFromConfig(config)), STEPS.map(schedule));
  });
}

// Settings from a file may name a kind that the type does not know.
const unknownKind = JSON.parse('{"kind": "cosin", "warmupSteps": 0, "totalSteps": 9}');

const REFUSED: [make: () => Schedule, message: string][] = [
  [
    () => linearDecay({ steps: 0 }),
    "Cannot decay linearly: expected steps as an integer from 1, got 0",
  ],
  [
    () => linearDecay({ steps: 5, end: 1.5 }),
    "Cannot decay linearly: expected end as a number from 0 to 1, got 1.5",
  ],
  [
    () => cosineDecay({ steps: 2.5 }),
    "Cannot decay along a cosine: expected steps as an integer from 1, got 2.5",
  ],
  [
    () => cosineDecay({ steps: 5, end: NaN }),
    "Cannot decay along a cosine: expected end as a number from 0 to 1, got NaN",
  ],
  [
    () => stepDecay({ every: -1, factor: 0.5 }),
    "Cannot decay in steps: expected every as an integer from 1, got -1",
  ],
  [
    () => stepDecay({ every: 1, factor: 0 }),
    "Cannot decay in steps: expected factor as a number above 0 and at most 1, got 0",
  ],
  [() => warmup(0), "Cannot warm up: expected steps as an integer from 1, got 0"],
  [
    () => join(constant(), constant(), { at: 0 }),
    "Cannot join schedules: expected at as an integer from 1, got 0",
  ],
  [
    () => warmupCosine({ warmupSteps: 10, totalSteps: 10 }),
    "Cannot warm up: expected fewer steps than the run's 10, got 10",
  ],
  [
    () => warmupCosine({ warmupSteps: NaN, totalSteps: 10 }),
    "Cannot warm up: expected fewer steps than the run's 10, got NaN",
  ],
  [
    () => scheduleFromConfig({ kind: "constant", warmupSteps: 0, totalSteps: NaN }),
    "Cannot make a schedule: expected a warm-up shorter than the run's NaN steps, got 0",
  ],
  [
    () => warmupLinear({ warmupSteps: -3, totalSteps: 10 }),
    "Cannot warm up: expected steps as an integer from 1, got -3",
  ],
  [
    () => scheduleFromConfig({ kind: "constant", warmupSteps: 11, totalSteps: 10 }),
    "Cannot make a schedule: expected a warm-up shorter than the run's 10 steps, got 11",
  ],
  [
    () => scheduleFromConfig(unknownKind),
    "Cannot make a schedule: expected cosine, linear, constant or step, got cosin",
  ],
];

for (const [make, message] of REFUSED) {
  Deno.test(`a schedule is refused: ${message}`, () => {
    assertEquals(assertThrows(make, RangeError).message, message);
  });
}
