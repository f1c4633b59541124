import { differences } from "./differences.ts";
import { toPlain } from "./plain.ts";

const OPENING = "Cannot accept this answer: ";

/** Thrown when an answer is not right: the message says what was expected and what came. */
export class CheckError extends Error {
  /** Tells the error apart in a notebook's output. */
  override readonly name = "CheckError";

  /** What was expected and what came, without the first words of the message. */
  get finding(): string {
    return this.message.replace(OPENING, "");
  }
}

/**
 * Refuses an answer.
 *
 * @param finding What was expected and what came: "expected every example once, got 3 twice".
 * @throws {CheckError} Always.
 *
 * @example
 * ```ts
 * import { refuse } from "lib/grade/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => refuse("expected 3 words, got 2"), Error, "Cannot accept this answer: expected 3");
 * ```
 */
export function refuse(finding: string): never {
  throw new CheckError(`${OPENING}${finding}`);
}

/**
 * Refuses an answer unless a condition holds.
 *
 * @param condition What must hold.
 * @param finding What was expected and what came: "expected every example once, got 3 twice".
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
export function expectThat(condition: boolean, finding: string): asserts condition {
  if (!condition) refuse(finding);
}

/** What {@linkcode expectSame} compares. */
export interface SameOptions {
  /** What the value is, as in "the loss" or "labels". */
  readonly what: string;
  /** How far two numbers may be apart, as a share of numbers above 1; default 0. */
  readonly tolerance?: number;
}

/**
 * Refuses a value if any part of it differs from the expected value.
 *
 * @param actual Numbers, texts, lists, records, tensors; typed arrays, maps and sets are compared as lists.
 * @param expected The right value, of the same form.
 * @param options What it is, and the tolerance.
 * @throws {CheckError} If a part differs: the first one is named.
 *
 * @example
 * ```ts
 * import { expectSame } from "lib/grade/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(
 *   () => expectSame({ ids: [1, 4] }, { ids: [1, 5] }, { what: "the batch" }),
 *   Error,
 *   "expected the batch to be 5 at .ids[1], got 4",
 * );
 * ```
 */
export function expectSame(
  actual: unknown,
  expected: unknown,
  { what, tolerance = 0 }: SameOptions,
): void {
  const found = differences(toPlain(actual), toPlain(expected), tolerance), [first] = found;
  if (first === undefined) return;
  const at = first.place === "" ? "" : ` at ${first.place}`;
  const others = found.length > 1 ? ` (${found.length} places differ)` : "";
  refuse(
    `expected ${what} to be ${first.expected}${at}, got ${first.actual}${others}`,
  );
}
