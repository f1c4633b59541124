/**
 * Charts in committed notebooks, as images: GitHub cuts drawings out of HTML, and shows images in it.
 *
 * @module
 */
import type { Notebook, NotebookOutput } from "./ipynb.ts";

/** Puts an image in the place of each drawing in a notebook's outputs. */
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

/** The description of the drawing becomes the image's text for those who cannot see it. */
function toImage(svg: string): string {
  const head = svg.slice(0, svg.indexOf(">"));
  const attribute = (name: string) => new RegExp(` ${name}="([^"]*)"`).exec(head)?.[1] ?? "";
  const alt = [attribute("aria-label"), attribute("aria-description")].filter((part) =>
    part !== ""
  );
  const source = new TextEncoder().encode(svg).toBase64();
  return `<img alt="${alt.join(": ")}" src="data:image/svg+xml;base64,${source}">`;
}
