/** How {@linkcode compareGuess} writes numbers. */
export interface GuessOptions {
  /** The text after each number, such as " %" or " nats"; default nothing. */
  readonly unit?: string;
  /** Writes a number; default with thousands separators. */
  readonly format?: (value: number) => string;
}

/**
 * Shows a guess beside the true value, which stays hidden until there is a guess.
 *
 * @param guess The student's number; null if there is none yet.
 * @param truth The true value.
 * @param options How numbers are written.
 * @returns A line to print.
 *
 * @example
 * ```ts
 * import { compareGuess } from "lib/notebook/mod.ts";
 * import { assertEquals, assertMatch } from "@std/assert";
 *
 * assertEquals(compareGuess(50, 1.3, { unit: " %" }), "guess 50 %   truth 1.3 %");
 * assertMatch(compareGuess(null, 1.3), /^First write your guess/);
 * ```
 */
export function compareGuess(
  guess: number | null,
  truth: number,
  { unit = "", format = (value) => value.toLocaleString("en") }: GuessOptions = {},
): string {
  if (guess === null) {
    return "First write your guess into the cell above, in place of null, and run it. Then run this cell again.";
  }
  return `guess ${format(guess)}${unit}   truth ${format(truth)}${unit}`;
}
