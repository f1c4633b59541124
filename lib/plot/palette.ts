/**
 * The colours of the charts: they can be told apart with every kind of colour blindness, and are
 * dark enough for text on white (a contrast of at least 4.5).
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
  /** Values to compare with, such as the ladder and thresholds: grey. */
  reference: "#5F6368",
} as const;

/**
 * Colours for classes, runs and the like, all dark enough for text on white. Ten colours cannot all
 * be told apart with every kind of colour blindness, so the charts add names, dashes or shapes.
 *
 * @example
 * ```ts
 * import { CATEGORIES } from "lib/plot/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(CATEGORIES.length, 10);
 * ```
 */
export const CATEGORIES = [
  "#0072B2",
  "#C25400",
  "#007A59",
  "#882255",
  "#332288",
  "#7A6A00",
  "#AA3399",
  "#1F7F8C",
  "#B0455A",
  "#5F6368",
] as const;
