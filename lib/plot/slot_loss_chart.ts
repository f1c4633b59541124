import * as Plot from "@observablehq/plot";
import { largest, smallest } from "lib/core/mod.ts";
import { HALO } from "./_frame.ts";
import { signed } from "./_numbers.ts";
import { PALETTE } from "./palette.ts";
import type { ChartOptions } from "./render.ts";

/** The losses in one slot of the sentences, such as the noun's. */
export interface SlotLossRow {
  /** The slot's name in the grammar. */
  readonly slot: string;
  /** The model's mean loss there, in nats. */
  readonly loss: number;
  /** The oracle's mean loss on the same targets, in nats. */
  readonly oracleLoss: number;
}

const ROW_HEIGHT = 30;

/**
 * Draws the model's loss in each slot beside the oracle's loss on the same targets.
 *
 * The bar between the two shows how much the model still has to learn there. A dot to the left of
 * the oracle's tick means luck, or a leak.
 *
 * @param slots The losses, in the order to draw from top to bottom.
 * @returns Options for {@linkcode displayPlot} or {@linkcode renderPlot}, 640 pixels wide.
 *
 * @example
 * ```ts
 * import { renderPlot, slotLossChart } from "lib/plot/mod.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const svg = renderPlot(slotLossChart([{ slot: "noun", loss: 5.55, oracleLoss: 5.521 }]));
 * assertStringIncludes(svg, "noun");
 * assertStringIncludes(svg, "5.550 (+0.029)");
 * ```
 */
export function slotLossChart(slots: readonly SlotLossRow[]): ChartOptions {
  const drawn = slots.filter((row) => Number.isFinite(row.loss) && Number.isFinite(row.oracleLoss));
  const losses = drawn.flatMap((row) => [row.loss, row.oracleLoss]);
  const domain = [smallest(losses, 0), 1.02 * largest(losses, 0) || 1];
  const isEmpty = drawn.length === 0;
  return {
    width: 640,
    height: 62 + ROW_HEIGHT * Math.max(2, slots.length),
    marginTop: 22,
    marginLeft: 96,
    marginRight: 112,
    marginBottom: 40,
    x: { domain, label: "mean loss, nats per target token", labelAnchor: "center", ticks: 7 },
    y: { domain: slots.map((row) => row.slot), label: null, tickSize: 0 },
    ariaLabel: "Loss by slot, model against oracle",
    ariaDescription: slots.map(describe).join("; ") || "no slot measured yet",
    marks: [
      Plot.gridX({ ticks: 7 }),
      Plot.ruleX([0]),
      ...isEmpty ? [Plot.text(["nothing to draw yet"], { frameAnchor: "middle" })] : [],
      ...rowMarks(drawn),
      ...legendMarks(),
    ],
  };
}

function rowMarks(rows: readonly SlotLossRow[]): Plot.Markish[] {
  const y = "slot", bar = { stroke: PALETTE.validation, strokeWidth: 4, strokeOpacity: 0.45 };
  return [
    Plot.link(rows, { x1: "oracleLoss", x2: "loss", y1: y, y2: y, ...bar }),
    Plot.tickX(rows, { x: "oracleLoss", y, stroke: PALETTE.oracle, strokeWidth: 2.5, inset: 2 }),
    Plot.dot(rows, { x: "loss", y, fill: PALETTE.validation, r: 4 }),
    Plot.text(rows, {
      x: (row: SlotLossRow) => Math.max(row.loss, row.oracleLoss),
      y,
      text: ({ loss, oracleLoss }) => `${loss.toFixed(3)} (${signed(loss - oracleLoss, 3)})`,
      textAnchor: "start",
      dx: 9,
      fill: PALETTE.validation,
      ...HALO,
    }),
  ];
}

/** The legend above the chart: it names the two marks, each in its own shape and colour. */
function legendMarks(): Plot.Markish[] {
  const place = { frameAnchor: "top-left", textAnchor: "start", dy: -16 } as const;
  return [
    Plot.text(["● model"], { ...place, fill: PALETTE.validation }),
    Plot.text(["┃ oracle (the best possible)"], { ...place, dx: 64, fill: PALETTE.oracle }),
    Plot.text(["loss (gap)"], { frameAnchor: "top-right", textAnchor: "end", dy: -16 }),
  ];
}

function describe(row: SlotLossRow): string {
  return `${row.slot} ${row.loss.toFixed(3)}, oracle ${row.oracleLoss.toFixed(3)}`;
}
