import { inflateSync } from "node:zlib";
import { assert, assertEquals, assertLess, assertStringIncludes, assertThrows } from "@std/assert";
import { attentionMap, renderPlot } from "lib/plot/mod.ts";
import { assertSnapshot } from "./fixtures/snapshot.ts";
import { assertWellFormed } from "./fixtures/xml.ts";

/** Even shares of all that a causal model may look at. */
function evenMap(size: number): number[][] {
  return Array.from(
    { length: size },
    (_, query) => Array.from({ length: size }, (_, key) => key <= query ? 1 / (query + 1) : 0),
  );
}

Deno.test("attentionMap() draws one map with its numbers as it is stored", () => {
  const tokens = ["<bos>", "The", "old", "dog"];
  const svg = renderPlot(attentionMap([{ weights: evenMap(4) }], { tokens, hasValues: true }));
  assertWellFormed(svg);
  assertSnapshot("attention_map", svg);
});

Deno.test("attentionMap() draws four heads side by side as it is stored", () => {
  const panels = [0, 1, 2, 3].map((head) => ({ title: `head ${head}`, weights: evenMap(5) }));
  const chart = attentionMap(panels), svg = renderPlot(chart);
  assertWellFormed(svg);
  assertSnapshot("attention_map_heads", svg);
  assert((chart.width ?? 0) <= 720);
  assertEquals(
    chart.ariaDescription,
    "4 maps of 5 queries and 5 keys; 40 of 100 weights are 0",
  );
});

Deno.test("attentionMap() draws each panel, also where two have the same title or none", () => {
  for (const title of [{ title: "head 0" }, {}]) {
    const panel = { ...title, weights: evenMap(3) };
    const svg = renderPlot(attentionMap([panel, panel]));
    assertEquals(svg.match(/<rect /g)?.length, 2 * 9);
    assertEquals(svg.match(/>head 0</g)?.length ?? 0, "title" in title ? 2 : 0);
  }
});

Deno.test("attentionMap() draws no map, and more keys than queries", () => {
  assertEquals(attentionMap([]).ariaDescription, "no map yet");
  assertWellFormed(renderPlot(attentionMap([])));
  const tokens = ["a", "b", "c"];
  const chart = attentionMap([{ weights: [[0.2, 0.3, 0.5]] }], { tokens });
  assertStringIncludes(renderPlot(chart), ">c</text>");
});

Deno.test("attentionMap() refuses maps of two sizes, and too few tokens", () => {
  const uneven = assertThrows(
    () => attentionMap([{ weights: evenMap(2) }, { weights: evenMap(3) }]),
    TypeError,
  );
  assertEquals(
    uneven.message,
    "Cannot draw attention: expected maps of 2 rows of 2 weights, got 3 rows of 3",
  );
  const ragged = assertThrows(() => attentionMap([{ weights: [[1, 0], [1]] }]), TypeError);
  assertStringIncludes(ragged.message, "got 2 rows of 1");
  const tokens = assertThrows(
    () => attentionMap([{ weights: evenMap(2) }], { tokens: ["The"] }),
    TypeError,
  );
  assertEquals(
    tokens.message,
    "Cannot draw attention: expected 2 tokens, one per position, got 1",
  );
});

Deno.test("attentionMap() draws eight maps of 128 positions in less than 100 kB", () => {
  const panels = Array.from(
    { length: 8 },
    (_, i) => ({ title: `head ${i}`, weights: evenMap(128) }),
  );
  const svg = renderPlot(attentionMap(panels, { hasValues: true }));
  assertWellFormed(svg);
  assertLess(svg.length, 100_000);
  assertEquals(svg.match(/data:image\/png;base64,/g)?.length, 8);
  assertStringIncludes(svg, ">head 7</text>");
});

Deno.test("attentionMap() gives a large map's weights their colours, row by row", () => {
  // 72 x 72 cells, one more than is drawn as rectangles; the darkest at query 3, key 70.
  const weights = evenMap(72).map((row, query) =>
    row.map((_, key) => query === 3 && key === 70 ? 1 : 0)
  );
  const svg = renderPlot(attentionMap([{ weights }]));
  const file = Uint8Array.fromBase64(/base64,([^"]+)/.exec(svg)?.[1] ?? "");
  const start = file.findIndex((_, i) =>
    new TextDecoder().decode(file.subarray(i, i + 4)) === "IDAT"
  );
  const length = new DataView(file.buffer, start - 4, 4).getUint32(0);
  const rows = inflateSync(file.subarray(start + 4, start + 4 + length)), stride = 1 + 4 * 72;
  const pixel = (
    query: number,
    key: number,
  ) => [...rows.subarray(query * stride + 1 + 4 * key).subarray(0, 4)];
  assertEquals(pixel(3, 70), [0x08, 0x41, 0x7a, 255]);
  assertEquals(pixel(70, 3), [0xee, 0xf3, 0xf7, 255]);
});

Deno.test("attentionMap() cuts a long token and leaves room for the map", () => {
  const tokens = [
    "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamten",
    "👩‍🚀".repeat(20),
  ];
  const chart = attentionMap([{ weights: evenMap(2) }], { tokens }), svg = renderPlot(chart);
  assertStringIncludes(svg, ">Donaudampfschif…</text>");
  assertStringIncludes(svg, `>${"👩‍🚀".repeat(7)}…</text>`);
  const widths = [...svg.matchAll(/<rect [^>]*width="([^"]+)"/g)].map(([, width]) => Number(width));
  assertEquals(widths.length, 4);
  for (const width of widths) assertLess(10, width);
});
