import { assert, assertEquals, assertLess } from "@std/assert";
import {
  ARMS,
  BUDGETS,
  compareStudy,
  STUDY_LEVELS,
  studyCells,
  type StudyRun,
} from "../../course/06_challenges/curriculum_study.ts";
import { type PrecisionRun, toBfloat16, WAYS } from "../../course/06_challenges/precision_study.ts";

const COURSE = new URL("../../course/06_challenges/", import.meta.url);

function read<T>(name: string): T[] {
  return JSON.parse(Deno.readTextFileSync(new URL(name, COURSE)));
}

const runs = read<StudyRun>("curriculum_study.json");
const seeds = [...new Set(runs.map(({ seed }) => seed))];

Deno.test("the study on curricula has every arm, level and budget of its seeds, with one budget of targets", () => {
  const nameOf = (
    { level, budget, arm }: Pick<StudyRun, "level" | "budget" | "arm">,
    seed: number,
  ) => [level, budget, arm, seed].join();
  const names = studyCells(seeds).map((one) => nameOf(one, one.cell.seed)).sort();
  assertEquals(names.length, 2 * 2 * Object.keys(ARMS).length * seeds.length);
  assertEquals(runs.map((run) => nameOf(run, run.seed)).sort(), names);
  for (const { budget, tokens, points } of runs) {
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
  for (const level of Object.keys(STUDY_LEVELS) as (keyof typeof STUDY_LEVELS)[]) { // its own names
    const options = { level, budget: "quarter", measure: "gap at the end" } as const;
    const rows = compareStudy([...runs, ...more], options), count = 3 * seeds.length;
    const expected = Object.keys(ARMS).map((arm) => [arm, count]);
    assertEquals(rows.map((row) => [row.label, row.count]), expected);
    assertEquals(rows[0]?.verdict, "baseline");
    assert(rows.slice(1).every(({ difference }) => difference?.isPaired === true));
  }
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
