/**
 * The engine that checks answers: it asks an answer and the reference the same questions, compares their
 * results, and names the mistake whose wrong answer gives the same results as the answer. The exercises
 * are in `course`.
 *
 * Rank 6: may import every other folder but `notebook`.
 *
 * @example
 * ```ts
 * import { checkAnswer, exercise } from "lib/grade/mod.ts";
 *
 * const sum = exercise<(numbers: readonly number[]) => number>({
 *   name: "sum",
 *   reference: (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0),
 *   returns: "number",
 *   cases: { "three numbers": () => [[1, 2, 3]], "no numbers": () => [[]] },
 *   mistakes: { "that is the product": (numbers) => numbers.reduce((a, b) => a * b, 1) },
 *   styles: {},
 * });
 * await checkAnswer(sum, (numbers: readonly number[]) => {
 *   let total = 0;
 *   for (const number of numbers) total += number;
 *   return total;
 * });
 * ```
 *
 * @module
 */
export { checkAnswer, isCopy } from "./check.ts";
export type { Difference } from "./differences.ts";
export {
  type AnyFunction,
  type Case,
  type Exercise,
  exercise,
  type WrongAnswer,
} from "./exercise.ts";
export { CheckError, expectSame, expectThat, type SameOptions } from "./expectations.ts";
export { judge, type Judgement } from "./judge.ts";
export { type Kind, type KindName, kindProblem } from "./kind.ts";
export {
  callLimit,
  CountingRandom,
  limitedList,
  limitOf,
  type ListLimit,
  takeAll,
} from "./limits.ts";
export {
  type Observation,
  type Question,
  questionsOf,
  refuseMathRandom,
  type RemoteAnswer,
} from "./observe.ts";
export { isRecord, PlainTensor, tensorsIn, withTensors } from "./plain.ts";

// For your own programs:
export { differences, format, inspectShort } from "./differences.ts";
export { refuse } from "./expectations.ts";
export { describe } from "./kind.ts";
export { toPlain } from "./plain.ts";
