import { html, Markup } from "./html.ts";
import { count, nats, perplexity, signed } from "./_numbers.ts";
import { gradientNormCurve } from "./gradient_norm_curve.ts";
import { learningRateCurve } from "./learning_rate_curve.ts";
import { lossCurve } from "./loss_curve.ts";
import { type ChartOptions, renderPlot } from "./render.ts";
import type { ReportEvaluation, RunReport } from "./run_report.ts";
import { slotLossChart } from "./slot_loss_chart.ts";

/** The losses over the steps, with the ladder beside them. */
export function lossSection(report: RunReport): Markup {
  const { metrics, ladder = {}, evaluation } = report;
  const rungs: [name: string, loss: number | undefined, meaning: string][] = [
    ["uniform", ladder.uniform, "every token alike: where training starts"],
    ["unigram", ladder.unigram, "the tokens' frequencies, nothing of their order"],
    ["this run", evaluation?.loss, "on the validation sentences"],
    ["floor", ladder.floor, "the grammar itself: no model can expect less"],
  ];
  const rows = rungs.filter(([, loss]) => loss !== undefined).map(([name, loss, meaning]) =>
    html`
      <tr>
        <td>${name}<div class="faint">${meaning}</div></td>
        <td class="number">${nats(loss)}</td>
        <td class="number">${perplexity(loss)}</td>
      </tr>
    `
  );
  return html`
    <h2>Loss</h2>
    <div class="row">
      ${chart(lossCurve(metrics, { ladder, ...length(report) }))}
      <div class="panel">
        ${rows.length === 0 ? null : ladderTable(rows)}
        <p class="faint">
          Thin line: the loss of each step. Thick line: the same, smoothed. Points: validation, the
          best one ringed. Where the two drift apart, the model learns by heart.
        </p>
      </div>
    </div>
  `;
}

function ladderTable(rows: readonly Markup[]): Markup {
  return html`
    <h3>The ladder</h3>
    <table>
      <tr><th>loss of</th><th class="number">nats</th><th class="number">perplexity</th></tr>
      ${rows}
    </table>
  `;
}

/** The loss in each slot of the sentence; null if it was not measured. */
export function slotSection({ evaluation }: RunReport): Markup | null {
  if (evaluation === undefined || evaluation.slots.length === 0) return null;
  return html`
    <h2>Loss by slot</h2>
    <div class="row">
      ${chart(slotLossChart(evaluation.slots))}
      <div class="panel">${slotTable(evaluation)}</div>
    </div>
  `;
}

function slotTable({ slots, loss, oracleLoss, gap, targets }: ReportEvaluation): Markup {
  const total = { slot: "all", loss, oracleLoss, targets, gap };
  const rows = [...slots.map((row) => ({ ...row, gap: row.loss - row.oracleLoss })), total];
  return html`
    <table>
      <tr>
        <th>slot</th><th class="number">model</th><th class="number">oracle</th>
        <th class="number">gap</th><th class="number">targets</th>
      </tr>
      ${rows.map((row) =>
        html`
          <tr>
            <td>${row.slot}</td>
            <td class="number">${nats(row.loss)}</td>
            <td class="number">${nats(row.oracleLoss)}</td>
            <td class="number">${signed(row.gap)}</td>
            <td class="number">${count(row.targets)}</td>
          </tr>
        `
      )}
    </table>
  `;
}

/** The learning rate and the gradient norm over the steps. */
export function optimizerSection(report: RunReport): Markup {
  const { metrics, clip } = report;
  const limit = clip === undefined ? {} : { clip };
  return html`
    <h2>Learning rate and gradient norm</h2>
    <div class="halves">
      ${chart(learningRateCurve(metrics, length(report)))}
      ${chart(gradientNormCurve(metrics, { ...limit, ...length(report) }))}
    </div>
  `;
}

function length({ totalSteps }: RunReport): { totalSteps?: number } {
  return totalSteps === undefined ? {} : { totalSteps };
}

function chart(options: ChartOptions): Markup {
  return html`<div class="chart">${new Markup(renderPlot(options))}</div>`;
}
