import { expectThat } from "./check.ts";

/** The numbers that were drawn, as many as asked for. */
export function drawFrom(drawn: ArrayLike<number>, count: number, what = ""): readonly number[] {
  const numbers = Array.from(drawn ?? []), where = what && ` for ${what}`;
  expectThat(numbers.length === count, `expected ${count} numbers${where}, got ${numbers.length}`);
  return numbers;
}

/** Mean, standard deviation and largest size of numbers. */
export function measure(
  numbers: ArrayLike<number>,
): { mean: number; spread: number; largest: number } {
  const all = Array.from(numbers), mean = all.reduce((a, b) => a + b, 0) / all.length;
  const square = all.reduce((sum, number) => sum + (number - mean) ** 2, 0) / all.length;
  const largest = all.reduce((most, number) => Math.max(most, Math.abs(number)), 0);
  return { mean, spread: Math.sqrt(square), largest };
}

/** Whether two numbers differ by a small share. */
export function isNear(actual: number, expected: number, tolerance = 1e-5): boolean {
  return Math.abs(actual - expected) <= tolerance * Math.abs(expected);
}
