import { type MapSize, mapSize, panelGrid, panelsAcross } from "./_attention_panels.ts";
import type { ChartOptions } from "./render.ts";

/** One head's attention weights, or a mask. */
export interface AttentionPanel {
  /** The text below the panel, such as `head 0`; default none. */
  readonly title?: string;
  /** [T queries, T keys], each from 0 to 1. */
  readonly weights: readonly (readonly number[])[];
}

/** Settings of {@linkcode attentionMap}. */
export interface AttentionMapOptions {
  /** The token at each position, for both axes; default the position's number. */
  readonly tokens?: readonly string[];
  /** Whether each cell shows its number, if there is room for it; default false. */
  readonly hasValues?: boolean;
}

/** For a map with at most this many rows, the description says where each row looks most. */
const MOST_DESCRIBED = 16;

/**
 * Draws attention weights or masks as images: a row is a query (the position that looks), a column
 * is a key (the position that is looked at), and a dark cell is a large weight.
 *
 * In a causal model every cell above the diagonal is 0. Each row of attention weights sums to 1.
 * Long tokens are shortened on the axes; if the cells are too small, only some positions are named.
 *
 * @param panels The maps, all of the same size; they are drawn side by side and in rows.
 * @param options Tokens for the axes, numbers in the cells.
 * @returns Options for {@linkcode displayPlot} or {@linkcode renderPlot}, up to 720 pixels wide.
 * @throws {TypeError} If the panels differ in size, or there is not one token per position.
 *
 * @example
 * ```ts
 * import { attentionMap, renderPlot } from "lib/plot/mod.ts";
 * import { assertEquals, assertStringIncludes } from "@std/assert";
 *
 * const chart = attentionMap([{ weights: [[1, 0], [0.25, 0.75]] }], { tokens: ["The", "dog"] });
 * assertEquals(
 *   chart.ariaDescription,
 *   "1 map of 2 queries and 2 keys; 1 of 4 weights are 0; " +
 *     "The looks most at The (1), dog at dog (0.75)",
 * );
 * assertStringIncludes(renderPlot(chart), "dog");
 * ```
 */
export function attentionMap(
  panels: readonly AttentionPanel[],
  options: AttentionMapOptions = {},
): ChartOptions {
  const { tokens, hasValues = false } = options;
  const size = mapSize(panels.map(({ weights }) => weights), tokens);
  const across = panelsAcross(panels.length, size);
  const nameless = (count: number) => Array.from({ length: count }, () => "");
  const grid = panelGrid({
    panels: panels.map((panel, i) => ({
      ...panel,
      column: i % across,
      row: Math.floor(i / across),
    })),
    columns: nameless(across),
    rows: nameless(Math.ceil(panels.length / across)),
    tokenAt: (place) => tokens?.[place] ?? String(place),
    hasValues,
  }, size);
  return {
    ...grid,
    ariaLabel: "Attention: who looks where",
    ariaDescription: describe(panels, size, tokens),
  };
}

function describe(
  panels: readonly AttentionPanel[],
  { queries, keys }: MapSize,
  tokens: readonly string[] | undefined,
): string {
  const cells = panels.length * queries * keys;
  if (cells === 0) return "no map yet";
  let zeros = 0;
  for (const { weights } of panels) {
    for (const row of weights) zeros += row.filter((weight) => weight === 0).length;
  }
  const [first] = panels, isShort = panels.length === 1 && queries <= MOST_DESCRIBED;
  return `${panels.length} map${panels.length === 1 ? "" : "s"} of ${queries} queries and ` +
    `${keys} keys; ${zeros} of ${cells} weights are 0` +
    (first && tokens && isShort ? `; ${strongest(first.weights, tokens)}` : "");
}

/** Says at which key each query looks most. */
function strongest(weights: AttentionPanel["weights"], tokens: readonly string[]): string {
  return weights.map((row, query) => {
    const most = row.reduce((best, weight, key) => weight > (row[best] ?? 0) ? key : best, 0);
    const verb = query === 0 ? " looks most at" : " at";
    return `${tokens[query]}${verb} ${tokens[most]} (${Number((row[most] ?? 0).toFixed(2))})`;
  }).join(", ");
}
