import { assert, assertEquals, assertLess } from "@std/assert";
import {
  ARMS,
  BUDGETS,
  compareStudy,
  studyCells,
  type StudyRun,
} from "../../course/06_challenges/curriculum_study.ts";
import { type PrecisionRun, toBfloat16, WAYS } from "../../course/06_challenges/precision_study.ts";

const COURSE = new URL("../../course/06_challenges/", import.meta.url);

function read<T>(name: string): T[] {
  return JSON.parse(Deno.readTextFileSync(new URL(name, COURSE)));
}

const runs = read<StudyRun>("curriculum_study.json");

Deno.test("the study on curricula has all arms of a level, budget and seed, with one budget of targets", () => {
  const groups = Map.groupBy(runs, ({ level, budget, seed }) => [level, budget, seed].join());
  for (const [group, some] of groups) {
    assertEquals(some.map(({ arm }) => arm).sort(), Object.keys(ARMS).sort(), group);
  }
  for (const { level, budget, arm, seed, tokens, points } of runs) {
    const cells = studyCells([seed]).filter((one) => one.level === level && one.budget === budget);
    assert(cells.some((one) => one.arm === arm), "a run of the study");
    assert(tokens >= BUDGETS[budget] && tokens < 1.01 * BUDGETS[budget], `${budget}: ${tokens}`);
    assertEquals(points.at(-1)?.[0], tokens, "validated at the end");
  }
});

Deno.test("compareStudy() compares the arms of a level and a budget seed by seed", () => {
  // Two seeds more, each a little worse: a comparison has to have several.
  const more = [10, 20].flatMap((by) =>
    runs.map((run) => ({
      ...run,
      seed: run.seed + by,
      points: run.points.map(([tokens, gap]) => [tokens, gap * (1 + by / 100)] as const),
    }))
  );
  const options = { level: "variable", budget: "full", measure: "gap at the end" } as const;
  const rows = compareStudy([...runs, ...more], options);
  const made = runs.filter(({ level, budget }) => level === "variable" && budget === "full");
  const count = 3 * made.length / Object.keys(ARMS).length;
  assertEquals(
    rows.map((row) => [row.label, row.count]),
    Object.keys(ARMS).map((arm) => [arm, count]),
  );
  assertEquals(rows[0]?.verdict, "baseline");
  assert(rows.slice(1).every(({ difference }) => difference?.isPaired === true));
});

Deno.test("the study on precision: losses of bfloat16 products lie within 0.01 nats of float32's, on average", () => {
  const made = read<PrecisionRun>("precision_study.json");
  assertEquals(
    made.map(({ way, seed }) => `${way} ${seed}`),
    [1, 2, 3].flatMap((seed) => WAYS.map((way) => `${way} ${seed}`)),
  );
  const lossesOf = (way: string) =>
    made.filter((run) => run.way === way).flatMap(({ losses }) => losses);
  const exact = lossesOf("float32"), half = lossesOf("bfloat16 products");
  assertEquals([exact.length, half.length], [3000, 3000]);
  const sum = half.reduce((total, loss, i) => total + loss - (exact[i] ?? NaN), 0);
  assertLess(Math.abs(sum / half.length), 0.01);
});

Deno.test("toBfloat16() of the study rounds to the nearest, and a halfway one to even", () => {
  const values = [1, 1.001, 1 + 2 ** -8, 1 + 3 * 2 ** -8, -2.7, 0, 2 ** 100];
  assertEquals([...toBfloat16(Float32Array.from(values))], [
    1,
    1,
    1,
    1 + 2 ** -6,
    -2.703125,
    0,
    2 ** 100,
  ]);
});
