/**
 * Charts of a bench report.
 *
 * @module
 */
import * as Plot from "@observablehq/plot";
import { type ChartOptions, PALETTE } from "lib/plot/mod.ts";
import { type Report, type Section, summarize } from "./report.ts";

/** Ratios above this are cut off: what is many times slower would flatten all else. */
const MOST_RATIO = 2;

/** Pixels a bar. */
const BAR_HEIGHT = 20;

const WIDTH = 760;

/** Draws each mode's time of a step as a multiple of eager PyTorch's, a panel for each shape. */
export function stepChart(report: Report): ChartOptions {
  const section = find(report, "step", () => true);
  const bars = section.rows.map((row) => ({
    ...row,
    ...summarize(section, row),
    isOurs: row.name.startsWith("ours"),
  })).filter(({ ratio }) => Number.isFinite(ratio)).map((bar) => ({
    ...bar,
    shown: Math.min(bar.ratio, MOST_RATIO),
    text: `${bar.ratio.toFixed(2)}  (${bar.median.toFixed(0)} ms)`,
  }));
  const names = new Set(bars.map(({ name }) => name)).size;
  const shapes = new Set(bars.map(({ group }) => group)).size;
  const y = { y: "name", fy: "group" } as const;
  return {
    width: WIDTH,
    height: (names * BAR_HEIGHT + 24) * shapes + 60,
    marginLeft: 235,
    marginRight: 70,
    marginBottom: 45,
    x: {
      label: "time of a step, eager PyTorch = 1",
      labelOffset: 40,
      domain: [0, 1.3 * MOST_RATIO],
      grid: true,
    },
    y: { label: null, domain: [...new Set(bars.map(({ name }) => name))] },
    fy: { label: null, domain: [...new Set(bars.map(({ group }) => group))] },
    ariaLabel: "Time of a training step against eager PyTorch",
    ariaDescription: bars.map(({ group, name, text }) => `${group} ${name} ${text}`).join("; "),
    marks: [
      Plot.barX(bars, {
        ...y,
        x: "shown",
        fill: (bar: { isOurs: boolean }) => bar.isOurs ? PALETTE.train : PALETTE.reference,
      }),
      Plot.text(bars, { ...y, x: "shown", text: "text", textAnchor: "start", dx: 4 }),
      Plot.ruleX([1], { stroke: PALETTE.validation, strokeDasharray: "4 3" }),
    ],
  };
}

/** Draws how the time of a step grows, ours and eager PyTorch's, a panel for each size. */
export function growthChart(report: Report): ChartOptions {
  const points = ["length", "batch", "layers"].flatMap((size) => {
    const section = find(report, "growth", ({ title }) => title.includes(`by ${size}`));
    return section.rows.map((row) => ({
      size,
      value: Number(row.group.split(" ").at(-1)),
      side: row.name,
      ms: summarize(section, row).median,
    }));
  }).filter(({ ms }) => Number.isFinite(ms));
  const channels = { fx: "size", x: "value", y: "ms" } as const;
  const color = (point: { side: string }) =>
    point.side.startsWith("ours") ? PALETTE.train : PALETTE.reference;
  const last = (side: string) =>
    points.filter((point) => point.side === side && point.size === "layers").at(-1);
  const ends = [...new Set(points.map(({ side }) => side))].flatMap((side) => last(side) ?? []);
  return {
    width: WIDTH,
    height: 300,
    marginRight: 100,
    fx: { label: null, domain: ["length", "batch", "layers"] },
    x: {
      type: "log",
      label: null,
      base: 2,
      tickFormat: "d",
    },
    y: { type: "log", label: "ms per step", grid: true },
    ariaLabel: "Time of a training step by length, batch and layers",
    ariaDescription: points.map(({ size, value, side, ms }) =>
      `${size} ${value} ${side} ${ms.toFixed(0)} ms`
    ).join("; "),
    marks: [
      Plot.line(points, { ...channels, z: "side", stroke: color, strokeWidth: 2 }),
      Plot.dot(points, { ...channels, fill: color }),
      // The two lines may end at one place: their names stand below each other.
      ...ends.map((end, i) =>
        Plot.text([end], {
          ...channels,
          text: "side",
          fill: color,
          textAnchor: "start",
          dx: 8,
          dy: 16 * (i - (ends.length - 1) / 2),
        })
      ),
    ],
  };
}

function find(report: Report, part: string, isIt: (section: Section) => boolean): Section {
  const section = report.sections.find((one) => one.part === part && isIt(one));
  if (section !== undefined) return section;
  throw new RangeError(
    `Cannot draw the ${part}: expected a report of that part, got one of ` +
      `${[...new Set(report.sections.map((one) => one.part))].join(", ") || "none"}; ` +
      `run \`./denow task bench ${part}\``,
  );
}
