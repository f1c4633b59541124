/**
 * Charts of a run with Observable Plot, drawn without a browser: plain records in, SVG or HTML out.
 *
 * A chart is a function from records to Plot's own options, which a caller may change before it is
 * drawn; {@linkcode renderPlot} gives its text, {@linkcode displayPlot} shows it in a notebook.
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
export * from "./activation_chart.ts";
export * from "./attention_grid.ts";
export * from "./attention_map.ts";
export * from "./axis_scale.ts";
export * from "./batch_image.ts";
export * from "./calibration_chart.ts";
export * from "./embedding_map.ts";
export * from "./gradient_norm_curve.ts";
export * from "./interval_chart.ts";
export * from "./learning_rate_curve.ts";
export * from "./length_histogram.ts";
export * from "./loss_curve.ts";
export * from "./metrics.ts";
export * from "./model_diagram.ts";
export * from "./palette.ts";
export * from "./png.ts";
export * from "./rate_chart.ts";
export * from "./render.ts";
export * from "./report.ts";
export * from "./run_curves.ts";
export * from "./run_grid.ts";
export * from "./run_report.ts";
export * from "./series.ts";
export * from "./slot_loss_chart.ts";
export * from "./theme.ts";
export * from "./word_frequency_chart.ts";
