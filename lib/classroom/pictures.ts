import { isRecord } from "lib/grade/mod.ts";
import type { Picture } from "./results.ts";
import type { Output } from "./run_cells.ts";

/** The most characters of a picture's data URL; a larger picture is left out. */
const LARGEST = 600_000;

/**
 * Finds the pictures in the outputs of a cell. An SVG becomes the source of an image element, so that no
 * script in it runs.
 *
 * @param cell The cell's id.
 * @param outputs The cell's outputs.
 */
export function picturesOf(cell: string, outputs: readonly Output[]): Picture[] {
  return outputs.flatMap(({ data }) => {
    if (!isRecord(data)) return [];
    const urls = [
      ...textOf(data["image/png"]).map((base64) => `data:image/png;base64,${base64.trim()}`),
      ...textOf(data["image/svg+xml"]).map(svgUrl),
      ...textOf(data["text/html"]).flatMap((html) => html.match(/<svg\b[^]*?<\/svg>/g) ?? []).map(
        svgUrl,
      ),
    ];
    return urls.slice(0, 1).filter((url) => url.length <= LARGEST).map((url) => ({ cell, url }));
  });
}

function textOf(value: unknown): string[] {
  if (Array.isArray(value)) return [value.map(String).join("")];
  return typeof value === "string" ? [value] : [];
}

function svgUrl(svg: string): string {
  const named = svg.includes("xmlns=")
    ? svg
    : svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"');
  return `data:image/svg+xml;base64,${new TextEncoder().encode(named).toBase64()}`;
}
