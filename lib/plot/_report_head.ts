import { quantile } from "lib/core/mod.ts";
import { html, type Markup } from "./html.ts";
import {
  count,
  duration,
  MISSING,
  nats,
  percent,
  perplexity,
  signed,
  stepCount,
} from "./_numbers.ts";
import { readings } from "./metrics.ts";
import type { RunReport } from "./run_report.ts";

/** The run's name, its ending, and the most important numbers. */
export function headSection(report: RunReport): Markup {
  const { name, ending, metrics, totalSteps, seconds } = report;
  const last = metrics.at(-1);
  const facts = [
    `${ending} after ${stepCount(last?.step ?? 0)}`,
    ...totalSteps === undefined ? [] : [`${count(totalSteps)} planned`],
    ...last?.tokens == null ? [] : [`${count(last.tokens)} target tokens`],
    ...seconds === undefined ? [] : [duration(seconds)],
  ];
  return html`
    <h1>Run ${name}</h1>
    <p class="ending faint">${facts.join(" · ")}</p>
    <div class="cards">${lossCards(report)}${sampleCards(report)}${speedCards(report)}</div>
  `;
}

function lossCards({ evaluation, evaluatedStep, metrics }: RunReport): Markup[] {
  if (evaluation === undefined) return [card("Validation loss", MISSING, "not measured")];
  const { loss, oracleLoss, gap, gapStandardError } = evaluation;
  const isLast = evaluatedStep === undefined || evaluatedStep === metrics.at(-1)?.step;
  const which = isLast ? "" : `, best weights (step ${count(evaluatedStep)})`;
  return [
    card("Validation loss", nats(loss), `nats per target token${which}`),
    card("Gap to the oracle", signed(gap), `± ${nats(gapStandardError)} nats (standard error)`),
    card("Perplexity", perplexity(loss), `oracle ${perplexity(oracleLoss)}`),
  ];
}

function sampleCards({ samples, evaluatedStep }: RunReport): Markup[] {
  const measured = samples.find(({ step }) => step === evaluatedStep) ?? samples.at(-1);
  if (measured === undefined) return [card("Grammatical", MISSING, "no sentence generated")];
  const { grammaticalShare, greedyGrammaticalShare, agreementShare } = measured;
  const note = `of drawn sentences; greedy ${percent(greedyGrammaticalShare)}`;
  const cards = [card("Grammatical", percent(grammaticalShare), note)];
  if (agreementShare === null) return cards;
  return [...cards, card("Agreement", percent(agreementShare), "of drawn noun-verb pairs")];
}

function speedCards({ metrics, seconds }: RunReport): Markup[] {
  const speeds = readings(metrics, "tokensPerSecond").map((point) => point.y)
    .filter(Number.isFinite);
  const median = speeds.length === 0 ? undefined : quantile(speeds, 0.5);
  return [
    card("Tokens per second", count(median), "median over the steps"),
    card("Training time", duration(seconds), stepCount(metrics.at(-1)?.step ?? 0)),
  ];
}

function card(name: string, value: string, note: string): Markup {
  return html`
    <div class="card">
      <div class="faint">${name}</div>
      <div class="value">${value}</div>
      <div class="faint">${note}</div>
    </div>
  `;
}

/** The verdict with its numbers, and the notices. */
export function verdictSection({ verdict, notices = [] }: RunReport): Markup {
  const { kind, title, reasons } = verdict ??
    { kind: "none", title: "The run ended before its model was measured.", reasons: [] };
  const warnings = notices.length === 0
    ? null
    : html`<div class="panel notices"><h2>Notices</h2>${list(notices)}</div>`;
  return html`
    <div class="panel verdict ${kind === "good fit" ? "fits" : ""}">
      <h2>Verdict: ${kind}</h2>
      <p>${title}</p>
      ${list(reasons)}
    </div>
    ${warnings}
  `;
}

function list(sentences: readonly string[]): Markup | null {
  if (sentences.length === 0) return null;
  return html`<ul>${sentences.map((sentence) => html`<li>${sentence}</li>`)}</ul>`;
}
