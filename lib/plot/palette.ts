/**
 * The colours of the charts: told apart with every kind of colour blindness, and dark enough for
 * text on white (a contrast of 4.5 at least).
 *
 * Source: after Okabe and Ito, "Color Universal Design", 2008, https://jfly.uni-koeln.de/color/
 *
 * @example
 * ```ts
 * import { PALETTE } from "lib/plot/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(Object.keys(PALETTE), ["train", "validation", "oracle", "reference"]);
 * ```
 */
export const PALETTE = {
  /** What the model is trained on: blue. */
  train: "#0072B2",
  /** What the model has not seen: vermilion. */
  validation: "#C25400",
  /** What the oracle reaches: bluish green. */
  oracle: "#007A59",
  /** Marks to compare with, such as the ladder and thresholds: grey. */
  reference: "#5F6368",
} as const;
