import * as Plot from "@observablehq/plot";
import { mapSize, panelGrid } from "./_attention_panels.ts";
import { PALETTE } from "./palette.ts";
import type { ChartOptions } from "./render.ts";

/** Settings of {@linkcode attentionGrid}. */
export interface AttentionGridOptions {
  /** The token at each position, for both axes; default the position's number. */
  readonly tokens?: readonly string[];
  /** Heads to draw a frame around; default none. */
  readonly marked?: readonly { readonly layer: number; readonly head: number }[];
}

/**
 * Draws the attention of all heads for one sentence: one row of maps per layer, one column per
 * head.
 *
 * In each map a row is a query (the position that looks), a column is a key (the position that is
 * looked at), and a dark cell is a large weight.
 *
 * @param attention Weights [layers][H][T queries][T keys], as `inspect` of `lib/model` gives them.
 * @param options Tokens for the axes, heads to mark.
 * @returns Options for {@linkcode displayPlot} or {@linkcode renderPlot}, up to 720 pixels wide.
 * @throws {TypeError} If the maps differ in size, or there is not one token per position.
 *
 * @example
 * ```ts
 * import { attentionGrid, renderPlot } from "lib/plot/mod.ts";
 * import { assertEquals, assertStringIncludes } from "@std/assert";
 *
 * const map = [[1, 0], [0.25, 0.75]];
 * const chart = attentionGrid([[map, map], [map, map]], { tokens: ["The", "dog"] });
 * assertEquals(chart.ariaDescription, "2 layers of 2 heads, each a map of 2 queries and 2 keys");
 * assertStringIncludes(renderPlot(chart), "layer 1");
 * ```
 */
export function attentionGrid(
  attention: readonly (readonly (readonly (readonly number[])[])[])[],
  options: AttentionGridOptions = {},
): ChartOptions {
  const { tokens, marked = [] } = options, size = mapSize(attention.flat(), tokens);
  const layers = attention.length;
  const heads = attention.reduce((most, maps) => Math.max(most, maps.length), 0);
  const grid = panelGrid({
    panels: attention.flatMap((maps, row) =>
      maps.map((weights, column) => ({ column, row, weights }))
    ),
    columns: Array.from({ length: heads }, (_, head) => `head ${head}`),
    rows: Array.from({ length: layers }, (_, layer) => `layer ${layer}`),
    tokenAt: (place) => tokens?.[place] ?? String(place),
  }, size);
  const frames = marked.map(({ layer, head }) =>
    Plot.frame({ fx: head, fy: layer, stroke: PALETTE.validation, strokeWidth: 2.5, inset: -2 })
  );
  return {
    ...grid,
    marks: [...grid.marks ?? [], ...frames],
    ariaLabel: "Attention of all heads: who looks where",
    ariaDescription: layers === 0 ? "no map yet" : [
      `${layers} layer${layers === 1 ? "" : "s"} of ${heads} head${heads === 1 ? "" : "s"}, ` +
      `each a map of ${size.queries} queries and ${size.keys} keys`,
      ...marked.map(({ layer, head }) => `marked: layer ${layer}, head ${head}`),
    ].join("; "),
  };
}
