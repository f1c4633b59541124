import { liveChart, type LiveChartOptions } from "lib/notebook/mod.ts";
import type { SampleEvent, StepEvent } from "lib/train/mod.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { FakeScreen } from "./fake_screen.ts";

const LADDER = { uniform: 6.908, unigram: 5.469, floor: 3.678 };

/** A chart on a fake screen; drawing takes `drawMs` of the fake clock. */
function createChart(options: Partial<LiveChartOptions> & { drawMs?: number } = {}) {
  const { drawMs = 0, ...rest } = options, clock = { ms: 0 };
  const screen = new class extends FakeScreen {
    override show(...args: Parameters<FakeScreen["show"]>) {
      clock.ms += drawMs;
      return super.show(...args);
    }
  }();
  const settings = { totalSteps: 10, ladder: LADDER, clip: 1, screen, now: () => clock.ms };
  return { clock, screen, chart: liveChart({ ...settings, ...rest }) };
}

function step(step: number): StepEvent {
  const numbers = { epoch: 1, tokens: 384 * step, loss: 7 - step / 2, lr: 1e-4 * step };
  return { kind: "step", step, gradNorm: 2, tokensPerSecond: 9999, ...numbers };
}

const SAMPLE: SampleEvent = {
  kind: "sample",
  step: 1,
  samples: [
    { text: "greedy one", isGrammatical: true, method: "greedy" },
    { text: "The <odd> dog", isGrammatical: false, method: "sampled" },
  ],
  grammaticalShare: 0.25,
  greedyGrammaticalShare: 1,
  agreementShare: null,
};

Deno.test("liveChart() draws at once, then at most every 250 ms, always in the same place", async () => {
  const { chart, clock, screen } = createChart();
  for (let i = 1; i <= 10; i++) {
    await chart.write(step(i));
    clock.ms += 100;
  }
  assertEquals(screen.shown.map(({ options }) => options.isUpdate), [false, true, true, true]);
  const ids = new Set(screen.shown.map(({ options }) => options.id));
  assertEquals(ids.size, 1);
  assertMatch([...ids][0] ?? "", /^live-chart-\d+$/);
});

Deno.test("liveChart() takes a twentieth of the time at most, however slow drawing is", async () => {
  const { chart, clock, screen } = createChart({ drawMs: 50, totalSteps: 100 });
  for (let i = 1; i <= 100; i++) {
    await chart.write(step(i));
    clock.ms += 50;
  }
  assertEquals(screen.shown.length, 5); // 5 drawings of 50 ms in 5,250 ms
});

Deno.test("liveChart() gives each chart a place of its own", async () => {
  const first = createChart(), second = createChart();
  await first.chart.write(step(1));
  await second.chart.write(step(1));
  assert(first.screen.shown[0]?.options.id !== second.screen.shown[0]?.options.id);
});

Deno.test("liveChart() draws its last state on leaving the block, once", async () => {
  const { chart: chart_, screen } = createChart();
  {
    await using chart = chart_;
    await chart.write(step(1));
    await chart.write(step(2));
    assertEquals(screen.shown.length, 1);
    await chart.finish();
  }
  assertEquals(screen.shown.length, 2);
  assertStringIncludes(screen.shown[1]?.bundle["text/plain"] ?? "", "step 2/10  loss 6.0000");
});

Deno.test("liveChart() draws its last state after an error too", async () => {
  const { chart: chart_, screen } = createChart();
  const failing = async () => {
    await using chart = chart_;
    await chart.write(step(1));
    await chart.write(step(2));
    throw new RangeError("diverged");
  };
  await assertRejects(failing, RangeError, "diverged");
  assertEquals(screen.shown.length, 2);
});

Deno.test("liveChart() shows progress, validation, a sentence, and three charts", async () => {
  const { chart, screen } = createChart();
  await chart.write(step(1));
  const measured = {
    oracleLoss: 3.6,
    gapStandardError: 0.01,
    targets: 600,
    slots: [],
    tokens: 384,
  };
  await chart.write({
    ...{ kind: "evaluation", step: 1, epoch: 1, isBest: true, isEarly: false, ...measured },
    ...{ loss: 4.25, gap: 0.65, perplexity: 70.1 },
  });
  await chart.write(SAMPLE);
  await chart.finish();
  const { "text/html": page = "", "text/plain": text = "" } = screen.shown.at(-1)?.bundle ?? {};
  const [progress = "", validation, sample, curve] = text.split("\n");
  assertMatch(progress, /^\[===>? +\] {2}step 1\/10 {2}loss 6.5000 {2}lr 1.00e-4 {2}9,999 tok\/s$/);
  assertEquals(
    validation,
    "validation at step 1: loss 4.2500, perplexity 70.10, 0.6500 above the oracle",
  );
  assertEquals(sample, "it writes at step 1: The <odd> dog  (25 % grammatical)");
  assertMatch(curve ?? "", /^Loss: training from 6.500 to 6.500; best validation 4.250 at step 1;/);
  assertStringIncludes(page, "The &lt;odd&gt; dog");
  const labels = [...page.matchAll(/<svg [^>]*aria-label="([^"]*)"/g)].map(([, label]) => label);
  assertEquals(labels, ["Loss by step", "Learning rate by step", "Gradient norm by step"]);
  for (const rung of ["uniform 6.908", "unigram 5.469", "floor 3.678", "clip 1"]) {
    assertStringIncludes(page, rung);
  }
});

Deno.test("liveChart() draws a sentence that comes after the last reading", async () => {
  const { chart, screen } = createChart();
  await chart.write(step(1));
  await chart.write(SAMPLE);
  await chart.finish();
  assertEquals(screen.shown.length, 2);
  assertStringIncludes(screen.shown[1]?.bundle["text/plain"] ?? "", "it writes at step 1: The");
});

Deno.test("liveChart() leaves out the charts of what was not logged", async () => {
  const { chart, screen } = createChart();
  await chart.add({ step: 1, trainLoss: 5 });
  const page = screen.shown[0]?.bundle["text/html"] ?? "";
  assertEquals(page.match(/<svg /g)?.length, 1);
});

Deno.test("liveChart() draws earlier rows before what comes", async () => {
  const earlier = createChart();
  await earlier.chart.write(step(1));
  const { chart, screen } = createChart({ rows: earlier.chart.rows });
  await chart.write(step(2));
  assertEquals(chart.rows.map((row) => row.step), [1, 2]);
  assertEquals(earlier.chart.rows.length, 1);
  assertStringIncludes(screen.shown[0]?.bundle["text/plain"] ?? "", "training from 6.500 to 6.000");
});

Deno.test("liveChart() writes notices below the chart", async () => {
  const { chart, screen } = createChart();
  await chart.write({ kind: "notice", step: 1, message: "something leaks" });
  assertEquals(screen.lines, ["something leaks"]);
});

Deno.test("liveChart() refuses a step outside the run", async () => {
  const { chart } = createChart();
  await assertRejects(
    () => chart.add({ step: 11, trainLoss: 1 }),
    RangeError,
    "Cannot show progress: expected a step from 0 to 10, got 11",
  );
});

Deno.test("liveChart() draws once, at the end, where no notebook runs", async () => {
  const screen = new FakeScreen(false);
  const chart = liveChart({ totalSteps: 10, screen });
  for (let i = 1; i <= 10; i++) await chart.write(step(i));
  assertEquals(screen.shown, []);
  await chart.finish();
  assertEquals(screen.shown.length, 1);
});

Deno.test("liveChart() leaves an image of the losses in the notebook, with the last state alone", async () => {
  const { chart, screen } = createChart();
  await chart.write(step(1));
  await chart.finish();
  await chart.finish();
  const images = screen.shown.map(({ bundle }) => bundle["image/png"]);
  assertEquals(images.map((image) => image !== undefined), [false, true]);
  assertEquals([...Uint8Array.fromBase64(images[1] ?? "").slice(1, 4)], [0x50, 0x4e, 0x47]);
});
