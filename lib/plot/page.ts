import { PAGE_STYLE } from "./_page_style.ts";
import { html, Markup } from "./html.ts";
import { type ChartOptions, renderPlot } from "./render.ts";

/**
 * Writes a self-contained page, light or dark as the reader's browser is set.
 *
 * @param title What the browser's tab shows.
 * @param body What the page shows.
 * @returns A whole HTML document.
 *
 * @example
 * ```ts
 * import { html, renderPage } from "lib/plot/mod.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const page = renderPage("Runs & more", html`<h1>${"Runs & more"}</h1>`);
 * assertStringIncludes(page, "<h1>Runs &amp; more</h1>");
 * ```
 */
export function renderPage(title: string, body: Markup): string {
  const page = html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${title}</title>
        <style>${new Markup(PAGE_STYLE)}</style>
      </head>
      <body>
    ${body}
      </body>
    </html>
  `;
  return `${page}\n`;
}

/**
 * Draws a chart for a page in both themes; the page shows the one that fits the reader's browser.
 *
 * @param options As Plot takes them.
 * @returns Two drawings.
 *
 * @example
 * ```ts
 * import { chartInBoth, lossCurve } from "lib/plot/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const drawings = String(chartInBoth(lossCurve([{ step: 1, trainLoss: 6.9 }])));
 * assertEquals(drawings.match(/<svg/g)?.length, 2);
 * ```
 */
export function chartInBoth(options: ChartOptions): Markup {
  return html`
    <div class="chart light">${new Markup(renderPlot(options))}</div>
    <div class="chart dark">${new Markup(renderPlot(options, { theme: "dark" }))}</div>
  `;
}
