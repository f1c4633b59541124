import * as Plot from "@observablehq/plot";
import { PALETTE } from "./palette.ts";
import type { ChartOptions } from "./render.ts";

/** The settings of a decoder that its diagram shows. */
export interface ModelSizes {
  /** Width of the residual stream, C. */
  readonly hiddenSize: number;
  /** Attention heads, H. */
  readonly heads: number;
  /** Transformer blocks. */
  readonly layers: number;
  /** Inner width of the feed-forward layer, F. */
  readonly feedForwardSize: number;
  /** Vocabulary entries, V. */
  readonly vocabSize: number;
  /** The most positions that a sequence can have. */
  readonly maxLength: number;
  /** Whether the head uses the weights of the token embedding, transposed. */
  readonly tiedHead: boolean;
}

/** A part of the model: its place in pixels, and the texts in it and below it. */
interface Part {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly name: string;
  /** The shapes of its weights. */
  readonly weights: readonly string[];
  readonly fill: string;
}

interface Stretch {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

const WIDTH = 760, HEIGHT = 300;

/** Pixels from the top to the stream and to the parts that read from it; the height of a part. */
const STREAM = 232, BRANCH = 124, BOX = 40;
const FRAME = { x1: 146, x2: 574, y1: 42, y2: 268 };
const FILLS = { table: "#F7D9B8", norm: "#E4E5E7", mix: "#CFE3F3" } as const;

/** Where the two branches leave the stream and where they are added to it. */
const BRANCHES = [{ from: 164, to: 356 }, { from: 378, to: 558 }] as const;

/**
 * Draws the decoder as a diagram: the residual stream from ids to logits, the two branches that
 * each block adds to it, and the shapes of all weights.
 *
 * Each layer also has a bias of its output's size; the diagram leaves it out.
 *
 * @param sizes The model's settings; a `ModelConfig` of `lib/model` can be used.
 * @returns Options for {@linkcode displayPlot} or {@linkcode renderPlot}, 760 pixels wide.
 *
 * @example
 * ```ts
 * import { modelDiagram, renderPlot } from "lib/plot/mod.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const sizes = { hiddenSize: 8, heads: 2, layers: 3, feedForwardSize: 16, vocabSize: 9 };
 * const svg = renderPlot(modelDiagram({ ...sizes, maxLength: 4, tiedHead: true }));
 * assertStringIncludes(svg, "block, 3 times");
 * assertStringIncludes(svg, "[8, 24]"); // the weight of query, key and value
 * ```
 */
export function modelDiagram(sizes: ModelSizes): ChartOptions {
  const { layers, heads, hiddenSize: C, vocabSize: V } = sizes;
  const stroke = PALETTE.reference, ink = { fontSize: 12, fill: "black" };
  const parts = partsOf(sizes);
  return {
    width: WIDTH,
    height: HEIGHT,
    margin: 0,
    x: { type: "identity", axis: null },
    y: { type: "identity", axis: null },
    ariaLabel: "The model",
    ariaDescription: `ids, embedding, ${layers} blocks of attention with ${heads} heads and ` +
      `feed-forward around a residual stream of ${C} channels, final norm, head, ${V} logits`,
    marks: [
      Plot.rect([FRAME], { ...frameChannels(), stroke, strokeDasharray: "4 3", rx: 8 }),
      Plot.text([`block, ${layers} times`], { x: 360, y: FRAME.y1 - 12, ...ink, fontWeight: 600 }),
      ...streamMarks(C),
      ...BRANCHES.flatMap(branchMarks),
      ...parts.flatMap(partMarks),
      Plot.text(["ids [B, T]"], { x: 30, y: STREAM - 34, ...ink }),
      Plot.text([`logits\n[B, T, ${V}]`], { x: 725, y: STREAM - 34, ...ink }),
    ],
  };
}

function partsOf(sizes: ModelSizes): Part[] {
  const { hiddenSize: C, feedForwardSize: F, vocabSize: V, maxLength, heads, tiedHead } = sizes;
  const branch = { y: BRANCH, fill: FILLS.mix }, stream = { y: STREAM, fill: FILLS.table };
  const norm = { width: 44, name: "norm", weights: [`[${C}]`], fill: FILLS.norm };
  return [
    {
      ...stream,
      x: 96,
      width: 76,
      name: "embedding",
      weights: [`[${V}, ${C}]`, `[${maxLength}, ${C}]`],
    },
    { ...norm, x: 212, y: BRANCH },
    {
      ...branch,
      x: 296,
      width: 92,
      name: "attention",
      weights: [`[${C}, ${3 * C}] [${C}, ${C}]`, `${heads} heads of ${C / heads}`],
    },
    { ...norm, x: 420, y: BRANCH },
    {
      ...branch,
      x: 500,
      width: 92,
      name: "feed-forward",
      weights: [`[${C}, ${F}]`, `[${F}, ${C}]`],
    },
    { ...norm, x: 612, y: STREAM },
    {
      ...stream,
      x: 666,
      width: 44,
      name: "head",
      weights: [tiedHead ? "(tied)" : `[${C}, ${V}]`],
    },
  ];
}

function partMarks({ x, y, width, name, weights, fill }: Part): Plot.Markish[] {
  const box = { x1: x - width / 2, x2: x + width / 2, y1: y - BOX / 2, y2: y + BOX / 2 };
  return [
    Plot.rect([box], { ...frameChannels(), fill, stroke: PALETTE.reference, rx: 4 }),
    Plot.text([name], { x, y, fontSize: 12, fill: "black" }),
    Plot.text([weights.join("\n")], {
      x,
      y: y + BOX / 2 + 6,
      lineAnchor: "top",
      fontSize: 10,
      fill: PALETTE.reference,
    }),
  ];
}

function streamMarks(C: number): Plot.Markish[] {
  const whole: Stretch = { x1: 8, x2: WIDTH - 10, y1: STREAM, y2: STREAM };
  return [
    Plot.arrow([whole], { ...frameChannels(), stroke: PALETTE.train, strokeWidth: 2.5 }),
    Plot.text([`residual stream [B, T, ${C}]`], {
      x: 260,
      y: STREAM + 18,
      fontSize: 11,
      fill: PALETTE.train,
    }),
  ];
}

/** A branch: up from the stream, through the parts, down again, and added to the stream. */
function branchMarks({ from, to }: typeof BRANCHES[number]): Plot.Markish[] {
  const stroke = PALETTE.reference, end = STREAM - 9;
  const up = { x1: from, x2: from, y1: STREAM, y2: BRANCH };
  const along = { x1: from, x2: to, y1: BRANCH, y2: BRANCH };
  const down = { x1: to, x2: to, y1: BRANCH, y2: end };
  return [
    Plot.link([up, along], { ...frameChannels(), stroke, strokeWidth: 1.5 }),
    Plot.arrow([down], { ...frameChannels(), stroke, strokeWidth: 1.5, headLength: 6 }),
    Plot.dot([{ x: to, y: STREAM }], { x: "x", y: "y", r: 9, fill: "white", stroke: "black" }),
    Plot.text(["+"], { x: to, y: STREAM, fontSize: 15, fill: "black" }),
  ];
}

function frameChannels() {
  return { x1: "x1", x2: "x2", y1: "y1", y2: "y2" } as const;
}
