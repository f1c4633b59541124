import * as Plot from "@observablehq/plot";
import { assertEquals, assertThrows } from "@std/assert";
import { renderPlot } from "lib/plot/mod.ts";
import { readEmbeddedPng } from "./fixtures/png.ts";

const marks = [Plot.cell([0, 1], { x: Plot.indexOf, fill: Plot.identity })];

Deno.test("renderPlot() draws a colour ramp without a browser: 256 pixels from red to blue", () => {
  const { width, height, data } = readEmbeddedPng(renderPlot({
    color: { type: "linear", domain: [0, 1], range: ["red", "#0000ff80"], legend: true },
    marks,
  }));
  assertEquals([width, height], [256, 1]);
  assertEquals(data.slice(0, 4), [255, 0, 0, 255]);
  assertEquals(data.slice(-4), [0, 0, 255, 128]);
  const reds = data.filter((_, i) => i % 4 === 0);
  assertEquals(reds, reds.toSorted((a, b) => b - a));
});

Deno.test("renderPlot() draws a raster without a browser: each pixel in its place", () => {
  const { width, height, data } = readEmbeddedPng(renderPlot({
    color: { type: "identity" },
    marks: [Plot.raster(["red", "lime", "blue", "white"], {
      width: 2,
      height: 2,
      fill: Plot.identity,
    })],
  }));
  assertEquals([width, height], [2, 2]);
  const [top, bottom] = [data.slice(0, 8), data.slice(8)];
  assertEquals(top, [255, 0, 0, 255, 0, 255, 0, 255]);
  assertEquals(bottom, [0, 0, 255, 255, 255, 255, 255, 255]);
});

Deno.test("renderPlot() refuses a ramp whose colours are none", () => {
  const color = { type: "linear", interpolate: (t: number) => `url(#${t})`, legend: true } as const;
  const error = assertThrows(() => renderPlot({ color, marks }), SyntaxError);
  assertEquals(error.message, 'Cannot fill: expected a CSS colour, got "url(#0)"');
});
