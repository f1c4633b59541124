import type * as Plot from "@observablehq/plot";
import { drawChart } from "./_drawing.ts";
import { toXmlText } from "./_xml.ts";
import { renderPng } from "./png.ts";
import type { Theme } from "./theme.ts";

/**
 * What a chart is made of, as `Plot.plot` takes it: marks, scales, `ariaLabel`, and so on.
 *
 * @internal Plot documents its own options; this is only the name under which they are passed on.
 */
export type ChartOptions = Plot.PlotOptions;

/** Settings of {@linkcode renderPlot} and {@linkcode displayPlot}. */
export interface RenderOptions {
  /** The background of the chart; default `light`: white, independent of the page's own theme. */
  readonly theme?: Theme;
}

/**
 * Draws a chart without a browser.
 *
 * Each drawing has its own background and declares its XML namespaces, so that it can also be saved
 * as a separate file.
 *
 * @param options As Plot takes them: marks, scales, `title`, `ariaLabel`, `ariaDescription`.
 * @param settings The theme.
 * @returns An `<svg>`; with a title, a caption or a legend, a `<figure>` around it.
 * @throws {TypeError} If the style is a string and not an object.
 *
 * @example
 * ```ts
 * import * as Plot from "@observablehq/plot";
 * import { renderPlot } from "lib/plot/mod.ts";
 * import { assertMatch } from "@std/assert";
 *
 * const svg = renderPlot({ marks: [Plot.lineY([6.9, 4.2, 3.7])], ariaLabel: "Loss" });
 * assertMatch(svg, /^<svg .*aria-label="Loss"/);
 * ```
 */
export function renderPlot(options: ChartOptions, settings: RenderOptions = {}): string {
  return toXmlText(drawChart(options, settings.theme ?? "light").outerHTML);
}

/** A chart that a notebook shows as a cell's last value; {@linkcode displayPlot} makes it. */
export interface DisplayedPlot {
  /**
   * The chart by MIME type, under the name that Deno's kernel asks for: `text/html` is the drawing,
   * `image/png` the same as pixels, `text/plain` a sentence for viewers that cannot draw.
   */
  [name: symbol]: () => Record<"text/html" | "image/png" | "text/plain", string>;
}

/**
 * Makes a chart that a notebook shows.
 *
 * It gives the drawing as HTML and as an image: some converters remove SVG drawings, and some
 * viewers show no HTML.
 *
 * @param options As Plot takes them; `ariaLabel` and `ariaDescription` become the plain text.
 * @param settings The theme.
 * @returns An object for a cell's last line, or for `Deno.jupyter.display`.
 * @throws {TypeError} If the style is a string and not an object.
 *
 * @example
 * ```ts
 * import * as Plot from "@observablehq/plot";
 * import { displayPlot } from "lib/plot/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const shown = displayPlot({ marks: [Plot.lineY([6.9, 3.7])], ariaLabel: "Loss by step" });
 * const bundle = shown[Symbol.for("Jupyter.display")]?.();
 * assertEquals(bundle?.["text/plain"], "Loss by step");
 * ```
 */
export function displayPlot(options: ChartOptions, settings: RenderOptions = {}): DisplayedPlot {
  // Drawn at once, so that an error shows where the chart is made.
  const html = renderPlot(options, settings);
  return {
    [Symbol.for("Jupyter.display")]: () => ({
      "text/html": html,
      "image/png": renderPng(options, settings).toBase64(),
      "text/plain": summarize(options),
    }),
  };
}

function summarize({ title, ariaLabel, ariaDescription }: ChartOptions): string {
  const head = ariaLabel ?? (typeof title === "string" ? title : "Chart");
  return ariaDescription ? `${head}: ${ariaDescription}` : head;
}
