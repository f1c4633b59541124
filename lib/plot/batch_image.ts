import * as Plot from "@observablehq/plot";
import type { ChartOptions } from "./render.ts";

/** A padded batch, row by row, as a data loader gives it. */
export interface BatchPicture {
  /** What the model reads: [B, T]. */
  readonly ids: ArrayLike<number>;
  /** 1 at tokens that may be attended to, 0 at pads: [B, T]. */
  readonly mask: ArrayLike<number>;
  /** What the model should predict: [B, T]; a negative label is not counted. */
  readonly labels: ArrayLike<number>;
  /** B and T. */
  readonly shape: readonly [number, number];
}

/** Settings of {@linkcode batchImage}. */
export interface BatchImageOptions {
  /** Turns an id into text; default the number itself. */
  readonly tokenOf?: (id: number) => string;
}

/** Fills light enough for black text. */
const FILLS = { word: "#CFE3F3", special: "#F7D9B8", off: "#E4E5E7" } as const;
const LEGEND = { word: "word", special: "<bos>, <eos> and their like", off: "pad: left out" };
const SECTIONS = ["ids", "mask", "labels"] as const;
const ROW_HEIGHT = 24;

interface Cell {
  readonly section: typeof SECTIONS[number];
  readonly row: number;
  readonly position: number;
  readonly text: string;
  readonly kind: keyof typeof FILLS;
}

/**
 * Draws a batch as three tables of coloured cells: what the model reads, where it may look, and
 * what it should predict.
 *
 * Read a column from top to bottom: the label is the token one place to the right in the ids. Grey
 * cells are pads; in all three tables they must be at the same positions.
 *
 * @param batch The batch; with up to about 16 positions the text is readable.
 * @param options How ids are written.
 * @returns Options for {@linkcode displayPlot} or {@linkcode renderPlot}, 760 pixels wide.
 * @throws {TypeError} If ids, mask or labels do not have B · T elements.
 *
 * @example
 * ```ts
 * import { batchImage, renderPlot } from "lib/plot/mod.ts";
 * import { assertEquals, assertStringIncludes } from "@std/assert";
 *
 * const tokens = ["<pad>", "<bos>", "<eos>", "The", "dog"];
 * const chart = batchImage({ ids: [1, 3, 4], mask: [1, 1, 1], labels: [3, 4, 2], shape: [1, 3] }, {
 *   tokenOf: (id) => tokens[id] ?? "?",
 * });
 * assertEquals(chart.ariaDescription, "1 row of 3 positions, 0 of 3 are pads");
 * assertStringIncludes(renderPlot(chart), "dog");
 * ```
 */
export function batchImage(
  batch: BatchPicture,
  { tokenOf = String }: BatchImageOptions = {},
): ChartOptions {
  const [B, T] = batch.shape, cells = cellsOf(batch, tokenOf), place = { x: "position", y: "row" };
  const pads = cells.filter((cell) => cell.section === "mask" && cell.kind === "off").length;
  return {
    width: 760,
    height: 70 + SECTIONS.length * (ROW_HEIGHT * B + 14),
    marginLeft: 40,
    marginRight: 56,
    marginBottom: 36,
    x: { type: "band", label: "position", labelAnchor: "center", tickSize: 0, padding: 0.06 },
    y: { type: "band", label: "row", tickSize: 0, padding: 0.08 },
    fy: { domain: SECTIONS, label: null, padding: 14 / (ROW_HEIGHT * B + 14) },
    color: { domain: Object.values(LEGEND), range: Object.values(FILLS), legend: true },
    ariaLabel: "A batch: ids, mask and labels",
    ariaDescription: `${B} row${B === 1 ? "" : "s"} of ${T} positions, ${pads} of ${
      B * T
    } are pads`,
    marks: [
      Plot.cell(cells, { ...place, fy: "section", fill: (cell: Cell) => LEGEND[cell.kind] }),
      Plot.text(cells, {
        ...place,
        fy: "section",
        text: "text",
        fontSize: 11,
        lineWidth: 640 / Math.max(1, T) / 11,
        textOverflow: "ellipsis-end",
      }),
    ],
  };
}

function cellsOf(batch: BatchPicture, tokenOf: (id: number) => string): Cell[] {
  const [B, T] = batch.shape;
  for (const section of SECTIONS) {
    if (batch[section].length === B * T) continue;
    throw new TypeError(
      `Cannot draw a batch: expected ${B * T} ${section} for [${B}, ${T}], ` +
        `got ${batch[section].length}`,
    );
  }
  return SECTIONS.flatMap((section) =>
    Array.from(batch[section], (value, i): Cell => ({
      section,
      row: Math.floor(i / T),
      position: i % T,
      ...drawn(section, value, { isPad: batch.mask[i] === 0, tokenOf }),
    }))
  );
}

function drawn(
  section: Cell["section"],
  value: number,
  { isPad, tokenOf }: { readonly isPad: boolean; readonly tokenOf: (id: number) => string },
): Pick<Cell, "text" | "kind"> {
  if (section === "mask") return { text: String(value), kind: value === 0 ? "off" : "word" };
  const text = value < 0 ? String(value) : tokenOf(value);
  // A label is grey by its own value, not by the mask's: if the two differ, the picture must show
  // it.
  const isOff = section === "labels" ? value < 0 : isPad;
  return { text, kind: isOff ? "off" : /^<.*>$/.test(text) ? "special" : "word" };
}
