import { CheckError } from "./expectations.ts";
import type { AnyFunction, Exercise } from "./exercise.ts";
import { judge, type Judgement } from "./judge.ts";
import { isDrawn } from "./observe.ts";

/**
 * Checks an answer: prints that it is right, or throws an error that says what to correct.
 *
 * @param exercise The exercise.
 * @param answer The function that the student wrote.
 * @throws {CheckError} If it is wrong: what was expected, what came, and the mistake that was recognised.
 *
 * @example
 * ```ts
 * import { checkAnswer, exercise } from "lib/grade/mod.ts";
 *
 * const double = exercise<(x: number) => number>({
 *   name: "double",
 *   reference: (x: number) => 2 * x,
 *   returns: "number",
 *   cases: { "3": () => [3] },
 *   mistakes: {},
 *   styles: {},
 * });
 * await checkAnswer(double, (x: number) => x + x); // prints "OK  double"
 * ```
 */
export async function checkAnswer<Answer extends AnyFunction>(
  exercise: Exercise<Answer>,
  answer: unknown,
): Promise<void> {
  const judgement = await judge(exercise, answer);
  if (judgement.wrong.length > 0) {
    // The kernel reports the end of a cell before it has sent the cell's output. One turn of the
    // event loop lets it send the output first.
    await new Promise((resolve) => setTimeout(resolve));
    throw refusalOf(exercise.name, judgement);
  }
  const ok = hasColor() ? "\x1b[32mOK\x1b[0m" : "OK";
  const note = isCopy(exercise, answer) ? `  ${COPY_NOTE}` : "";
  // This line is the only output of a check cell; a notebook shows it below the cell.
  // deno-lint-ignore house/no-console
  console.log(`${ok}  ${exercise.name}${note}`);
}

const COPY_NOTE = "by the library's own function: right, and yours to write when you like";

/**
 * Whether an answer is the library's own function, or only hands its arguments on to it.
 *
 * @param exercise The exercise.
 * @param answer The student's function.
 *
 * @example
 * ```ts
 * import { exercise, isCopy } from "lib/grade/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const library = { double: (x: number) => 2 * x };
 * const parts = { returns: "number", mistakes: {}, styles: {} } as const;
 * const double = exercise<(x: number) => number>({ name: "double", reference: library.double, ...parts });
 * assertEquals(isCopy(double, (x: number) => library.double(x)), true);
 * assertEquals(isCopy(double, (x: number) => x + x), false);
 * ```
 */
export function isCopy<Answer extends AnyFunction>(
  { name, reference }: Exercise<Answer>,
  answer: unknown,
): boolean {
  if (answer === reference) return true;
  const code = String(answer).replaceAll(/\/\*[^]*?\*\/|\/\/.*/g, "");
  const calls = code.matchAll(/([\w$]+)\s*\.\s*([\w$]+)\s*\(/g);
  return [...calls].some(([, owner, called]) =>
    owner !== "this" && (called === name || called === reference.name && called !== "")
  );
}

/** The error that tells a student what to correct. */
function refusalOf(name: string, { finding, mistake, right, wrong, error }: Judgement): CheckError {
  const lines = [
    `Cannot accept your ${name}: ${finding}`,
    ...mistake === undefined ? [] : [`Likely mistake: ${mistake}`],
    ...right.length === 0 || mistake !== undefined ? [] : [
      `Right for ${listOf(right)}; wrong for ${listOf(wrong)}`,
    ],
  ];
  const message = lines.join("\n");
  const refusal = new CheckError(message, error === undefined ? {} : { cause: error });
  refusal.stack = [`CheckError: ${message}`, ...framesOf(error)].join("\n");
  return refusal;
}

const MOST_NAMED = 3;

/** Names the first ones; the number of a drawn case is left out, because it explains nothing. */
function listOf(names: readonly string[]): string {
  const shown = names.filter((name) => !isDrawn(name)).slice(0, MOST_NAMED);
  const others = names.length - shown.length;
  if (shown.length === 0) return `${others} drawn at random`;
  return `${shown.join("; ")}${others > 0 ? `; and ${others} more` : ""}`;
}

/** A notebook shows colours even if NO_COLOR is set: that is for results that a grader reads. */
function hasColor(): boolean {
  try {
    return Deno.jupyter !== undefined;
  } catch {
    return !Deno.noColor && Deno.stdout.isTerminal();
  }
}

const INNER = /\/node_modules\/|\/lib\/backend\/|\/lib\/tensor\//, MOST_FRAMES = 6;

/** The stack frames of the student's own code; a finding has none, only frames of the check. */
function framesOf(error: unknown): string[] {
  const stack = error instanceof Error ? error.stack ?? "" : "";
  const frames = stack.split("\n").filter((line) => /^\s+at /.test(line));
  const check = frames.findIndex((line) => line.includes("/lib/grade/"));
  // An operation fails many frames below the student's line that called it; only that line helps.
  return frames.slice(0, check < 0 ? frames.length : check)
    .filter((line) => !INNER.test(line)).slice(0, MOST_FRAMES);
}
