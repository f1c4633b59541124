/**
 * Turns the charts of committed notebooks into images: GitHub removes SVG drawings from HTML, but
 * shows images.
 *
 * @module
 */
import type { Notebook, NotebookOutput } from "./ipynb.ts";

/** Replaces each drawing in a notebook's outputs by an image. */
export function withImages(notebook: Notebook): Notebook {
  const cells = notebook.cells.map((cell) =>
    cell.outputs === undefined ? cell : { ...cell, outputs: cell.outputs.map(toImages) }
  );
  return { ...notebook, cells };
}

function toImages(output: NotebookOutput): NotebookOutput {
  const data = output.data as Record<string, unknown> | undefined;
  const html = data?.["text/html"];
  if (html === undefined) return output;
  const page = [html].flat().join("").replaceAll(/<svg [^]*?<\/svg>/g, toImage);
  return { ...output, data: { ...data, "text/html": page.split(/(?<=\n)/) } };
}

/** The description of the drawing becomes the image's alternative text. */
function toImage(svg: string): string {
  const head = svg.slice(0, svg.indexOf(">"));
  const attribute = (name: string) => new RegExp(` ${name}="([^"]*)"`).exec(head)?.[1] ?? "";
  const alt = [attribute("aria-label"), attribute("aria-description")].filter((part) =>
    part !== ""
  );
  const source = new TextEncoder().encode(svg).toBase64();
  return `<img alt="${alt.join(": ")}" src="data:image/svg+xml;base64,${source}">`;
}
