import { fileURLToPath } from "node:url";
// @ts-types="./_resvg.d.ts"
import { Resvg } from "@resvg/resvg-js";
import type * as Plot from "@observablehq/plot";
import { drawChart } from "./_drawing.ts";
import { toSingleSvg } from "./_figure.ts";
import { encodePng } from "./_png.ts";
import { toXmlText } from "./_xml.ts";
import { type Theme, themed } from "./theme.ts";

/** Settings of {@linkcode renderPng}. */
export interface PngOptions {
  /** The background of the chart; default `light`. */
  readonly theme?: Theme;
  /** Pixels of the image for each pixel of the chart; default 2, sharp on today's screens. */
  readonly scale?: number;
}

/** Keep the pixels of an image sharp: the value for browsers, and the value of SVG itself. */
const CSS_PIXELATED = 'image-rendering="pixelated"',
  SVG_PIXELATED = 'image-rendering="optimizeSpeed"';

/** DejaVu Sans comes with the library, so that the image does not depend on a machine's fonts. */
const FONT_FILES = [
  import.meta.resolve("dejavu-fonts-ttf/ttf/DejaVuSans.ttf"),
  import.meta.resolve("dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf"),
].map((url) => fileURLToPath(url));

/**
 * Draws a chart as a PNG image, for places that cannot show an SVG drawing.
 *
 * Texts are set in DejaVu Sans on every machine. Title, legends and caption are in the image too.
 *
 * @param options As {@linkcode renderPlot} takes them.
 * @param settings Theme and size.
 * @returns A PNG file.
 * @throws {RangeError} If the scale is not a number above 0.
 * @throws {TypeError} If the style is a string and not an object.
 *
 * @example
 * ```ts
 * import * as Plot from "@observablehq/plot";
 * import { renderPng } from "lib/plot/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const png = renderPng({ marks: [Plot.lineY([6.9, 4.2, 3.7])], width: 300, height: 200 });
 * assertEquals([...png.slice(0, 4)], [0x89, 0x50, 0x4e, 0x47]);
 * assertEquals(new DataView(png.buffer).getUint32(16), 600); // pixels across
 * ```
 */
export function renderPng(
  options: Plot.PlotOptions,
  settings: PngOptions = {},
): Uint8Array<ArrayBuffer> {
  const { theme = "light", scale = 2 } = settings;
  if (!(scale > 0 && scale < Infinity)) {
    throw new RangeError(`Cannot draw an image: expected a scale above 0, got ${scale}`);
  }
  const svg = toXmlText(toSingleSvg(drawChart(options, theme), theme));
  const image = new Resvg(svg.replaceAll(CSS_PIXELATED, SVG_PIXELATED), {
    fitTo: { mode: "zoom", value: scale },
    background: themed("white", theme),
    font: {
      loadSystemFonts: false,
      fontFiles: FONT_FILES,
      defaultFontFamily: "DejaVu Sans",
      sansSerifFamily: "DejaVu Sans",
    },
  }).render();
  const { width, height, pixels } = image;
  return encodePng({ width, height, data: new Uint8ClampedArray(pixels) });
}
