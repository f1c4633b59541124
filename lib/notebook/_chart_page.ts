import {
  type ChartOptions,
  gradientNormCurve,
  type Ladder,
  learningRateCurve,
  lossCurve,
  type MetricsRow,
  readings,
  renderPlot,
  renderPng,
} from "lib/plot/mod.ts";
import type { SampleEvent } from "lib/train/mod.ts";
import type { MimeBundle } from "./screen.ts";

/** Everything that a live chart shows. */
export interface ChartState {
  readonly totalSteps: number;
  readonly ladder: Ladder | undefined;
  readonly clip: number | undefined;
  readonly rows: readonly MetricsRow[];
  /** The progress line. */
  readonly progress: string;
  /** The model's latest sentences. */
  readonly sample: SampleEvent | undefined;
}

/**
 * Sizes in pixels: the two small charts are side by side below the large one. They are not lower
 * than 300, because the distances between the names at the ends of lines are made for a height of
 * 340.
 */
const LARGE = { width: 860, height: 340 }, SMALL = { width: 425, height: 300 };

/** The losses as an image, for viewers that show no HTML; the other charts are only on the page. */
export function drawImage({ rows, totalSteps, ladder }: ChartState): string {
  const loss = lossCurve(rows, { totalSteps, ...(ladder !== undefined && { ladder }) });
  return renderPng({ ...loss, ...LARGE }).toBase64();
}

/** Draws the state as a page for the notebook, and as one sentence for viewers without pictures. */
export function drawChart(state: ChartState): MimeBundle {
  const { rows, totalSteps, ladder, clip } = state;
  const loss = lossCurve(rows, { totalSteps, ...(ladder !== undefined && { ladder }) });
  const rate = learningRateCurve(rows, { totalSteps });
  const norm = gradientNormCurve(rows, { totalSteps, ...(clip !== undefined && { clip }) });
  const lines = [state.progress || "no step yet", validationLine(state), sampleLine(state)]
    .filter((line) => line !== "");
  const small = [
    readings(rows, "lr").length > 0 ? [rate] : [],
    readings(rows, "gradNorm").length > 0 ? [norm] : [],
  ].flat();
  const html = [
    '<div style="max-width: 860px; background: white; color: black; padding: 4px">',
    ...lines.map(textLine),
    draw(loss, LARGE),
    ...small.length === 0 ? [] : [
      '<div style="display: flex; flex-wrap: wrap; gap: 10px">',
      ...small.map(drawSmall),
      "</div>",
    ],
    "</div>",
  ].join("\n");
  return {
    "text/html": html,
    "text/plain": [...lines, `Loss: ${loss.ariaDescription}`].join("\n"),
  };
}

function draw(chart: ChartOptions, size: { width: number; height: number }): string {
  return `<div>${renderPlot({ ...chart, ...size })}</div>`;
}

function drawSmall(chart: ChartOptions): string {
  return draw(chart, SMALL);
}

/** Sets the font too: some pages show `pre` in a proportional font. */
const LINE_STYLE = "margin: 0; color: inherit; font: 13px monospace; overflow: hidden";

function textLine(text: string): string {
  return `<pre style="${LINE_STYLE}">${escape(text)}</pre>`;
}

function validationLine({ rows }: ChartState): string {
  const last = rows.findLast((row) => row.validationLoss != null);
  if (last?.validationLoss == null) return "";
  const { step, validationLoss, perplexity, gap } = last;
  return [
    `validation at step ${step}: loss ${validationLoss.toFixed(4)}`,
    perplexity == null ? "" : `perplexity ${perplexity.toFixed(2)}`,
    gap == null ? "" : `${gap.toFixed(4)} above the oracle`,
  ].filter((part) => part !== "").join(", ");
}

function sampleLine({ sample: event }: ChartState): string {
  const sample = event?.samples.find(({ method }) => method === "sampled");
  if (event === undefined || sample === undefined) return "";
  const share = (100 * event.grammaticalShare).toFixed(0);
  return `it writes at step ${event.step}: ${sample.text}  (${share} % grammatical)`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
