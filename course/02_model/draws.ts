/**
 * What checks of notebook 2 measure of random numbers.
 *
 * @module
 */

/** The sizes |x| in ascending order: the same however signs and places were chosen. */
export function sortedSizes(numbers: Float32Array): number[] {
  return Array.from(numbers, Math.abs).toSorted((a, b) => a - b);
}

/** How many of the numbers fulfil a condition, from 0 to 1. */
export function share(numbers: Float32Array, condition: (x: number) => boolean): number {
  return numbers.filter(condition).length / numbers.length;
}

/** How far numbers and those that follow them go together, from −1 to 1. */
export function correlation(numbers: Float32Array, distance = 1): number {
  const variance = numbers.reduce((sum, x) => sum + x * x, 0);
  return numbers.reduce((sum, x, i) => sum + x * (numbers[i + distance] ?? 0), 0) / variance;
}
