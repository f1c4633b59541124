import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { renderPlot, slotLossChart } from "lib/plot/mod.ts";
import { SLOTS } from "./fixtures/seeded_run.ts";
import { assertSnapshot } from "./fixtures/snapshot.ts";
import { assertWellFormed } from "./fixtures/xml.ts";

Deno.test("slotLossChart() draws model against oracle as it is stored", () => {
  const chart = slotLossChart(SLOTS), svg = renderPlot(chart);
  assertWellFormed(svg);
  assertSnapshot("slot_loss_chart", chart);
});

Deno.test("slotLossChart() writes each gap with its sign, and what rounds to zero as +0", () => {
  const svg = renderPlot(slotLossChart([
    { slot: "noun", loss: 5.55, oracleLoss: 5.521 },
    { slot: "verb", loss: 5.5, oracleLoss: 5.521 },
    { slot: "<eos>", loss: 0, oracleLoss: 0.0001 },
  ]));
  for (const text of ["5.550 (+0.029)", "5.500 (−0.021)", "0.000 (+0.000)", "&lt;eos&gt;"]) {
    assertStringIncludes(svg, text);
  }
});

Deno.test("slotLossChart() draws no slots, and slots without a finite loss", () => {
  const none = slotLossChart([]);
  assertEquals(none.ariaDescription, "no slot measured yet");
  assertStringIncludes(renderPlot(none), "nothing to draw yet");
  const svg = renderPlot(slotLossChart([{ slot: "noun", loss: NaN, oracleLoss: 5.5 }]));
  assertWellFormed(svg);
  assertStringIncludes(svg, "noun");
  assert(!/[",(]NaN/.test(svg.replace(/aria-description="[^"]*"/, "")));
});

Deno.test("slotLossChart() takes 200,000 slots", () => {
  const row = { slot: "noun", loss: 2, oracleLoss: 1 };
  const chart = slotLossChart(new Array<typeof row>(200_000).fill(row));
  assertEquals(chart.x?.domain, [0, 2.04]);
});
