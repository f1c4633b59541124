import { type Difference, differences, format, isTensor, type Same } from "./_differences.ts";

const OPENING = "Cannot accept this answer: ";

/** A mistake that students really make, and how to recognise it. */
export interface Mistake {
  /** Whether it was made: a finding, or a test of it that runs only after the answer was refused. */
  readonly when: boolean | (() => boolean | Promise<boolean>);
  /** A sentence part that names the mistake and says where to look. */
  readonly says: string;
}

/** Thrown when an answer is not right: the message says what was expected and what is likely wrong. */
export class CheckError extends Error {
  /** Tells the error apart in a notebook's output. */
  override readonly name = "CheckError";
  /** Mistakes that may explain it; {@linkcode check} names the first that was made. */
  readonly mistakes: readonly Mistake[];

  /**
   * Makes the error.
   *
   * @param message "Cannot accept your NAME: expected ..., got ...".
   * @param options Mistakes that may explain it, and what it comes from.
   *
   * @example
   * ```ts
   * import { CheckError } from "lib/grade/mod.ts";
   * import { assertEquals } from "@std/assert";
   *
   * const error = new CheckError("Cannot accept your split: expected 900 sentences, got 100");
   * assertEquals(error.mistakes, []);
   * ```
   */
  constructor(message: string, options: ErrorOptions & { mistakes?: readonly Mistake[] } = {}) {
    super(message, options);
    this.mistakes = options.mistakes ?? [];
  }
}

/** What is compared, and what may have gone wrong with it. */
export interface ExpectOptions {
  /** What the value is, as in "the loss" or "labels". */
  readonly what: string;
  /** Mistakes that lead to another value, the likeliest first; default none. */
  readonly mistakes?: readonly Mistake[];
}

/**
 * Refuses an answer unless a condition holds.
 *
 * @param condition What must hold.
 * @param message What was expected and what came: "expected every example once, got 3 twice".
 * @param mistakes Mistakes that may explain it, the likeliest first; default none.
 * @throws {CheckError} If the condition does not hold.
 *
 * @example
 * ```ts
 * import { expectThat } from "lib/grade/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * const shared = ["The old dog", "The red fox", "The new cup"].length;
 * assertThrows(
 *   () => expectThat(shared < 1, `expected no sentence in both parts, got ${shared}`),
 *   Error,
 *   "Cannot accept this answer: expected no sentence in both parts, got 3",
 * );
 * ```
 */
export function expectThat(
  condition: boolean,
  message: string,
  mistakes: readonly Mistake[] = [],
): asserts condition {
  if (!condition) throw new CheckError(`${OPENING}${message}`, { mistakes });
}

/**
 * Refuses numbers that are not close to those expected, and names the first place where they differ.
 *
 * Close is |actual − expected| ≤ tolerance · max(1, |expected|).
 *
 * @param actual A number, an array of any depth, a typed array or a tensor.
 * @param expected The same of what is right.
 * @param options What it is; the tolerance, default 1e-5; mistakes.
 * @throws {CheckError} If a shape or a number differs.
 *
 * @example
 * ```ts
 * import { expectClose } from "lib/grade/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(
 *   () => expectClose([1, 2.5], [1, 2], { what: "the mean of each row" }),
 *   Error,
 *   "expected the mean of each row to be 2 at [1], got 2.5",
 * );
 * ```
 */
export function expectClose(
  actual: unknown,
  expected: unknown,
  options: ExpectOptions & { readonly tolerance?: number },
): void {
  const { tolerance = 1e-5 } = options;
  const isClose: Same = (a, e) => {
    if (typeof a !== "number" || typeof e !== "number") return false;
    // Nothing but infinity is close to infinity, though any share of it is infinite.
    if (!Number.isFinite(e)) return Object.is(a, e);
    return Math.abs(a - e) <= tolerance * Math.max(1, Math.abs(e));
  };
  expectSameShape(actual, expected, options);
  refuseDifferences(differences(actual, expected, isClose), options);
}

/**
 * Refuses a value that differs from the one expected in any part.
 *
 * @param actual Numbers, texts, arrays, records, maps, sets or tensors; arrays of any kind are alike.
 * @param expected The same of what is right.
 * @param options What it is; mistakes.
 * @throws {CheckError} If a part differs: the first one is named.
 *
 * @example
 * ```ts
 * import { expectEqual } from "lib/grade/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(
 *   () => expectEqual({ ids: [1, 4] }, { ids: [1, 5] }, { what: "the batch" }),
 *   Error,
 *   "expected the batch to be 5 at .ids[1], got 4",
 * );
 * ```
 */
export function expectEqual(actual: unknown, expected: unknown, options: ExpectOptions): void {
  expectSameShape(actual, expected, options);
  refuseDifferences(differences(actual, expected, Object.is), options);
}

/**
 * Refuses what is no tensor of a shape.
 *
 * @param tensor The tensor.
 * @param shape The size of each axis.
 * @param options What it is; mistakes.
 * @throws {CheckError} If it is something else, or has another shape.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { expectShape } from "lib/grade/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * await useBackend();
 * assertThrows(
 *   () => expectShape(tf.zeros([2, 7]), [2, 7, 1000], { what: "logits [B, T, V]" }),
 *   Error,
 *   "expected logits [B, T, V] to have shape [2, 7, 1000], got [2, 7]",
 * );
 * ```
 */
export function expectShape(
  tensor: unknown,
  shape: readonly number[],
  { what, mistakes }: ExpectOptions,
): void {
  const got = isTensor(tensor) ? `[${tensor.shape.join(", ")}]` : format(tensor);
  const wanted = `[${shape.join(", ")}]`;
  expectThat(got === wanted, `expected ${what} to have shape ${wanted}, got ${got}`, mistakes);
}

function expectSameShape(actual: unknown, expected: unknown, options: ExpectOptions): void {
  if (isTensor(actual) && isTensor(expected)) expectShape(actual, expected.shape, options);
}

function refuseDifferences(
  found: readonly Difference[],
  { what, mistakes = [] }: ExpectOptions,
): void {
  const [first] = found;
  if (first === undefined) return;
  const { place, actual, expected } = first;
  const at = place === "" ? "" : ` at ${place}`;
  const others = found.length > 1 ? ` (${found.length} places differ)` : "";
  expectThat(
    false,
    `expected ${what} to be ${format(expected)}${at}, got ${format(actual)}${others}`,
    mistakes,
  );
}

/**
 * Runs the checks of an exercise, says that they passed, or throws what to mend.
 *
 * Other errors, such as a stub's, are taken for an answer that does not run, and named.
 *
 * @param name The function that the student writes, as in "crossEntropy".
 * @param body The checks: calls of `expectClose` and its like.
 * @param mistakes Mistakes that any failure may come from; tried after the failed check's own.
 * @throws {CheckError} If a check fails; the message ends with the mistake that was recognised.
 *
 * @example
 * ```ts
 * import { check, expectEqual } from "lib/grade/mod.ts";
 * import { assertRejects } from "@std/assert";
 *
 * const double = (x: number) => x * x;
 * const mistakes = [{ when: () => double(3) === 9, says: "that is the square, not the double" }];
 * await assertRejects(
 *   () => check("double", () => expectEqual(double(3), 6, { what: "double(3)", mistakes })),
 *   Error,
 *   "Cannot accept your double: expected double(3) to be 6, got 9; that is the square, not the",
 * );
 * ```
 */
export async function check(
  name: string,
  body: () => void | Promise<void>,
  mistakes: readonly Mistake[] = [],
): Promise<void> {
  try {
    await body();
  } catch (error) {
    const refusal = await explain(name, error, mistakes);
    // The kernel says that a cell has ended before the cell's output is out; a turn lets it pass.
    await new Promise((resolve) => setTimeout(resolve));
    throw refusal;
  }
  // A check cell has one result: this line, which a notebook shows below it.
  // deno-lint-ignore house/no-console
  console.log(`${hasColor() ? "\x1b[32mOK\x1b[0m" : "OK"}  ${name}`);
}

/** A notebook shows colours; its kernel's NO_COLOR is for results that a grader reads. */
function hasColor(): boolean {
  try {
    return Deno.jupyter !== undefined;
  } catch {
    return !Deno.noColor && Deno.stdout.isTerminal();
  }
}

async function explain(
  name: string,
  error: unknown,
  mistakes: readonly Mistake[],
): Promise<CheckError> {
  const isFinding = error instanceof CheckError;
  const finding = isFinding
    ? error.message.replace(OPENING, "").replace(`Cannot accept your ${name}: `, "")
    : describeFailure(error);
  const mistake = await recognise([...isFinding ? error.mistakes : [], ...mistakes]);
  const message = `Cannot accept your ${name}: ${finding}${mistake && `; ${mistake.says}`}`;
  const refusal = new CheckError(message, { cause: error });
  refusal.stack = [`CheckError: ${message}`, ...isFinding ? [] : framesOf(error)].join("\n");
  return refusal;
}

async function recognise(mistakes: readonly Mistake[]): Promise<Mistake | ""> {
  for (const mistake of mistakes) {
    try {
      if (typeof mistake.when === "function" ? await mistake.when() : mistake.when) return mistake;
    } catch {
      // A wrong answer may fail in the recogniser too: then it is not this mistake.
    }
  }
  return "";
}

function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return `expected it to run, got ${format(error)} thrown`;
  const { name, message } = error;
  if (message.startsWith("not implemented")) return `expected your code, got a stub: ${message}`;
  return `expected it to run, got ${name}: ${message}`;
}

/** Where the student's own code failed; for a finding the frames would only show the check. */
function framesOf(error: unknown): string[] {
  const stack = error instanceof Error ? error.stack ?? "" : "";
  const frames = stack.split("\n").filter((line) => /^\s+at /.test(line));
  const check = frames.findIndex((line) => line.includes("/lib/grade/"));
  return check < 0 ? frames : frames.slice(0, check);
}
