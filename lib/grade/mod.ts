/**
 * The engine that checks answers: it asks an answer and the reference the same, compares what they give,
 * and names the mistake whose wrong answer gives just that. The exercises are in `course`.
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
export * from "./check.ts";
export * from "./expectations.ts";
export * from "./differences.ts";
export * from "./exercise.ts";
export * from "./judge.ts";
export * from "./kind.ts";
export * from "./limits.ts";
export * from "./plain.ts";
