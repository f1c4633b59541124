import { html } from "./html.ts";
import { lossSection, optimizerSection, slotSection } from "./_report_charts.ts";
import { headSection, verdictSection } from "./_report_head.ts";
import { renderPage } from "./page.ts";
import { filesSection, samplesSection, settingsSection } from "./_report_tables.ts";
import type { RunReport } from "./run_report.ts";

/**
 * Writes the report of a run as one HTML page: numbers, verdict, charts, samples, settings, files.
 *
 * The page needs no network and no script, is light or dark as the reader's browser is set, and can
 * be printed. All text is escaped. The same report gives the same bytes.
 *
 * @param report What happened in the run; if a part is missing, the page says so.
 * @returns A whole document, for `report.html`.
 *
 * @example
 * ```ts
 * import { renderReport } from "lib/plot/mod.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const page = renderReport({
 *   name: "plain-001",
 *   ending: "interrupted",
 *   metrics: [{ step: 1, trainLoss: 6.93, lr: 1e-5, gradNorm: 2.1 }],
 *   samples: [],
 *   config: { seed: 1, train: { lr: 1e-3 } },
 *   environment: { device: "CPU" },
 *   files: [{ path: "metrics.csv", meaning: "the numbers of every step" }],
 *   resumeCommand: "deno task train --resume --name plain-001",
 * });
 * assertStringIncludes(page, "<h1>Run plain-001</h1>");
 * ```
 */
export function renderReport(report: RunReport): string {
  return renderPage(
    `Run ${report.name}`,
    html`
        ${headSection(report)}
      ${verdictSection(report)}
      ${lossSection(report)}
      ${slotSection(report)}
      ${optimizerSection(report)}
      ${samplesSection(report)}
      ${settingsSection(report)}
      ${filesSection(report)}
    `,
  );
}
