import * as Plot from "@observablehq/plot";
import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import { attentionMap, type ChartOptions, renderPng } from "lib/plot/mod.ts";
import { readPng } from "./fixtures/png.ts";

/** A red square in the middle of a chart of 100 by 60. */
const SQUARE: ChartOptions = {
  width: 100,
  height: 60,
  margin: 0,
  x: { domain: [0, 10], axis: null },
  y: { domain: [0, 6], axis: null },
  marks: [Plot.rect([0], { x1: 4, x2: 6, y1: 2, y2: 4, fill: "#ff0000" })],
};

type Picture = ReturnType<typeof readPng>;

function pixel({ width, data }: Picture, x: number, y: number): readonly number[] {
  const start = 4 * (y * width + x);
  return data.slice(start, start + 4);
}

/** How many pixels of these rows are not the ground's. */
function inked(picture: Picture, from: number, to: number): number {
  const ground = String(pixel(picture, picture.width - 1, 0));
  let count = 0;
  for (let y = from; y < to; y++) {
    for (let x = 0; x < picture.width; x++) if (String(pixel(picture, x, y)) !== ground) count++;
  }
  return count;
}

Deno.test("renderPng() draws what the SVG says, at the scale that is asked for", () => {
  for (const scale of [1, 2, 2.5]) {
    const picture = readPng(renderPng(SQUARE, { scale }));
    assertEquals([picture.width, picture.height], [100 * scale, 60 * scale]);
    assertEquals(pixel(picture, 50 * scale, 30 * scale), [255, 0, 0, 255]);
    assertEquals(pixel(picture, 30 * scale, 30 * scale), [255, 255, 255, 255]);
    assertEquals(inked(picture, 0, 60 * scale), (20 * scale) ** 2);
  }
});

Deno.test("renderPng() stands on the theme's ground", () => {
  const [red = 255, green = 255, blue = 255] = pixel(
    readPng(renderPng(SQUARE, { theme: "dark" })),
    0,
    0,
  );
  assert(Math.max(red, green, blue) < 60);
});

Deno.test("renderPng() gives the same file each time, with texts in the library's own font", () => {
  const named = { ...SQUARE, marks: [Plot.text(["loss → 3.678"], { frameAnchor: "middle" })] };
  assertEquals(renderPng(named), renderPng(named));
  assert(inked(readPng(renderPng(named)), 0, 120) > 300);
});

Deno.test("renderPng() has title, subtitle, legend and caption in the image", () => {
  const plain = readPng(renderPng(SQUARE, { scale: 1 }));
  const parts = { title: "A title", subtitle: "below it", caption: "the end" };
  const whole = readPng(renderPng({ ...SQUARE, ...parts }, { scale: 1 }));
  assertEquals(whole.width, plain.width);
  const [top, bottom] = [whole.height - plain.height - 16, whole.height - 16];
  assert(inked(whole, 0, top) > 100, "title");
  assertEquals(inked(whole, top, bottom), inked(plain, 0, 60));
  assert(inked(whole, bottom, whole.height) > 30, "caption");
  // A word longer than the picture is wide stays whole, and a long title is broken.
  const long = { ...SQUARE, title: `a title of many words ${"x".repeat(40)}` };
  assert(readPng(renderPng(long, { scale: 1 })).height > whole.height);
});

Deno.test("renderPng() draws legends: swatches in rows, a ramp with all its numbers", () => {
  const legend = (names: string[]) =>
    readPng(renderPng(
      {
        ...SQUARE,
        color: {
          type: "ordinal",
          domain: names,
          range: names.map(() => "blue"),
          legend: true,
        },
      },
      { scale: 1 },
    ));
  const one = legend(["a"]), many = legend(["first name", "second name", "third name"]);
  assertEquals(pixel(one, 8, 14), [0, 0, 255, 255]);
  assert(many.height > one.height);
  const color = {
    type: "linear",
    domain: [0, 1],
    range: ["white", "black"],
    legend: true,
  } as const;
  assert(readPng(renderPng({ ...SQUARE, color }, { scale: 1 })).width > 240); // Plot's ramp, and air
});

Deno.test("renderPng() keeps the cells of an image sharp", () => {
  const size = 60,
    weights = Array.from(
      { length: size },
      (_, query) => Array.from({ length: size }, (_, key) => (query + key) % 2),
    );
  const picture = readPng(renderPng(attentionMap([{ weights }]), { scale: 1 }));
  const colors = new Map<string, number>();
  const [left, top] = [150, 250];
  for (let y = top; y < top + 200; y++) {
    for (let x = left; x < left + 200; x++) {
      const color = String(pixel(picture, x, y));
      colors.set(color, (colors.get(color) ?? 0) + 1);
    }
  }
  assertEquals(colors.size, 2, "a cell is of one colour, and no mixture of its neighbours'");
});

Deno.test("renderPng() refuses a scale that is none, and a style that is a text", () => {
  for (const scale of [0, -1, NaN, Infinity]) {
    const error = assertThrows(() => renderPng(SQUARE, { scale }), RangeError);
    assertEquals(error.message, `Cannot draw an image: expected a scale above 0, got ${scale}`);
  }
  assertThrows(() => renderPng({ ...SQUARE, style: "opacity: 0.5" }), TypeError, "Cannot style");
});

Deno.test("renderPng() tells charts apart", () => {
  const other = {
    ...SQUARE,
    marks: [Plot.rect([0], { x1: 4, x2: 6, y1: 2, y2: 4, fill: "#0000ff" })],
  };
  assertNotEquals(renderPng(SQUARE), renderPng(other));
});
