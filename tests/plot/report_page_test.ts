import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { renderReport, type RunReport } from "lib/plot/mod.ts";
import { FULL_REPORT } from "./fixtures/full_report.ts";
import { seededRun } from "./fixtures/seeded_run.ts";
import { assertWellFormed } from "./fixtures/xml.ts";

/** Four charts of at most 60,000 characters, and the tables. */
const LARGEST_PAGE = 300_000;

const EMPTY: RunReport = {
  name: "empty",
  ending: "interrupted",
  metrics: [],
  samples: [],
  config: {},
  environment: {},
  files: [],
  resumeCommand: "deno task train --resume",
};

/** Draws a report and checks what holds of every one: closed tags, nothing fetched, no script. */
function render(report: RunReport): string {
  const page = renderReport(report);
  assert(/^<!doctype html>\s+<html lang="en">/.test(page));
  const body = /<body>.*<\/body>/s.exec(page)?.[0] ?? "";
  assertWellFormed(body);
  const outside = page.replace(/ xmlns(:xlink)?="[^"]*"/g, "");
  assert(!/<script|<link|<img|\bsrc=|\bhref=|https?:|url\(|@import/i.test(outside));
  return page;
}

/** The page's text, one space between its parts. */
function textOf(page: string): string {
  const body = page.slice(page.indexOf("<body>")).replace(/<style>.*?<\/style>/gs, "");
  return body.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
}

Deno.test("renderReport() shows the numbers to look at first", () => {
  const text = textOf(render(FULL_REPORT));
  for (
    const part of [
      "Run agreement-001 finished after 120 steps · 120 planned · 46,080 target tokens",
      "Validation loss 3.7012 nats per target token",
      "Gap to the oracle +0.0233 ± 0.0041 nats (standard error)",
      "Perplexity 40.5 oracle 39.6",
      "Grammatical 100.0 % of drawn sentences; greedy 100.0 %",
      "Agreement 98.5 % of drawn noun-verb pairs",
      "Training time 3 min 05 s 120 steps",
    ]
  ) assertStringIncludes(text, part);
  assertMatch(text, /Tokens per second (6,9|7,0)\d\d median over the steps/);
});

Deno.test("renderReport() gives the verdict, its reasons and the notices", () => {
  const page = render(FULL_REPORT), text = textOf(page);
  assertStringIncludes(
    text,
    "Verdict: good fit A good fit: close to the oracle. " +
      "On training sentences: gap 0.0032 ± 0.0040. Learned by heart: 0.0201 ± 0.0057. " +
      "Notices The library was found in the second place looked at.",
  );
  assertStringIncludes(page, 'class="panel verdict fits"');
  const verdict = { kind: "overfitting", title: "Overfitting.", reasons: [] };
  assert(!render({ ...FULL_REPORT, verdict }).includes('class="panel verdict fits"'));
});

Deno.test("renderReport() draws loss, slots, rate and norm, each with a description", () => {
  const page = render(FULL_REPORT);
  const labels = [...page.matchAll(/<svg [^>]*aria-label="([^"]*)"/g)].map((match) => match[1]);
  assertEquals(labels, [
    "Loss by step",
    "Loss by slot, model against oracle",
    "Learning rate by step",
    "Gradient norm by step",
  ]);
  assertStringIncludes(page, "clip 1: ");
});

Deno.test("renderReport() lists ladder, slots, samples, settings and files", () => {
  const text = textOf(render(FULL_REPORT));
  for (
    const part of [
      "loss of nats perplexity uniform every token alike: where training starts 6.9078 1000.0",
      "this run on the validation sentences 3.7012 40.5",
      "adverb 5.4951 5.5013 −0.0062 1,000 &lt;eos&gt; 0.0003 0.0000 +0.0003 1,000",
      "all 3.7012 3.6779 +0.0233 6,000",
      "60 50.0 % ✓ yes The gentle harbour wanders slowly greedy ✗ no The the harbour slowly sampled",
      "Environment device CPU TensorFlow 2.21.0",
      "Run seed 1",
      "model hiddenSize 256 tiedHead true train lr 0.001 betas [0.9]",
      "metrics.csv the numbers of every step",
      "Go on with this run: deno task train --resume --name agreement-001",
    ]
  ) assertStringIncludes(text, part);
});

Deno.test("renderReport() escapes every text that it is given", () => {
  const evil = `<script>alert("x")</script>'&amp;`;
  const escaped = "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&#39;&amp;amp;";
  const slot = { slot: evil, loss: 1, oracleLoss: 1, targets: 1 };
  const page = render({
    ...FULL_REPORT,
    name: evil,
    ending: evil,
    evaluation: { ...FULL_REPORT.evaluation ?? fail(), slots: [slot] },
    samples: [{
      step: 1,
      grammaticalShare: 1,
      greedyGrammaticalShare: 1,
      agreementShare: null,
      samples: [{ text: evil, isGrammatical: true, method: "greedy" }],
    }],
    verdict: { kind: evil, title: evil, reasons: [evil] },
    notices: [evil],
    config: { [evil]: evil, section: { [evil]: [evil] } },
    environment: { [evil]: evil },
    files: [{ path: evil, meaning: evil }],
    resumeCommand: evil,
  });
  // Title and heading; ending; slot table; sample; verdict 3; notice; settings 3; environment 2;
  // file 2; command. The list in the settings is JSON, with its quotes escaped before.
  assertEquals(page.split(escaped).length - 1, 17);
  assertStringIncludes(page, "[&quot;&lt;script&gt;alert(\\&quot;x\\&quot;)");
});

function fail(): never {
  throw new Error("the fixture has an evaluation");
}

Deno.test("renderReport() says what is missing in a run that did nothing", () => {
  const page = render(EMPTY), text = textOf(page);
  for (
    const part of [
      "Run empty interrupted after 0 steps",
      "Validation loss – not measured",
      "Grammatical – no sentence generated",
      "Tokens per second – median over the steps",
      "Verdict: none The run ended before its model was measured.",
      "nothing to draw yet",
      "No sentences were generated.",
    ]
  ) assertStringIncludes(text, part);
  assert(!/undefined|null|NaN/.test(text), text);
  assert(!text.includes("Loss by slot") && !text.includes("The ladder"));
});

Deno.test("renderReport() shows a run of one step, and numbers that are none as a dash", () => {
  const evaluation = {
    ...FULL_REPORT.evaluation ?? fail(),
    loss: NaN,
    gap: NaN,
    gapStandardError: Infinity,
  };
  const row = { step: 1, trainLoss: NaN, lr: 1e-5, gradNorm: Infinity, tokensPerSecond: NaN };
  const text = textOf(render({ ...FULL_REPORT, metrics: [row], seconds: 0.42, evaluation }));
  assertStringIncludes(text, "finished after 1 step · 120 planned · 0.4 s");
  assertStringIncludes(text, "Validation loss – nats per target token");
  assertStringIncludes(text, "Gap to the oracle – ± – nats (standard error)");
  assert(!/NaN|Infinity/.test(text), text);
});

Deno.test("renderReport() stays small over 50,000 steps and 100 points of samples", () => {
  const [first] = FULL_REPORT.samples;
  const samples = Array.from({ length: 100 }, (_, i) => ({ ...first ?? fail(), step: i + 1 }));
  const page = render({ ...FULL_REPORT, metrics: seededRun(50_000, 500), samples });
  assert(page.length < LARGEST_PAGE, `${page.length} characters`);
  const text = textOf(page);
  assertStringIncludes(text, "12 of 100 points; the rest is in the run's folder.");
  assertMatch(text, /sentences 1 16\.7 %.* 100 16\.7 %/);
});

Deno.test("renderReport() writes long times in hours and short ones in seconds", () => {
  const times = { 52.3: "52 s", 59.4: "59 s", 7830: "2 h 10 min" };
  for (const [seconds, text] of Object.entries(times)) {
    const report = render({ ...EMPTY, seconds: Number(seconds) });
    assertStringIncludes(textOf(report), `Training time ${text}`);
  }
});

Deno.test("renderReport() gives the same bytes for the same report", () => {
  assertEquals(renderReport(FULL_REPORT), renderReport(FULL_REPORT));
});
