import type * as tf from "@tensorflow/tfjs";
import { currentScreen, type MimeBundle, type Screen } from "./screen.ts";

const DISPLAY: unique symbol = Symbol.for("Jupyter.display");

/**
 * Shows a value below the cell: charts as pictures, texts as they are, tensors with type, shape and
 * numbers, everything else as the console writes it.
 *
 * @param value What to show.
 * @param screen Where to show it; default below the cell, or on the terminal.
 *
 * @example
 * ```ts
 * import { show } from "lib/notebook/mod.ts";
 *
 * await show("The old dog runs slowly"); // a text
 * ```
 */
export async function show(value: unknown, screen: Screen = currentScreen()): Promise<void> {
  if (isDisplayable(value)) await screen.show(await value[DISPLAY]());
  else if (isTensor(value)) screen.print(describeTensor(value));
  else screen.print(typeof value === "string" ? value : inspect(value));
}

/** Whether a value brings its own form for notebooks, as a chart does. */
function isDisplayable(
  value: unknown,
): value is { [DISPLAY]: () => MimeBundle | Promise<MimeBundle> } {
  return typeof value === "object" && value !== null && DISPLAY in value;
}

function isTensor(value: unknown): value is tf.Tensor {
  return typeof value === "object" && value !== null && "dataId" in value && "shape" in value;
}

/** Joins the type and shape with TensorFlow.js's text, whose first line is only a title. */
function describeTensor(tensor: tf.Tensor): string {
  const about = `${tensor.dtype} [${tensor.shape.join(", ")}]`;
  if (tensor.rank === 0) return `${about} ${tensor.dataSync()[0]}`;
  return `${about}\n${tensor.toString(false).replace(/^Tensor\n/, "").replace(/^ {4}/gm, "")}`;
}

function inspect(value: unknown): string {
  return Deno.inspect(value, { depth: 4, iterableLimit: 40, strAbbreviateSize: 200 });
}
