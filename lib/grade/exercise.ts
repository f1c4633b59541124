import type { Random } from "lib/core/mod.ts";
import type { Kind } from "./kind.ts";

/** Any function: what a student writes. */
export type AnyFunction = (...args: never[]) => unknown;

/** A wrong answer: takes what the answer takes, and may return anything. */
export type WrongAnswer<Answer extends AnyFunction> = (...args: Parameters<Answer>) => unknown;

/** Gives the arguments of one call, new ones each time. */
export type Case<Answer extends AnyFunction> = () => Parameters<Answer>;

/**
 * What students write, what it is asked, and what they get wrong.
 *
 * The answer is asked the same as the reference, and what both give is compared. Where it differs, each
 * wrong answer is asked too: a mistake is named only if its wrong answer gives the student's results all
 * through.
 */
export interface Exercise<Answer extends AnyFunction = AnyFunction> {
  /** The function's name. */
  readonly name: string;
  /** A right answer: it decides what is expected. */
  readonly reference: Answer;
  /** What the answer returns; each call is held to it. */
  readonly returns: Kind;
  /** Calls whose results are compared, under what a message calls each: "a batch of one example". */
  readonly cases?: Readonly<Record<string, Case<Answer>>>;
  /** Draws the arguments of a further call; small ones, so that one that fails can be read. */
  readonly drawn?: (random: Random, index: number) => Parameters<Answer>;
  /** How many calls are drawn; default 12. */
  readonly drawnCount?: number;
  /** What of a result is compared, its gradients too; default all of it. */
  readonly read?: (result: Awaited<ReturnType<Answer>>, args: Parameters<Answer>) => unknown;
  /** What else is asked; what each gives is compared with the reference's. */
  readonly probes?: Readonly<Record<string, (answer: Answer) => unknown>>;
  /**
   * What must hold where more than one result is right, such as a random order: each throws by
   * `expectThat`, or returns what was found to be wrong.
   */
  readonly properties?: Readonly<Record<string, (answer: Answer) => unknown>>;
  /** How far two numbers may be apart, as a share of numbers above 1; default 1e-5. */
  readonly tolerance?: number;
  /**
   * Whether gradients must pass, from the result to each tensor among the arguments; a function says to
   * which of them, where a right answer may treat another one as a constant.
   */
  readonly gradients?: boolean | ((...args: Parameters<Answer>) => unknown);
  /** Whether the answer becomes part of a compiled step, and so may not read values. */
  readonly compiled?: boolean;
  /** Whether the answer must free what it makes and does not return. */
  readonly freesTensors?: boolean;
  /** Whether it is the answer's task to change what it is given. */
  readonly changesInput?: boolean;
  /**
   * Whether its questions go to where the answer runs, if that is another process: they count its tensors,
   * record its steps, or let the power fail while it writes. What it gives is compared here all the same.
   */
  readonly asksBeside?: boolean;
  /** Mistakes: a sentence that names one and says where to look, and the wrong answers it leads to. */
  readonly mistakes: Readonly<
    Record<string, WrongAnswer<Answer> | readonly WrongAnswer<Answer>[]>
  >;
  /** Right answers in another style, which must pass. */
  readonly styles: Readonly<Record<string, Answer>>;
}

/**
 * Describes an exercise. The type of what students write is given: `exercise<typeof padBatch>({...})`.
 *
 * @param parts The reference, what is asked, the mistakes.
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
