/**
 * What holds for the exercises of every notebook, their checks and their planted mistakes.
 *
 * @module
 */
import { assertEquals, assertGreaterOrEqual, assertMatch, assertRejects } from "@std/assert";
import { CheckError } from "lib/grade/mod.ts";
import type { Exercise } from "./_exercise.ts";

/** At least so many planted mistakes an exercise, in the mean. */
const MISTAKES_PER_EXERCISE = 4;

/** Functions by name, as a notebook has them. */
type Functions = Readonly<Record<string, unknown>>;

/** Asserts that the table has the notebook's exercises, with enough mistakes. */
export function assertComplete(exercises: readonly Exercise[], solutions: Functions): void {
  assertEquals(exercises.map(({ name }) => name).sort(), Object.keys(solutions).sort());
  const mistakes = exercises.reduce((count, exercise) => count + exercise.mistakes.length, 0);
  assertGreaterOrEqual(mistakes / exercises.length, MISTAKES_PER_EXERCISE);
}

/** Asserts that a check takes the notebook's solution, and refuses the stub as one. */
export async function assertTakesSolution(
  exercise: Exercise,
  { solutions, stubs }: { readonly solutions: Functions; readonly stubs: Functions },
): Promise<void> {
  const { name, check } = exercise;
  await silently(() => check(solutions[name]));
  const { message } = await refusal(exercise, stubs[name]);
  assertMatch(message, new RegExp(`^Cannot accept your ${name}: .*not implemented: ${name}`));
}

/** Asserts that a check refuses each planted mistake, with a message that names it. */
export async function assertNamesMistakes(exercise: Exercise): Promise<void> {
  for (const { name: mistake, code, names } of exercise.mistakes) {
    const { message } = await refusal(exercise, code);
    assertMatch(message, names, `${mistake}: ${message}`);
    assertMatch(message, new RegExp(`^Cannot accept your ${exercise.name}: expected `), mistake);
  }
}

function refusal({ check }: Exercise, answer: unknown): Promise<CheckError> {
  return assertRejects(() => silently(() => check(answer)), CheckError);
}

/** Runs a check without its line of praise. */
async function silently(check: () => Promise<void>): Promise<void> {
  const { log } = console;
  console.log = () => {};
  try {
    await check();
  } finally {
    console.log = log;
  }
}
