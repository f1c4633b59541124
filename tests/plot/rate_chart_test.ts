import { assert, assertEquals, assertFalse, assertStringIncludes, assertThrows } from "@std/assert";
import { rateChart, renderPlot } from "lib/plot/mod.ts";
import { assertSnapshot } from "./fixtures/snapshot.ts";
import { assertWellFormed } from "./fixtures/xml.ts";

const RESULTS = [
  { lr: 1e-2, losses: [4.1, NaN, 4.4] },
  { lr: 1e-4, losses: [4.2, 4.3, 4.25] },
  { lr: 1e-3, losses: [3.7, 3.71, 3.705] },
  { lr: 3e-3, losses: [3.72, 3.74, 3.75] },
  { lr: 3e-2, losses: [NaN, 9, Infinity] },
];

Deno.test("rateChart() shades where training diverges as it is stored", () => {
  const chart = rateChart(RESULTS, { floor: 3.678 }), svg = renderPlot(chart);
  assertWellFormed(svg);
  assertSnapshot("rate_chart", chart);
  assertEquals(
    chart.ariaDescription,
    "1e-4: 4.250, 1e-3: 3.705, 3e-3: 3.737, 1e-2: 1 of 3 diverged, 3e-2: 3 of 3 diverged; " +
      "best 1e-3; diverges from 5.5e-3 on",
  );
});

Deno.test("rateChart() takes no mean of the seeds that survived a rate", () => {
  const { ariaDescription } = rateChart([{ lr: 1e-3, losses: [5] }, {
    lr: 1e-2,
    losses: [3, NaN],
  }]);
  assertStringIncludes(ariaDescription ?? "", "best 1e-3");
});

Deno.test("rateChart() shades nothing where the highest rate holds, and all where none does", () => {
  const held = rateChart([{ lr: 1e-4, losses: [NaN] }, { lr: 1e-3, losses: [4] }]);
  assertFalse(renderPlot(held).includes("diverges from"));
  const none = rateChart([{ lr: 1e-2, losses: [NaN] }, { lr: 1e-1, losses: [12] }]);
  assertEquals(
    none.ariaDescription,
    "1e-2: 1 of 1 diverged, 1e-1: 1 of 1 diverged; diverges from 5e-3 on",
  );
  const svg = renderPlot(none);
  assertWellFormed(svg);
  assert(!/NaN|Infinity/.test(svg));
});

Deno.test("rateChart() draws one rate, and none, and refuses a rate of 0", () => {
  assertWellFormed(renderPlot(rateChart([{ lr: 1e-3, losses: [4] }])));
  assertEquals(rateChart([]).ariaDescription, "no rate yet");
  assertStringIncludes(renderPlot(rateChart([])), "nothing to draw yet");
  for (const lr of [0, -1, NaN, Infinity]) {
    const error = assertThrows(() => rateChart([{ lr, losses: [4] }]), RangeError);
    assertEquals(error.message, `Cannot draw rates: expected learning rates above 0, got ${lr}`);
  }
});
