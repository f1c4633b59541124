import { parseHTML } from "linkedom";
import type { PlotOptions } from "@observablehq/plot";
import { Canvas } from "./_canvas.ts";

/** What Plot takes for a document: the browser's type where its types are loaded. */
type PlotDocument = NonNullable<PlotOptions["document"]>;

let shared: PlotDocument | undefined;

/** Gives the document that charts are built in, made at the first call; nothing is kept in it. */
export function chartDocument(): PlotDocument {
  return shared ??= createDocument();
}

function createDocument(): PlotDocument {
  // linkedom's types name the browser's window, which Deno's global types do not describe.
  const { document } = parseHTML("<!doctype html><html><body></body></html>") as unknown as {
    document: { createElement(name: string): unknown };
  };
  const createElement = document.createElement.bind(document);
  const create = (name: string) => name === "canvas" ? new Canvas() : createElement(name);
  // Plot uses what linkedom has of a document, and nothing else.
  return Object.assign(document, { createElement: create }) as unknown as PlotDocument;
}
