import type { Random } from "lib/core/mod.ts";
import type { Kind } from "./kind.ts";

/** Any function: what a student writes. */
export type AnyFunction = (...args: never[]) => unknown;

/** A wrong answer: takes the same arguments as the answer, and may return anything. */
export type WrongAnswer<Answer extends AnyFunction> = (...args: Parameters<Answer>) => unknown;

/** Gives the arguments of one call, new ones each time. */
export type Case<Answer extends AnyFunction> = () => Parameters<Answer>;

/**
 * What students write, how it is checked, and which mistakes are known.
 *
 * The answer and the reference are asked the same questions, and their results are compared. Where they
 * differ, each wrong answer is asked too: a mistake is named only if its wrong answer gives the same
 * results as the student's answer to all questions.
 */
export interface Exercise<Answer extends AnyFunction = AnyFunction> {
  /** The function's name. */
  readonly name: string;
  /** A right answer: its results are what is expected. */
  readonly reference: Answer;
  /** The kind of value that the answer returns; each call is checked for it. */
  readonly returns: Kind;
  /** Calls whose results are compared, by the name for messages: "a batch of one example". */
  readonly cases?: Readonly<Record<string, Case<Answer>>>;
  /** Draws the arguments of one more call; small ones, so that a failing case is easy to read. */
  readonly drawn?: (random: Random, index: number) => Parameters<Answer>;
  /** How many calls are drawn; default 12. */
  readonly drawnCount?: number;
  /** Selects the part of a result that is compared, also for gradients; default all of it. */
  readonly read?: (result: Awaited<ReturnType<Answer>>, args: Parameters<Answer>) => unknown;
  /** Further questions; the value of each is compared with its value for the reference. */
  readonly probes?: Readonly<Record<string, (answer: Answer) => unknown>>;
  /**
   * Properties that must hold where more than one result is right, such as a random order: each throws
   * through `expectThat`, or returns a text that says what is wrong.
   */
  readonly properties?: Readonly<Record<string, (answer: Answer) => unknown>>;
  /** How far two numbers may be apart, as a share of numbers above 1; default 1e-5. */
  readonly tolerance?: number;
  /**
   * Whether gradients must flow from the result to each tensor among the arguments. A function selects
   * the tensors, if a right answer may treat some of them as constants.
   */
  readonly gradients?: boolean | ((...args: Parameters<Answer>) => unknown);
  /** Whether the answer becomes part of a compiled step, and so may not read values. */
  readonly compiled?: boolean;
  /** Whether the answer must free the tensors that it makes and does not return. */
  readonly freesTensors?: boolean;
  /** Whether the answer is meant to change its arguments. */
  readonly changesInput?: boolean;
  /**
   * Whether its questions are asked in the process in which the answer runs, if that is another process:
   * they count its tensors, record its steps, or simulate a power failure while it writes. The results
   * are compared here in both cases.
   */
  readonly asksBeside?: boolean;
  /** Mistakes: a sentence that names the mistake and says where to look, and its wrong answers. */
  readonly mistakes: Readonly<
    Record<string, WrongAnswer<Answer> | readonly WrongAnswer<Answer>[]>
  >;
  /** Right answers in another style, which must pass. */
  readonly styles: Readonly<Record<string, Answer>>;
}

/**
 * Describes an exercise. The type argument is the type of the answer: `exercise<typeof padBatch>({...})`.
 *
 * @param parts The reference, the questions, the mistakes.
 * @returns The same.
 *
 * @example
 * ```ts
 * import { checkAnswer, exercise } from "lib/grade/mod.ts";
 * import { assertRejects } from "@std/assert";
 *
 * const double = exercise<(x: number) => number>({
 *   name: "double",
 *   reference: (x: number) => 2 * x,
 *   returns: "number",
 *   cases: { "3": () => [3], "0": () => [0] },
 *   mistakes: { "that is the square, not the double": (x) => x * x },
 *   styles: { "a sum": (x) => x + x },
 * });
 * await checkAnswer(double, (x: number) => x + x);
 * await assertRejects(
 *   () => checkAnswer(double, (x: number) => x ** 2),
 *   Error,
 *   "Cannot accept your double: expected the result for 3 to be 6, got 9",
 * );
 * ```
 */
export function exercise<Answer extends AnyFunction>(parts: Exercise<Answer>): Exercise<Answer> {
  return parts;
}
