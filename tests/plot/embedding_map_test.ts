import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertFalse,
  assertStringIncludes,
} from "@std/assert";
import { Random } from "lib/core/mod.ts";
import { embeddingMap, type EmbeddingPoint, renderPlot } from "lib/plot/mod.ts";
import { assertSnapshot } from "./fixtures/snapshot.ts";
import { assertWellFormed } from "./fixtures/xml.ts";

/** Clusters of words: class k around a point of its own. */
function clusters(classes: number, each: number): EmbeddingPoint[] {
  const random = new Random(5);
  return Array.from({ length: classes }, (_, k) => {
    const [x, y] = [4 * random.normal(), 3 * random.normal()];
    return Array.from({ length: each }, (_, i) => ({
      x: x + 0.5 * random.normal(),
      y: y + 0.5 * random.normal(),
      label: `word${k * each + i}`,
      class: `class ${k}`,
    }));
  }).flat();
}

Deno.test("embeddingMap() draws classes with their names as it is stored", () => {
  const chart = embeddingMap(clusters(4, 8), { explained: [0.31, 0.172], names: 12 }),
    svg = renderPlot(chart);
  assertWellFormed(svg);
  assertSnapshot("embedding_map", chart);
});

Deno.test("embeddingMap() has one scale for both axes, with all points inside", () => {
  for (
    const points of [clusters(3, 5), [{ x: 0, y: 0, label: "a" }, { x: 100, y: 1, label: "b" }]]
  ) {
    const { x, y, ...size } = embeddingMap(points);
    // Both domains are pairs of numbers, which Plot's types leave open.
    const [left = 0, right = 0] = x?.domain as number[],
      [low = 0, high = 0] = y?.domain as number[];
    const width = (size.width ?? 0) - (size.marginLeft ?? 0) - (size.marginRight ?? 0);
    const height = (size.height ?? 0) - (size.marginTop ?? 0) - (size.marginBottom ?? 0);
    assertAlmostEquals((right - left) / width, (high - low) / height, 1e-9);
    for (const { x, y } of points) assert(x > left && x < right && y > low && y < high);
  }
});

Deno.test("embeddingMap() names words where there is room, no two over each other", () => {
  const same = Array.from({ length: 30 }, (_, i) => ({ x: 0, y: 0, label: `word${i}` }));
  const names = (points: EmbeddingPoint[], options = {}) =>
    renderPlot(embeddingMap([...points, { x: 9, y: 9, label: "far" }], options)).match(
      />(word\d+|far)</g,
    );
  assertEquals(names(same), [">word0<", ">far<"]);
  const apart = Array.from(
    { length: 30 },
    (_, i) => ({ x: i % 6, y: Math.floor(i / 6), label: `word${i}` }),
  );
  assertEquals(names(apart)?.length, 31);
  assertEquals(names(apart, { names: 3 })?.length, 3);
});

Deno.test("embeddingMap() tells more classes than colours apart by their shapes", () => {
  const points = Array.from({ length: 12 }, (_, k) => ({ x: k, y: k, label: "w", class: `c${k}` }));
  const marks = renderPlot(embeddingMap(points)).match(
    /<path fill="[^"]*" (?:transform="[^"]*" )?d="[^"]*"/g,
  ) ?? [];
  const looks = new Set(marks.map((mark) => mark.replace(/transform="[^"]*" /, "")));
  assert(looks.size >= 10, `${looks.size}`);
});

Deno.test("embeddingMap() draws nothing, one point, equal points, and leaves out what is not finite", () => {
  assertEquals(embeddingMap([]).ariaDescription, "no word yet");
  assertStringIncludes(renderPlot(embeddingMap([])), "nothing to draw yet");
  const point = { x: 3, y: 3, label: "<eos> & more" };
  for (const points of [[point], [point, point], [point, { ...point, x: NaN }]]) {
    const svg = renderPlot(embeddingMap(points));
    assertWellFormed(svg);
    assertFalse(svg.includes("NaN"));
  }
  const chart = embeddingMap([point, { ...point, y: Infinity }]);
  assertEquals(chart.ariaDescription, "2 words; 1 not finite, left out");
});
