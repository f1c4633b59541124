import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { mean } from "lib/core/mod.ts";
import { compareArms, compareRuns, comparisonPage } from "lib/experiment/mod.ts";
import type { LoggedRun } from "lib/run/mod.ts";
import { runConfig } from "lib/train/mod.ts";

/** A run of two epochs, 100 steps each, whose best validation is the one after the first. */
function run(
  name: string,
  { gap, seed = 1, lr = 1e-3 }: { gap: number; seed?: number; lr?: number },
): LoggedRun {
  const at = (step: number, epoch: number, gap: number) => ({
    ...{ step, epoch, trainLoss: 3.7 + gap, validationLoss: 3.7 + gap, gap, gradNorm: 1 },
  });
  const rows = [at(0, 1, 3), at(10, 1, 2), at(100, 1, gap), at(200, 2, gap + 0.1)];
  return { name, config: runConfig({ seed, train: { lr } }), rows };
}

const SLOW = [0.3, 0.32, 0.31], FAST = [0.1, 0.13, 0.11];
const runs = [
  ...SLOW.map((gap, i) => run(`slow-${i}`, { gap, seed: i, lr: 1e-4 })),
  ...FAST.map((gap, i) => run(`fast-${i}`, { gap, seed: i, lr: 1e-3 })),
];

Deno.test("compareRuns() puts runs that differ in the seed alone together, and names what differs", () => {
  const { groups, differing, notices } = compareRuns(runs);
  assertEquals(groups.map(({ label, runs }) => [label, runs.map(({ name }) => name)]), [
    ["lr 0.0001", ["slow-0", "slow-1", "slow-2"]],
    ["lr 0.001", ["fast-0", "fast-1", "fast-2"]],
  ]);
  assertEquals([...differing], [["train.lr", [1e-4, 1e-3]]]);
  assertEquals(notices, []);
});

Deno.test("compareRuns() compares the best validations seed by seed, as compareArms() does", () => {
  const { gap, validationLoss } = compareRuns(runs);
  const [slow, fast] = gap;
  assertAlmostEquals(slow?.mean ?? NaN, mean(SLOW), 1e-12);
  assertAlmostEquals(fast?.mean ?? NaN, mean(FAST), 1e-12);
  assertEquals([fast?.verdict, fast?.difference?.isPaired], ["better", true]);
  const arm = (label: string, gaps: number[]) => ({ label, results: new Map([...gaps.entries()]) });
  const expected = compareArms([arm("lr 0.0001", SLOW), arm("lr 0.001", FAST)])[1]?.difference;
  assertAlmostEquals(fast?.difference?.pValue ?? NaN, expected?.pValue ?? NaN, 1e-9);
  assertAlmostEquals(validationLoss[1]?.mean ?? NaN, 3.7 + mean(FAST), 1e-9);
});

Deno.test("compareRuns() does not take an early validation for what a run came to", () => {
  const broken = run("broken", { gap: 5 }); // worse from step 100 on than at step 10
  const { gap } = compareRuns([run("whole", { gap: 0.1 }), { ...broken, name: "broken" }]);
  assertEquals(gap[0]?.count, 1); // alike but for the name, so one is left out
  const other = { ...broken, config: runConfig({ train: { lr: 0.5 } }) };
  assertEquals(compareRuns([run("whole", { gap: 0.1 }), other]).gap[1]?.mean, 3); // step 0, not 10
});

Deno.test("compareRuns() leaves out a run that repeats another, and says so", () => {
  const { notices, groups } = compareRuns([...runs, run("again", { gap: 0.3, seed: 0, lr: 1e-4 })]);
  assertEquals(notices, ["again has the settings and the seed of slow-0, and is left out"]);
  assertEquals(groups[0]?.runs.length, 3);
});

Deno.test("compareRuns() refuses what it cannot compare", () => {
  const [one] = runs;
  assert(one);
  assertThrows(
    () => compareRuns([one]),
    RangeError,
    "expected at least two runs, each once, got 1",
  );
  assertThrows(() => compareRuns([one, one]), RangeError, "got slow-0 twice");
  const blank = { ...one, name: "blank", rows: [{ step: 1, trainLoss: 5 }] };
  assertThrows(
    () => compareRuns([one, blank]),
    RangeError,
    "expected a validation in each run, got none in blank",
  );
});

Deno.test("comparisonPage() says what is found, also that nothing is, and needs no network", () => {
  const alike = [0.3, 0.32, 0.31].map((gap, seed) =>
    run(`<b>${seed}`, { gap: gap + (seed === 1 ? -0.02 : 0.01), seed, lr: 2e-4 })
  );
  const page = comparisonPage(compareRuns([...runs, ...alike]));
  for (
    const text of ["baseline", "better, seed by seed", "no significant difference", "train.lr"]
  ) {
    assert(page.includes(text), text);
  }
  assert(page.includes("&lt;b&gt;0") && !page.includes("<b>0"));
  assert(!/(src|href)=/.test(page));
  assertEquals(
    page.match(/class="chart dark"/g)?.length,
    page.match(/class="chart light"/g)?.length,
  );
  const one = comparisonPage(
    compareRuns([run("a", { gap: 0.1 }), run("b", { gap: 0.1, seed: 2 })]),
  );
  assert(one.includes("None but the seed."));
});
