import * as Plot from "@observablehq/plot";
import { chartDocument } from "./_document.ts";
import { type Theme, themed } from "./theme.ts";

/** The part of the browser's `Element` that is used here; Deno's global types do not have it. */
export interface ChartElement {
  readonly tagName: string;
  readonly outerHTML: string;
  readonly textContent: string;
  readonly children: ArrayLike<ChartElement>;
  readonly attributes: ArrayLike<{ readonly name: string; readonly value: string }>;
  getAttribute(name: string): string | null;
  hasAttribute(name: string): boolean;
  setAttribute(name: string, value: string): void;
  querySelectorAll(selector: string): { forEach(act: (element: ChartElement) => void): void };
}

/** The names of fonts; the first one that is installed is used. */
export const FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif";

const COLOR_ATTRIBUTES = ["fill", "stroke", "color"] as const;

/** Draws a chart: an `<svg>`, or a `<figure>` with one or more of them. */
export function drawChart(options: Plot.PlotOptions, theme: Theme): ChartElement {
  if (typeof options.style === "string") {
    throw new TypeError(
      `Cannot style a chart: expected an object such as { background: "ivory" }, got the text ` +
        `"${options.style}"`,
    );
  }
  const ground = { background: themed("white", theme), color: themed("black", theme) };
  const style = { ...ground, fontSize: "12px", fontFamily: FONTS, ...options.style };
  const drawn = { ...withThemedRamp(options, theme), style, document: chartDocument() };
  const chart: ChartElement = Plot.plot(drawn);
  if (isSvg(chart)) finish(chart);
  else finishFigure(chart, `background: ${style.background}; color: ${style.color}`);
  chart.querySelectorAll("svg").forEach(finish);
  for (const change of [themeOf(theme), escapeAttributes]) {
    change(chart);
    chart.querySelectorAll("*").forEach(change);
  }
  return chart;
}

/** Whether an element is a drawing. */
export function isSvg({ tagName }: ChartElement): boolean {
  return tagName.toLowerCase() === "svg";
}

/**
 * Replaces a ramp's ends before drawing: Plot computes all other colours from them, also in images.
 */
function withThemedRamp(options: Plot.PlotOptions, theme: Theme): Plot.PlotOptions {
  const { color } = options;
  if (!Array.isArray(color?.range)) return options;
  const range = color.range.map((end: unknown) =>
    typeof end === "string" ? themed(end, theme) : end
  );
  return { ...options, color: { ...color, range } };
}

function themeOf(theme: Theme): (element: ChartElement) => void {
  return (element) => {
    for (const name of COLOR_ATTRIBUTES) {
      const color = element.getAttribute(name);
      if (color !== null) element.setAttribute(name, themed(color, theme));
    }
  };
}

/** In the attributes of an HTML document linkedom escapes only quotes, which is not valid XML. */
function escapeAttributes(element: ChartElement): void {
  for (const { name, value } of Array.from(element.attributes)) {
    if (/[&<>]/.test(value)) element.setAttribute(name, escapeMarkup(value));
  }
}

function escapeMarkup(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Gives a figure its own colours and fonts, so that those of the page do not change it. */
function finishFigure(figure: ChartElement, colors: string): void {
  const box = "max-width: initial; width: fit-content; margin: 0; padding: 8px 12px";
  figure.setAttribute("style", `${box}; ${colors}; font-family: ${FONTS}`);
  const heading = (size: number) => (element: ChartElement) =>
    element.setAttribute("style", `margin: 0 0 6px; font-size: ${size}px; color: inherit`);
  figure.querySelectorAll("h2").forEach(heading(16));
  figure.querySelectorAll("h3").forEach(heading(13));
}

function finish(svg: ChartElement): void {
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  svg.setAttribute("xmlns:xlink", "http://www.w3.org/1999/xlink");
  if (svg.hasAttribute("aria-label")) svg.setAttribute("role", "img");
}
