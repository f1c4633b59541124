import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { lengthHistogram, renderPlot } from "lib/plot/mod.ts";
import { assertSnapshot } from "./fixtures/snapshot.ts";
import { assertWellFormed } from "./fixtures/xml.ts";

Deno.test("lengthHistogram() draws counts over lengths as they are stored", () => {
  const lengths = Array.from({ length: 2000 }, (_, i) => 5 + (i % 4) * (i % 3));
  const svg = renderPlot(lengthHistogram(lengths));
  assertWellFormed(svg);
  assertSnapshot("length_histogram", svg);
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
