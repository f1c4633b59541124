import { type ChartElement, FONTS, isSvg } from "./_drawing.ts";
import { escapeHtml } from "./html.ts";
import { type Theme, themed } from "./theme.ts";

/** One part of a figure, laid out from its upper left corner. */
interface Part {
  readonly width: number;
  readonly height: number;
  /** Its markup with the top at `y`. */
  readonly at: (y: number) => string;
}

/** The fonts of a figure's texts, and the pixels below each text. */
const TEXTS = {
  h2: { size: 16, weight: "bold", below: 4 },
  h3: { size: 13, weight: "normal", below: 6 },
  figcaption: { size: 12, weight: "normal", below: 0 },
} as const;

/** The width of a letter, as a share of the font size: rather too large than too small. */
const LETTER = 0.6;

/** Pixels to the left of a legend. */
const LEGEND_INDENT = 12;

const SWATCH = { left: 2, side: 15, gap: 6, between: 14, height: 30, size: 12 } as const;

/**
 * Makes one SVG drawing of a figure: title, subtitle, legends, chart and caption below each other.
 */
export function toSingleSvg(chart: ChartElement, theme: Theme): string {
  if (isSvg(chart)) return chart.outerHTML;
  const elements = Array.from(chart.children), own = elements.findLast(isSvg);
  const indent = (child: ChartElement) => child === own ? 0 : LEGEND_INDENT;
  const width = elements.reduce(
    (most, child) => Math.max(most, svgSize(child).width + 2 * indent(child)),
    0,
  );
  const parts = elements.map((child) =>
    isSvg(child) ? svgPart(child, indent(child)) : textPartOf(child, width)
  );
  const height = parts.reduce((sum, part) => sum + part.height, 0);
  let y = 0;
  const drawn = parts.map((part) => {
    const markup = part.at(y);
    y += part.height;
    return markup;
  });
  const ink = themed("black", theme);
  return `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ` +
    `width="${width}" height="${height}" color="${ink}" fill="${ink}" ` +
    `font-family="${FONTS}">${drawn.join("")}</svg>`;
}

function textPartOf(child: ChartElement, width: number): Part {
  const name = child.tagName.toLowerCase();
  if (name === "h2" || name === "h3" || name === "figcaption") {
    return textPart(child.textContent, TEXTS[name], width);
  }
  return swatchPart(child, width);
}

/** The size of a drawing; 0 by 0 for a text, which has no such attributes. */
function svgSize(svg: ChartElement): { width: number; height: number } {
  const size = (name: string) => Number(svg.getAttribute(name) ?? 0);
  return { width: size("width"), height: size("height") };
}

/** Places a drawing. A legend's numbers extend beyond its edge, so it must not be cut off there. */
function svgPart(svg: ChartElement, indent: number): Part {
  return {
    ...svgSize(svg),
    at: (y) => {
      svg.setAttribute("x", String(indent));
      svg.setAttribute("y", String(y));
      svg.setAttribute("overflow", "visible");
      return svg.outerHTML;
    },
  };
}

function textPart(text: string, font: (typeof TEXTS)[keyof typeof TEXTS], width: number): Part {
  const lines = wrap(text, Math.floor(width / (LETTER * font.size)));
  const lineHeight = 1.3 * font.size;
  return {
    width,
    height: Math.ceil(lineHeight * lines.length) + font.below, // whole, so that the chart stays sharp
    at: (y) =>
      lines.map((line, i) =>
        `<text x="2" y="${y + lineHeight * (i + 0.8)}" font-size="${font.size}" ` +
        `font-weight="${font.weight}">${escapeHtml(line)}</text>`
      ).join(""),
  };
}

/** A legend of colours with their names, in as many rows as needed. */
function swatchPart(legend: ChartElement, width: number): Part {
  const items: { name: string; color: string; x: number; row: number }[] = [];
  let x: number = SWATCH.left, row = 0;
  legend.querySelectorAll("span").forEach((item) => {
    const name = item.textContent.trim();
    const color = item.children[0]?.getAttribute("fill") ?? "none";
    const wide = SWATCH.side + SWATCH.gap + LETTER * SWATCH.size * name.length + SWATCH.between;
    if (x > SWATCH.left && x + wide > width) [x, row] = [SWATCH.left, row + 1];
    items.push({ name, color, x, row });
    x += wide;
  });
  return {
    width,
    height: SWATCH.height * (row + 1),
    at: (y) => items.map((item) => swatch(item, y + SWATCH.height * item.row)).join(""),
  };
}

function swatch({ name, color, x }: { name: string; color: string; x: number }, y: number): string {
  const { side, gap, size } = SWATCH, left = x + side + gap;
  return `<rect x="${x}" y="${y + 7}" width="${side}" height="${side}" fill="${color}"/>` +
    `<text x="${left}" y="${y + 19}" font-size="${size}">${escapeHtml(name)}</text>`;
}

/** Breaks a text between words; a word longer than the line stays whole. */
function wrap(text: string, letters: number): string[] {
  const lines: string[] = [];
  for (const word of text.trim().split(/\s+/)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= letters) {
      lines[lines.length - 1] = `${last} ${word}`;
    } else lines.push(word);
  }
  return lines;
}
