/** What a chart stands on: a white page or a dark one. */
export type Theme = "light" | "dark";

/**
 * The charts' colours on white, and what stands for each on a dark ground. A chart is written in those
 * for white alone; whoever draws it says the theme.
 */
const DARK: ReadonlyMap<string, string> = new Map([
  // Ground and ink.
  ["white", "#1B1F24"],
  ["black", "#E7EAEE"],
  // The palette.
  ["#0072b2", "#56B4E9"],
  ["#c25400", "#FF9B57"],
  ["#007a59", "#4FC9A3"],
  ["#5f6368", "#A2ADB9"],
  // Fills below text.
  ["#cfe3f3", "#1F3B52"],
  ["#f7d9b8", "#5A4020"],
  ["#e4e5e7", "#3A4048"],
  ["#f6d5cf", "#5A2C26"],
  // The ends of ramps: from the ground to what stands out.
  ["#eef3f7", "#262D35"],
  ["#08417a", "#A6D4FF"],
  // Classes.
  ["#332288", "#A79BF5"],
  ["#88ccee", "#88CCEE"],
  ["#44aa99", "#44AA99"],
  ["#117733", "#5FBF72"],
  ["#999933", "#BDBD55"],
  ["#ddcc77", "#DDCC77"],
  ["#cc6677", "#E58292"],
  ["#882255", "#D5609A"],
  ["#aa4499", "#C778B8"],
]);

/**
 * Gives the colour that stands for one of the charts' own in a theme.
 *
 * @param color A colour as the charts write it; others stay as they are.
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
