import * as Plot from "@observablehq/plot";
import { HALO } from "./_frame.ts";
import { formatShort } from "./_numbers.ts";
import { PALETTE } from "./palette.ts";

/** Light red, behind black text. */
const DIVERGED = "#F6D5CF";

/** A horizontal axis of learning rates, on a log scale. */
export function rateAxis(domain: readonly [number, number], label: string): Plot.ScaleOptions {
  return {
    type: "log",
    domain,
    label,
    labelAnchor: "center",
    ticks: powers(domain),
    tickFormat: formatRate,
  };
}

/** Shades the rates from `start` to the end of the axis. */
export function divergedRegion(
  start: number,
  { x, y }: Readonly<Record<"x" | "y", readonly [number, number]>>,
): Plot.Markish[] {
  return [
    Plot.rect([0], { x1: start, x2: x[1], y1: y[0], y2: y[1], fill: DIVERGED }),
    Plot.ruleX([start], { stroke: PALETTE.validation, strokeDasharray: "5 4" }),
    Plot.text([`diverges from ${formatRate(start)} on`], {
      x: start,
      frameAnchor: "top",
      textAnchor: "end",
      dx: -6,
      dy: 6,
      fill: PALETTE.validation,
      ...HALO,
    }),
  ];
}

/** Writes 1e-3, 3e-4, 1.5e-2. */
export function formatRate(lr: number): string {
  const [digits = "", power = ""] = lr.toExponential(1).split("e");
  return `${formatShort(Number(digits))}e${Number(power)}`;
}

/**
 * The powers of ten inside the domain; if there are fewer than four, also three times each power.
 */
function powers([low, high]: readonly [number, number]): number[] {
  const first = Math.floor(Math.log10(low)), last = Math.ceil(Math.log10(high));
  const tens = Array.from({ length: last - first + 1 }, (_, i) => Number(`1e${first + i}`));
  const inside = (values: number[]) => values.filter((value) => value >= low && value <= high);
  const all = inside(tens);
  return all.length >= 4 ? all : inside(tens.flatMap((ten) => [ten, 3 * ten]));
}
