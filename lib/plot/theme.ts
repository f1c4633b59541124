/** The background of a chart: white or dark. */
export type Theme = "light" | "dark";

/**
 * The charts' colours on a white background, and the colour that replaces each on a dark one. A
 * chart names only the colours for white; the theme is chosen when it is drawn.
 */
const DARK: ReadonlyMap<string, string> = new Map([
  // Background and text.
  ["white", "#1B1F24"],
  ["black", "#E7EAEE"],
  // The palette.
  ["#0072b2", "#56B4E9"],
  ["#c25400", "#FF9B57"],
  ["#007a59", "#4FC9A3"],
  ["#5f6368", "#A2ADB9"],
  // Fills behind text.
  ["#cfe3f3", "#1F3B52"],
  ["#f7d9b8", "#5A4020"],
  ["#e4e5e7", "#3A4048"],
  ["#f6d5cf", "#5A2C26"],
  // The two ends of a colour ramp: close to the background, and in strong contrast to it.
  ["#eef3f7", "#262D35"],
  ["#08417a", "#A6D4FF"],
  // Classes.
  ["#882255", "#E07AAE"],
  ["#332288", "#A79BF5"],
  ["#7a6a00", "#D2C04A"],
  ["#aa3399", "#D98BD0"],
  ["#1f7f8c", "#5CC8D6"],
  ["#b0455a", "#F08C9C"],
]);

/**
 * Gives the colour that replaces one of the charts' colours in a theme.
 *
 * @param color A colour as the charts write it; any other colour is returned unchanged.
 * @param theme The theme.
 * @returns A CSS colour.
 *
 * @example
 * ```ts
 * import { PALETTE, themed } from "lib/plot/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(themed(PALETTE.train, "light"), "#0072B2");
 * assertEquals(themed(PALETTE.train, "dark"), "#56B4E9");
 * ```
 */
export function themed(color: string, theme: Theme): string {
  return theme === "dark" ? DARK.get(color.toLowerCase()) ?? color : color;
}
