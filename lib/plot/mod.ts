/**
 * Charts of a run with Observable Plot, drawn without a browser: plain records in, SVG or HTML out.
 *
 * A chart is a function from records to Plot's own options, which a caller may change before
 * drawing. {@linkcode renderPlot} gives the drawing as text, {@linkcode displayPlot} shows it in a
 * notebook.
 *
 * Rank 1: may import `core`; no TensorFlow.
 *
 * @example
 * ```ts
 * import { lossCurve, renderPlot } from "lib/plot/mod.ts";
 * import { assertMatch } from "@std/assert";
 *
 * const rows = [6.91, 5.2, 4.4, 3.9].map((trainLoss, i) => ({ step: i + 1, trainLoss }));
 * const chart = lossCurve(rows, { ladder: { floor: 3.678 } });
 * assertMatch(renderPlot({ ...chart, width: 800 }), /^<svg .*width="800"/);
 * ```
 *
 * @module
 */
export {
  activationChart,
  type ActivationChartOptions,
  type ActivationSeries,
} from "./activation_chart.ts";
export { attentionGrid } from "./attention_grid.ts";
export { attentionMap, type AttentionMapOptions, type AttentionPanel } from "./attention_map.ts";
export { batchImage, type BatchImageOptions, type BatchPicture } from "./batch_image.ts";
export { calibrationChart } from "./calibration_chart.ts";
export { embeddingMap } from "./embedding_map.ts";
export { gradientNormCurve, type GradientNormCurveOptions } from "./gradient_norm_curve.ts";
export { type Filling, html, Markup } from "./html.ts";
export { intervalChart } from "./interval_chart.ts";
export { learningRateCurve, type LearningRateCurveOptions } from "./learning_rate_curve.ts";
export { lengthHistogram, type LengthHistogramOptions } from "./length_histogram.ts";
export { type Ladder, lossCurve, type LossCurveOptions } from "./loss_curve.ts";
export { type MetricsRow, type Reading, readings } from "./metrics.ts";
export { modelDiagram, type ModelSizes } from "./model_diagram.ts";
export { chartInBoth, renderPage } from "./page.ts";
export { CATEGORIES, PALETTE } from "./palette.ts";
export { renderPng } from "./png.ts";
export { rangeTestChart } from "./range_test_chart.ts";
export { rateChart } from "./rate_chart.ts";
export {
  type ChartOptions,
  type DisplayedPlot,
  displayPlot,
  type RenderOptions,
  renderPlot,
} from "./render.ts";
export { renderReport } from "./report_page.ts";
export { runCurves } from "./run_curves.ts";
export { runGrid } from "./run_grid.ts";
export type {
  ReportEvaluation,
  ReportFile,
  ReportSamples,
  ReportVerdict,
  RunReport,
} from "./run_report.ts";
export type { AxisScale, Point } from "./series.ts";
export { slotLossChart, type SlotLossRow } from "./slot_loss_chart.ts";
export { wordFrequencyChart, type WordFrequencyOptions } from "./word_frequency_chart.ts";

// For your own programs:
export type { AttentionGridOptions } from "./attention_grid.ts";
export type { CalibrationChartOptions, CalibrationRow } from "./calibration_chart.ts";
export type { EmbeddingMapOptions, EmbeddingPoint } from "./embedding_map.ts";
export type { IntervalChartOptions, IntervalRow } from "./interval_chart.ts";
export type { PngOptions } from "./png.ts";
export type { RangeTestRecord } from "./range_test_chart.ts";
export type { RateChartOptions, RateResult } from "./rate_chart.ts";
export type { RunCurvesOptions, RunRows } from "./run_curves.ts";
export { smooth } from "./series.ts";
export { type Theme, themed } from "./theme.ts";
