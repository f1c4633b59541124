import { html, type Markup } from "./html.ts";
import { count, percent } from "./_numbers.ts";
import type { ReportSamples, RunReport } from "./run_report.ts";

const MOST_POINTS = 12;
const SENTENCES_A_POINT = 3;

/** The sentences that the model generated during training. */
export function samplesSection({ samples }: RunReport): Markup {
  const shown = spread(samples, MOST_POINTS);
  const note = shown.length < samples.length
    ? html`<p class="faint">${shown.length} of ${samples.length} points; the rest is in the run's
      folder.</p>`
    : null;
  const body = samples.length === 0
    ? html`<p>No sentences were generated.</p>`
    : html`<table class="samples">
      <tr><th class="number">step</th><th class="number">grammatical</th><th>sentences</th></tr>
      ${shown.map(sampleRow)}
    </table>`;
  return html`
    <h2>Samples over training</h2>
    <div class="panel">${body}${note}</div>
  `;
}

function sampleRow({ step, grammaticalShare, samples }: ReportSamples): Markup {
  const sentences = samples.slice(0, SENTENCES_A_POINT).map(({ text, isGrammatical, method }) =>
    html`<div>
      <span class="${isGrammatical ? "good" : "bad"}">${isGrammatical ? "✓ yes" : "✗ no"}</span>
      ${text} <span class="faint">${method}</span>
    </div>`
  );
  return html`
    <tr>
      <td class="number">${count(step)}</td>
      <td class="number">${percent(grammaticalShare)}</td>
      <td class="text">${sentences}</td>
    </tr>
  `;
}

/** The first item, the last, and evenly spaced ones between them. */
function spread<Item>(items: readonly Item[], most: number): Item[] {
  if (items.length <= most) return [...items];
  const places = Array.from(
    { length: most },
    (_, i) => Math.round(i * (items.length - 1) / (most - 1)),
  );
  return places.flatMap((place) => items.slice(place, place + 1));
}

/** All settings, by section, and everything else that the numbers depend on. */
export function settingsSection({ config, environment }: RunReport): Markup {
  const sections = Object.entries(config).filter(([, value]) => isSection(value));
  const single = Object.entries(config).filter(([, value]) => !isSection(value));
  const tables = [
    settingsTable("Environment", Object.entries(environment)),
    ...single.length > 0 ? [settingsTable("Run", single)] : [],
    ...sections.map(([name, section]) => settingsTable(name, flatten(section))),
  ];
  return html`
    <h2>Settings, versions and device</h2>
    <div class="panel settings">${tables}</div>
  `;
}

function settingsTable(name: string, settings: readonly [string, unknown][]): Markup {
  return html`<table>
    <tr><th colspan="2">${name}</th></tr>
    ${
    settings.map(([key, value]) =>
      html`
        <tr>
          <td>${key}</td>
          <td class="number">${typeof value === "string"
            ? value
            : JSON.stringify(value) ?? "not set"}</td>
        </tr>
      `
    )
  }
  </table>`;
}

function flatten(section: unknown, path = ""): [string, unknown][] {
  if (!isSection(section)) return [[path, section]];
  return Object.entries(section)
    .flatMap(([key, value]) => flatten(value, path === "" ? key : `${path}.${key}`));
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The files that the run wrote, and how to resume it. */
export function filesSection({ files, resumeCommand }: RunReport): Markup {
  return html`
    <h2>Files, and how to go on</h2>
    <div class="panel">
      <table>
        ${files.map(({ path, meaning }) =>
          html`
            <tr>
              <td><code>${path}</code></td>
              <td class="text">${meaning}</td>
            </tr>
          `
        )}
      </table>
      <p>Go on with this run:</p>
      <pre>${resumeCommand}</pre>
    </div>
  `;
}
