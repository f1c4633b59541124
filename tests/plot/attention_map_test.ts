import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertLess,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { attentionGrid, attentionMap, renderPlot } from "lib/plot/mod.ts";
import { readEmbeddedPng } from "./fixtures/png.ts";
import { assertSnapshot } from "./fixtures/snapshot.ts";
import { assertWellFormed } from "./fixtures/xml.ts";

/** Even shares of all that a causal model may look at. */
function evenMap(size: number): number[][] {
  return Array.from(
    { length: size },
    (_, query) => Array.from({ length: size }, (_, key) => key <= query ? 1 / (query + 1) : 0),
  );
}

/** Plot's own style sheets are no XML. */
function assertWellFormedChart(svg: string): void {
  assertWellFormed(svg.replaceAll(/<style>[^]*?<\/style>/g, ""));
}

Deno.test("attentionMap() draws one map with its numbers as it is stored", () => {
  const tokens = ["<bos>", "The", "old", "dog"];
  const chart = attentionMap([{ weights: evenMap(4) }], { tokens, hasValues: true }),
    svg = renderPlot(chart);
  assertWellFormedChart(svg);
  assertSnapshot("attention_map", chart);
});

Deno.test("attentionMap() draws four heads side by side as it is stored", () => {
  const panels = [0, 1, 2, 3].map((head) => ({ title: `head ${head}`, weights: evenMap(5) }));
  const chart = attentionMap(panels), svg = renderPlot(chart);
  assertWellFormedChart(svg);
  assertSnapshot("attention_map_heads", chart);
  assert((chart.width ?? 0) <= 720);
  assertEquals(
    chart.ariaDescription,
    "4 maps of 5 queries and 5 keys; 40 of 100 weights are 0",
  );
});

Deno.test("attentionMap() says of one short map where each token looks most", () => {
  const weights = [[1, 0, 0], [0.25, 0.75, 0], [0.5, 0.2, 0.3]];
  const tokens = ["<bos>", "The", "dog"];
  const text = (panels: { weights: number[][] }[]) =>
    attentionMap(panels, { tokens }).ariaDescription;
  assertStringIncludes(
    text([{ weights }]) ?? "",
    "; <bos> looks most at <bos> (1), The at The (0.75), dog at <bos> (0.5)",
  );
  assertEquals(text([{ weights }, { weights }])?.includes("looks"), false);
});

Deno.test("attentionMap() of eight heads at the model's full length is an image each, not megabytes", () => {
  const panels = Array.from({ length: 8 }, (_, head) => ({
    title: `head ${head}`,
    weights: evenMap(128),
  }));
  const chart = attentionMap(panels), svg = renderPlot(chart);
  assertWellFormedChart(svg);
  assertLess(svg.length, 200_000);
  assertEquals(svg.match(/href="data:image\/png/g)?.length, 8 + 1); // and the ramp
  assert((chart.width ?? 0) <= 720);
  for (const { title } of panels) assertStringIncludes(svg, `>${title}<`);
});

Deno.test("attentionMap() draws the same colours as an image as in rectangles", () => {
  const size = 51, weights = evenMap(size); // just too many cells
  const { width, height, data } = readEmbeddedPng(
    renderPlot({
      ...attentionMap([{ weights }]),
      color: { range: ["white", "black"], domain: [0, 1] },
    }),
  );
  assertEquals([width, height], [size, size]);
  for (const [query, row] of weights.entries()) {
    for (const [key, weight] of row.entries()) {
      assertAlmostEquals(data[4 * (query * size + key)] ?? NaN, 255 * (1 - weight), 1);
    }
  }
});

Deno.test("attentionMap() cuts long tokens, names every few places of a fine map, and keeps its room", () => {
  const long = "x".repeat(57);
  const few = renderPlot(attentionMap([{ weights: evenMap(2) }], { tokens: [long, "dog"] }));
  assertStringIncludes(few, `>${"x".repeat(13)}…</text>`);
  const cells = few.match(/<rect [^>]*fill="rgb[^>]*>/g) ?? [];
  assertEquals(cells.length, 4);
  for (const cell of cells) assert(Number(/width="([\d.]+)"/.exec(cell)?.[1]) > 20, cell);
  const tokens = Array.from({ length: 128 }, (_, place) => `word${place}`);
  const many = renderPlot(attentionMap([{ weights: evenMap(128) }], { tokens }));
  const named = many.match(/>word\d+</g)?.length ?? 0;
  assert(named >= 2 * 20 && named <= 2 * 80, `${named}`);
});

Deno.test("attentionGrid() draws a row a layer and a column a head as it is stored, one marked", () => {
  const attention = [0, 1, 2].map(() => [0, 1].map(() => evenMap(4)));
  const tokens = ["<bos>", "The", "old", "dog"];
  const chart = attentionGrid(attention, { tokens, marked: [{ layer: 2, head: 0 }] });
  const svg = renderPlot(chart);
  assertWellFormedChart(svg);
  assertSnapshot("attention_grid", chart);
  assertEquals(
    chart.ariaDescription,
    "3 layers of 2 heads, each a map of 4 queries and 4 keys; marked: layer 2, head 0",
  );
  for (const name of ["layer 0", "layer 2", "head 1"]) assertStringIncludes(svg, `>${name}<`);
});

Deno.test("attentionGrid() writes slanted tokens so small that their lines lie apart", () => {
  const map = evenMap(11), heads = [map, map, map, map];
  const svg = renderPlot(attentionGrid([heads, heads]));
  const start = svg.indexOf('aria-label="x-axis tick label"');
  const axis = svg.slice(start, svg.indexOf("</g>", start));
  const fontSize = Number(/font-size="([\d.]+)"/.exec(axis)?.[1]);
  const places = [...axis.matchAll(/translate\(([\d.]+),[\d.]+\) rotate\(-45\)/g)].map(([, x]) =>
    Number(x)
  );
  assertEquals(places.length, 11);
  const between = ((places[1] ?? NaN) - (places[0] ?? NaN)) * Math.SQRT1_2;
  assert(fontSize <= 1.02 * between, `letters of ${fontSize} in lines ${between} apart`);
});

Deno.test("attentionGrid() draws none, and refuses maps that differ", () => {
  assertEquals(attentionGrid([]).ariaDescription, "no map yet");
  assertWellFormedChart(renderPlot(attentionGrid([])));
  const error = assertThrows(() => attentionGrid([[evenMap(2)], [evenMap(3)]]), TypeError);
  assertStringIncludes(error.message, "expected maps of 2 rows of 2 weights, got 3 rows of 3");
});

Deno.test("attentionMap() draws each panel, also where two have the same title or none", () => {
  for (const title of [{ title: "head 0" }, {}]) {
    const panel = { ...title, weights: evenMap(3) };
    const svg = renderPlot(attentionMap([panel, panel]));
    assertEquals(svg.match(/<rect [^>]*fill="rgb/g)?.length, 2 * 9);
    assertEquals(svg.match(/>head 0</g)?.length ?? 0, "title" in title ? 2 : 0);
  }
});

Deno.test("attentionMap() draws no map, and more keys than queries", () => {
  assertEquals(attentionMap([]).ariaDescription, "no map yet");
  assertWellFormedChart(renderPlot(attentionMap([])));
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
