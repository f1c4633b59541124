import { parseHTML } from "linkedom";
import type { PlotOptions } from "@observablehq/plot";
import { Canvas } from "./_canvas.ts";

/** Plot's type of a document; it is the browser's `Document` if the browser's types are loaded. */
type PlotDocument = NonNullable<PlotOptions["document"]>;

let shared: PlotDocument | undefined;

/**
 * Gives the document in which charts are built. The first call makes it; charts are not kept in it.
 */
export function chartDocument(): PlotDocument {
  return shared ??= createDocument();
}

function createDocument(): PlotDocument {
  // linkedom's types refer to the browser's window, which Deno's global types do not have.
  const { document } = parseHTML("<!doctype html><html><body></body></html>") as unknown as {
    document: { createElement(name: string): unknown };
  };
  const createElement = document.createElement.bind(document);
  const create = (name: string) => name === "canvas" ? new Canvas() : createElement(name);
  // Plot uses only those parts of a document that linkedom has.
  return Object.assign(document, { createElement: create }) as unknown as PlotDocument;
}
