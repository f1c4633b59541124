import * as Plot from "@observablehq/plot";
import { chartDocument } from "./_document.ts";

/**
 * What a chart is made of, as `Plot.plot` takes it: marks, scales, `ariaLabel`, and so on.
 *
 * @internal Plot documents its own options; this is only the name under which they are passed on.
 */
export type ChartOptions = Plot.PlotOptions;

/** The part of a browser's element that is used here; Deno's global types have none. */
interface ChartElement {
  readonly tagName: string;
  readonly outerHTML: string;
  readonly attributes: ArrayLike<{ readonly name: string; readonly value: string }>;
  hasAttribute(name: string): boolean;
  setAttribute(name: string, value: string): void;
  querySelectorAll(selector: string): { forEach(act: (element: ChartElement) => void): void };
}

const STYLE = {
  background: "white",
  color: "black",
  fontSize: "12px",
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif",
};

/**
 * Draws a chart without a browser.
 *
 * The background is white and the text black whatever the page's theme, and each drawing declares
 * its XML namespaces, so that it can also be saved as a file of its own.
 *
 * @param options As Plot takes them: marks, scales, `ariaLabel`, `ariaDescription`.
 * @returns An `<svg>`; with a title, a caption or a legend, a `<figure>` around it.
 * @throws {TypeError} If the style is a text and no object.
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
export function renderPlot(options: ChartOptions): string {
  if (typeof options.style === "string") {
    throw new TypeError(
      `Cannot style a chart: expected an object such as { background: "ivory" }, got the text ` +
        `"${options.style}"`,
    );
  }
  const style = { ...STYLE, ...options.style };
  const chart: ChartElement = Plot.plot({ ...options, style, document: chartDocument() });
  if (chart.tagName.toLowerCase() === "svg") finish(chart);
  chart.querySelectorAll("svg").forEach(finish);
  escapeAttributes(chart);
  chart.querySelectorAll("*").forEach(escapeAttributes);
  return chart.outerHTML;
}

/** linkedom writes the attributes of an HTML document with only their quotes escaped: no XML. */
function escapeAttributes(element: ChartElement): void {
  for (const { name, value } of Array.from(element.attributes)) {
    if (/[&<>]/.test(value)) element.setAttribute(name, escapeMarkup(value));
  }
}

function escapeMarkup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

function finish(svg: ChartElement): void {
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  svg.setAttribute("xmlns:xlink", "http://www.w3.org/1999/xlink");
  if (svg.hasAttribute("aria-label")) svg.setAttribute("role", "img");
}

/** A chart that a notebook shows as a cell's last value; {@linkcode displayPlot} makes it. */
export interface DisplayedPlot {
  /**
   * The chart by MIME type, under the name that Deno's kernel asks for: `text/html` is the drawing,
   * `text/plain` a sentence for where nothing can be drawn.
   */
  [name: symbol]: () => Record<"text/html" | "text/plain", string>;
}

/**
 * Makes a chart that a notebook shows.
 *
 * The drawing goes out as HTML: some converters strip images of type SVG, none strips HTML.
 *
 * @param options As Plot takes them; `ariaLabel` and `ariaDescription` become the plain text.
 * @returns An object for a cell's last line, or for `Deno.jupyter.display`.
 * @throws {TypeError} If the style is a text and no object.
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
export function displayPlot(options: ChartOptions): DisplayedPlot {
  const bundle = { "text/html": renderPlot(options), "text/plain": summarize(options) };
  return { [Symbol.for("Jupyter.display")]: () => bundle };
}

function summarize({ title, ariaLabel, ariaDescription }: ChartOptions): string {
  const head = ariaLabel ?? (typeof title === "string" ? title : "Chart");
  return ariaDescription ? `${head}: ${ariaDescription}` : head;
}
