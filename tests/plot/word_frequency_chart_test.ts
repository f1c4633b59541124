import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { renderPlot, wordFrequencyChart } from "lib/plot/mod.ts";
import { assertSnapshot } from "./fixtures/snapshot.ts";
import { assertWellFormed } from "./fixtures/xml.ts";

/** A plateau of forty words below two frequent tokens, as level `plain` has one. */
const COUNTS = new Map([
  ["The", 400],
  ["<eos>", 400],
  ...Array.from({ length: 40 }, (_, i) => [`word${i}`, 18 + i % 5] as const),
]);

Deno.test("wordFrequencyChart() draws shares by rank as they are stored", () => {
  const chart = wordFrequencyChart(COUNTS), svg = renderPlot(chart);
  assertWellFormed(svg);
  assertSnapshot("word_frequency_chart", chart);
  assertEquals(
    chart.ariaDescription,
    "42 different tokens; The 25.0 %, <eos> 25.0 %, word4 1.4 %",
  );
});

Deno.test("wordFrequencyChart() names as many tokens as asked for", () => {
  const svg = renderPlot(wordFrequencyChart(COUNTS, { named: 1 }));
  assertStringIncludes(svg, "The 25.0 %");
  assert(!svg.includes("&lt;eos&gt; 25.0 %</text>"));
});

Deno.test("wordFrequencyChart() leaves out what was never seen, and draws one token and none", () => {
  const one = wordFrequencyChart(new Map([["dog", 2], ["cat", 0]]));
  assertEquals(one.ariaDescription, "1 different tokens; dog 100.0 %");
  assert(!/NaN|Infinity/.test(renderPlot(one)));
  const none = wordFrequencyChart(new Map());
  assertEquals(none.ariaDescription, "no tokens yet");
  assertStringIncludes(renderPlot(none), "nothing to draw yet");
});

Deno.test("wordFrequencyChart() refuses counts that are none", () => {
  assertThrows(
    () => wordFrequencyChart(new Map([["dog", -1]])),
    RangeError,
    'Cannot draw frequencies: expected counts from 0, got -1 for "dog"',
  );
  assertThrows(() => wordFrequencyChart(new Map([["dog", NaN]])), RangeError, "got NaN");
});
