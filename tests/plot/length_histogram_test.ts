import { assertEquals, assertLessOrEqual, assertStringIncludes, assertThrows } from "@std/assert";
import { lengthHistogram, renderPlot } from "lib/plot/mod.ts";
import { assertSnapshot } from "./fixtures/snapshot.ts";
import { assertWellFormed } from "./fixtures/xml.ts";

Deno.test("lengthHistogram() draws counts over lengths as they are stored", () => {
  const lengths = Array.from({ length: 2000 }, (_, i) => 5 + (i % 4) * (i % 3));
  const chart = lengthHistogram(lengths), svg = renderPlot(chart);
  assertWellFormed(svg);
  assertSnapshot("length_histogram", chart);
});

Deno.test("lengthHistogram() keeps a place for lengths that no example has", () => {
  const svg = renderPlot(lengthHistogram([3, 3, 6]));
  for (const tick of ["3", "4", "5", "6"]) assertStringIncludes(svg, `>${tick}</text>`);
});

Deno.test("lengthHistogram() tells range and mean, also of one length and of none", () => {
  assertEquals(
    lengthHistogram([4, 9], { unit: "words" }).ariaDescription,
    "2 examples of 4 to 9 words, 6.5 in the mean",
  );
  assertEquals(lengthHistogram([7]).ariaDescription, "1 example of 7 tokens, 7.0 in the mean");
  const none = lengthHistogram([]);
  assertEquals(none.ariaDescription, "no examples yet");
  assertStringIncludes(renderPlot(none), "nothing to draw yet");
});

Deno.test("lengthHistogram() refuses lengths that are no whole numbers", () => {
  assertThrows(
    () => lengthHistogram([3, 2.5]),
    RangeError,
    "Cannot draw lengths: expected whole numbers from 0, got 2.5",
  );
  assertThrows(() => lengthHistogram([-1]), RangeError, "got -1");
});

Deno.test("lengthHistogram() draws any range: one bar for several lengths where it is wide", () => {
  const wide = lengthHistogram([5, 10_010]), svg = renderPlot(wide);
  assertEquals(wide.ariaDescription, "2 examples of 5 to 10010 tokens, 5007.5 in the mean");
  assertStringIncludes(svg, "tokens, 200 lengths per bar");
  for (const most of [10, 60, 61, 500, 1e6, 2 ** 31]) {
    const lengths = Array.from({ length: 1000 }, (_, i) => Math.floor(i * most / 999));
    const drawn = renderPlot(lengthHistogram(lengths)), bars = drawn.match(/<rect /g)?.length ?? 0;
    assertLessOrEqual(bars, 62, `${most}`);
    assertStringIncludes(drawn, "examples");
  }
});

Deno.test("lengthHistogram() counts every example in one bar", () => {
  const { marks } = lengthHistogram([0, 1, 99, 100, 199, 200, 5000]);
  const [bars] = marks as unknown as [{ data: { length: number; examples: number }[] }]; // Plot's own
  assertEquals(bars.data.filter(({ examples }) => examples > 0), [
    { length: 0, examples: 3 },
    { length: 100, examples: 2 },
    { length: 200, examples: 1 },
    { length: 5000, examples: 1 },
  ]);
});

Deno.test("lengthHistogram() takes 200,000 lengths", () => {
  const lengths = Array.from({ length: 200_000 }, (_, i) => i);
  assertStringIncludes(
    lengthHistogram(lengths).ariaDescription ?? "",
    "200,000 examples of 0 to 199999",
  );
});
