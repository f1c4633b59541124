import { createGrammar, type LossLadder, lossLadder } from "lib/data/mod.ts";
import {
  chartInBoth,
  gradientNormCurve,
  html,
  intervalChart,
  type Markup,
  renderPage,
  runCurves,
  runGrid,
} from "lib/plot/mod.ts";
import type { LoggedRun } from "lib/run/mod.ts";
import type { ComparedArm } from "./compare_arms.ts";
import { figureOf, type RunComparison } from "./compare_runs.ts";

/** With more runs, the curves in one chart cannot be told apart. */
const MOST_CURVES = 8;

/** The advice where a difference may be due to chance. */
const FEW_SEEDS = html`
  <p>
    One run does not tell how much is luck: train each setting with the same three seeds or more
    (<code>--seed 1</code>, <code>2</code>, <code>3</code>), and compare them all.
  </p>
`;

/**
 * Writes a comparison as one HTML page that needs no other file: final figures with intervals,
 * the settings that differ, the curves.
 *
 * @param comparison What {@linkcode compareRuns} found.
 * @returns A whole document.
 *
 * @example
 * ```ts
 * import { compareRuns, comparisonPage } from "lib/experiment/mod.ts";
 * import { runConfig } from "lib/train/mod.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const run = (name: string, lr: number, seed: number, loss: number) => ({
 *   name, config: runConfig({ seed, train: { lr } }),
 *   rows: [{ step: 9, validationLoss: 3.7 + loss, gap: loss }],
 * });
 * const page = comparisonPage(compareRuns([
 *   run("a", 1e-3, 1, 0.05), run("b", 1e-3, 2, 0.06), run("c", 2e-3, 1, 0.06), run("d", 2e-3, 2, 0.05),
 * ]));
 * assertStringIncludes(page, "no significant difference");
 * ```
 */
export function comparisonPage(comparison: RunComparison): string {
  const runs = comparison.groups.flatMap((group) => group.runs);
  const names = runs.map(({ name }) => name).join(", ");
  return renderPage(
    `Comparison of ${names}`,
    html`
      <h1>Comparison of ${runs.length} runs</h1>
      <p class="faint">${names}</p>
      ${noticesSection(comparison)}
      ${figuresSection(comparison)}
      ${settingsSection(comparison)}
      ${curvesSection(runs)}
      ${runsSection(comparison)}
    `,
  );
}

function noticesSection({ notices }: RunComparison): Markup | null {
  if (notices.length === 0) return null;
  return html`
    <section class="panel notices">
      <h2>To know</h2>
      <ul>${notices.map((notice) => html`<li>${notice}</li>`)}</ul>
    </section>
  `;
}

function figuresSection({ groups, gap, validationLoss }: RunComparison): Markup {
  const chart = intervalChart(
    groups.map(({ label, runs }, i) => ({
      name: label,
      values: runs.map((run) => figureOf(run, "gap")),
      note: gap[i]?.verdict ?? "",
    })),
    { label: "gap to the oracle, nats per target token" },
  );
  return html`
    <h2>Final figures</h2>
    <div class="row">
      ${chartInBoth(chart)}
      <div class="panel">
        <p class="faint">
          Of the best weights of each run: the lowest validation loss, and its gap to the oracle's.
          Mean over the seeds with its 95 % interval. The first group is the baseline; p-values are
          corrected for the number of comparisons, and a difference counts below 0.05.
        </p>
        ${gap.some(({ verdict }) => verdict === "too few seeds") ? FEW_SEEDS : null}
      </div>
    </div>
    <div class="panel wide" tabindex="0" role="region" aria-label="Figures and differences">
      <h3>Gap to the oracle</h3>
      ${figureTable(gap)}
      <h3>Validation loss</h3>
      ${figureTable(validationLoss)}
    </div>
  `;
}

function figureTable(arms: readonly ComparedArm[]): Markup {
  return html`
    <table>
      <tr>
        <th>group</th><th class="number">seeds</th><th class="number">mean</th>
        <th class="number">95 % interval</th><th class="number">difference</th>
        <th class="number">its interval</th><th class="number">p</th><th>finding</th>
      </tr>
      ${arms.map(figureRow)}
    </table>
  `;
}

function figureRow({ label, count, mean, interval, difference, verdict }: ComparedArm): Markup {
  const how = difference === null ? "" : difference.isPaired ? ", seed by seed" : ", other seeds";
  return html`
    <tr>
      <td class="text">${label}</td>
      <td class="number">${count}</td>
      <td class="number">${nats(mean)}</td>
      <td class="number">${interval && `${nats(interval.low)} to ${nats(interval.high)}`}</td>
      <td class="number">${difference && signed(difference.mean)}</td>
      <td class="number">${difference &&
        `${signed(difference.interval.low)} to ${signed(difference.interval.high)}`}</td>
      <td class="number">${difference && difference.adjustedPValue.toPrecision(2)}</td>
      <td class="text">${verdict}${how}</td>
    </tr>
  `;
}

function settingsSection({ groups, differing }: RunComparison): Markup {
  if (differing.size === 0) {
    return html`
      <h2>Settings that differ</h2>
      <div class="panel">
        <p>None but the seed.</p>
      </div>
    `;
  }
  return html`
    <h2>Settings that differ</h2>
    <div class="panel wide" tabindex="0" role="region" aria-label="Settings that differ">
      <table>
        <tr><th>setting</th>${groups.map(({ label }) => html`<th>${label}</th>`)}</tr>
        ${[...differing].map(([path, values]) =>
          html`
            <tr>
              <td class="text">${path}</td>
              ${values.map((value) => html`<td class="text">${String(value ?? "not set")}</td>`)}
            </tr>
          `
        )}
      </table>
    </div>
  `;
}

function curvesSection(runs: readonly LoggedRun[]): Markup {
  const ladder = ladderOf(runs), draw = runs.length > MOST_CURVES ? runGrid : runCurves;
  const norms = runs.length === 2 ? runs : [];
  return html`
    <h2>Curves</h2>
    <div class="halves">
      ${chartInBoth(draw(runs, { column: "validationLoss", ladder }))}
      ${chartInBoth(draw(runs, { column: "trainLoss", ladder }))}
      ${norms.map(({ name, rows }) =>
        html`
          <div><h3>Gradient norm of ${name}</h3>${chartInBoth(gradientNormCurve(rows))}</div>
        `
      )}
    </div>
  `;
}

/** The ladder of the runs' language; empty if they learn different languages. */
function ladderOf(runs: readonly LoggedRun[]): Partial<LossLadder> {
  const levels = new Set(runs.map(({ config }) => config.data.level)), [level] = levels;
  return level === undefined || levels.size > 1 ? {} : lossLadder(createGrammar(level));
}

function runsSection({ groups }: RunComparison): Markup {
  const rows = groups.flatMap(({ label, runs }) =>
    runs.map((run) =>
      html`
        <tr>
          <td class="text">${run.name}</td>
          <td class="text">${label}</td>
          <td class="number">${run.config.seed}</td>
          <td class="number">${run.rows.at(-1)?.step ?? 0}</td>
          <td class="number">${nats(figureOf(run, "validationLoss"))}</td>
          <td class="number">${nats(figureOf(run, "gap"))}</td>
        </tr>
      `
    )
  );
  return html`
    <h2>Runs</h2>
    <div class="panel wide" tabindex="0" role="region" aria-label="Runs">
      <table>
        <tr>
          <th>run</th><th>group</th><th class="number">seed</th><th class="number">steps</th>
          <th class="number">validation loss</th><th class="number">gap</th>
        </tr>
        ${rows}
      </table>
    </div>
  `;
}

function nats(value: number): string {
  return Number.isFinite(value) ? value.toFixed(4) : "–";
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(4)}`;
}
