import { assert, assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { type ChartOptions, lossCurve, renderPlot } from "lib/plot/mod.ts";
import { LADDER, seededRun } from "./fixtures/seeded_run.ts";
import { assertSnapshot } from "./fixtures/snapshot.ts";
import { assertWellFormed } from "./fixtures/xml.ts";

/** Two lines of 430 stretches of 2 points, 16 characters each, and as much for all the rest. */
const LARGEST_DRAWING = 60_000;

function draw(options: ChartOptions): string {
  const svg = renderPlot(options);
  assertWellFormed(svg);
  return svg;
}

/** Where a label is written, in pixels from the top. */
function labelHeight(svg: string, text: string): number {
  const place = new RegExp(`translate\\([\\d.]+,([\\d.]+)\\)"[^>]*>${text}`).exec(svg)?.[1];
  assert(place !== undefined, `no label ${text}`);
  return Number(place);
}

Deno.test("lossCurve() draws a finished run as it is stored", () => {
  assertSnapshot("loss_curve", lossCurve(seededRun(200, 25), { ladder: LADDER }));
});

Deno.test("lossCurve() draws a log axis as it is stored", () => {
  const chart = lossCurve(seededRun(60, 10), { ladder: LADDER, scale: "log" });
  assertSnapshot("loss_curve_log", chart);
});

Deno.test("lossCurve() draws a run under way as it is stored, with room to its end", () => {
  const rows = seededRun(200, 25).slice(0, 60);
  const chart = lossCurve(rows, { ladder: LADDER, totalSteps: 200 }), svg = draw(chart);
  assertSnapshot("loss_curve_under_way", chart);
  assertStringIncludes(svg, ">200</text>");
});

Deno.test("lossCurve() tells in words what it shows", () => {
  const rows = [
    { step: 1, trainLoss: 6.9 },
    { step: 2, trainLoss: 5, validationLoss: 4.9 },
    { step: 3, trainLoss: 4, validationLoss: 4.2 },
    { step: 4, trainLoss: 3.9, validationLoss: 4.3 },
  ];
  assertEquals(
    lossCurve(rows, { ladder: { floor: 3.678 } }).ariaDescription,
    "training from 6.900 to 3.900; best validation 4.200 at step 3; floor 3.678",
  );
  assertStringIncludes(draw(lossCurve(rows)), "best 4.200 at step 3");
});

Deno.test("lossCurve() draws no rows, one row, and rows without validation", () => {
  const none = lossCurve([]);
  assertEquals(none.ariaDescription, "no step yet; no validation yet");
  assertStringIncludes(draw(none), "nothing to draw yet");
  const one = lossCurve([{ step: 1, trainLoss: 6.91 }]);
  assertEquals(one.ariaDescription, "training from 6.910 to 6.910; no validation yet");
  assertStringIncludes(draw(one), "training 6.910");
  assert(!draw(lossCurve(seededRun(20, 100))).includes("best"));
});

Deno.test("lossCurve() leaves out losses that are no numbers, and says how many", () => {
  const rows = seededRun(50, 25).map((row) =>
    row.step % 5 === 0 ? { ...row, trainLoss: NaN, validationLoss: Infinity } : row
  );
  const chart = lossCurve(rows), svg = draw(chart);
  assertStringIncludes(chart.ariaDescription ?? "", "20 of the losses not finite, left out");
  assertStringIncludes(chart.ariaDescription ?? "", "no validation yet");
  assert(!svg.includes("NaN") && !svg.includes("Infinity"));
});

Deno.test("lossCurve() thins 50,000 steps and keeps the one spike among them", () => {
  const rows = seededRun(50_000, 5000), spike = { step: 20_001, trainLoss: 14 };
  const svg = draw(lossCurve(rows.with(20_000, spike), { ladder: LADDER }));
  assert(svg.length < LARGEST_DRAWING, `${svg.length} characters`);
  const [, raw = ""] = /<path d="(M[^"]+)"/.exec(svg.slice(svg.indexOf('aria-label="line"'))) ?? [];
  const heights = [...raw.matchAll(/,([\d.]+)/g)].map((match) => Number(match[1]));
  const usual = heights.toSorted((a, b) => a - b)[1] ?? 0;
  assert(Math.min(...heights) < usual - 50, "the spike stands out by more than 50 pixels");
});

Deno.test("lossCurve() writes labels of close lines at least a line apart, in their order", () => {
  const rows = [{ step: 9, trainLoss: 3.679, validationLoss: 3.68 }];
  const svg = draw(lossCurve(rows, { ladder: LADDER }));
  const labels = ["uniform", "unigram", "validation", "training", "floor"];
  const heights = labels.map((label) => labelHeight(svg, label));
  for (const [i, height] of heights.slice(1).entries()) {
    assert(height - (heights[i] ?? 0) >= 15.99, String(heights)); // Plot rounds to 3 digits
  }
});

Deno.test("lossCurve() refuses a log axis for a loss of 0", () => {
  const error = assertThrows(
    () => lossCurve([{ step: 1, trainLoss: 0 }], { scale: "log" }),
    RangeError,
  );
  assertEquals(
    error.message,
    "Cannot draw a loss curve on a log scale: expected values above 0, got 0; " +
      'take scale: "linear"',
  );
});

Deno.test("lossCurve() tells from which finite loss training came", () => {
  const rows = seededRun(50, 25).map((row) => row.step <= 2 ? { ...row, trainLoss: NaN } : row);
  const text = lossCurve(rows).ariaDescription ?? "";
  assertMatch(text, /^training from \d\.\d{3} to \d\.\d{3}; /);
  assert(!text.includes("NaN"));
});

Deno.test("lossCurve() rings no early validation as the best, since its weights are not kept", () => {
  const rows = [
    { step: 0, validationLoss: 6.9 },
    { step: 10, validationLoss: 5, isEarly: true },
    { step: 100, validationLoss: 6 },
  ];
  assertStringIncludes(lossCurve(rows).ariaDescription ?? "", "best validation 6.000 at step 100");
});
