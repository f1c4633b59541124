import * as Plot from "@observablehq/plot";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { CATEGORIES, PALETTE, renderPlot, themed } from "lib/plot/mod.ts";
import { contrast } from "./fixtures/color.ts";
import { assertWellFormed } from "./fixtures/xml.ts";

/** WCAG 2.2, 1.4.3 and 1.4.11: the least contrast of small text, and of lines and dots. */
const TEXT_CONTRAST = 4.5;

/** Colours of marks that any theme understands: inherited, transparent, or between a ramp's ends. */
const NO_COLOR = /^(none|currentColor|transparent|rgba?\(.*\)|url\(.*\)|var\(.*\))$/;

Deno.test("themed() has dark forms of the palette that can be read as text on the dark ground", () => {
  const ground = themed("white", "dark");
  for (const color of [...Object.values(PALETTE), ...CATEGORIES, "black"]) {
    const dark = themed(color, "dark");
    assert(dark !== color && contrast(dark, ground) >= TEXT_CONTRAST, `${color} ${dark}`);
    assertEquals(themed(color, "light"), color);
  }
});

Deno.test("themed() keeps text readable on the fills below it", () => {
  for (const theme of ["light", "dark"] as const) {
    for (const fill of ["#CFE3F3", "#F7D9B8", "#E4E5E7", "#F6D5CF", "#EEF3F7"]) {
      const found = contrast(themed("black", theme), themed(fill, theme));
      assert(found >= TEXT_CONTRAST, `${fill} in ${theme}: ${found}`);
    }
    // Numbers on the dark end of a ramp are written in the ground's colour.
    assert(contrast(themed("white", theme), themed("#08417A", theme)) >= TEXT_CONTRAST);
  }
});

Deno.test("themed() knows every colour of the stored charts", () => {
  const folder = new URL("./snapshots/", import.meta.url);
  for (const { name } of Deno.readDirSync(folder)) {
    const svg = Deno.readTextFileSync(new URL(name, folder));
    for (const [, color = ""] of svg.matchAll(/ (?:fill|stroke|color)="([^"]*)"/g)) {
      // A colour of the light theme has another one in the dark; one of the dark theme is itself.
      const isLight = themed(color, "dark") !== color, isDark = name.endsWith("_dark.svg");
      assert(NO_COLOR.test(color) || isLight !== isDark, `${color} in ${name}`);
    }
  }
});

Deno.test("renderPlot() draws a chart in the dark: ground, ink, marks and the ends of ramps", () => {
  const svg = renderPlot({
    marks: [
      Plot.cell([0, 1], { x: Plot.indexOf, fill: Plot.identity }),
      Plot.text(["<a>"], { frameAnchor: "middle", fill: "black", stroke: "white" }),
    ],
    color: { type: "linear", domain: [0, 1], range: ["#EEF3F7", "#08417A"] },
    title: "In the dark",
  }, { theme: "dark" });
  assertWellFormed(svg.replaceAll(/<style>[^]*?<\/style>/g, ""));
  assertMatch(svg, /^<figure style="[^"]*background: #1B1F24; color: #E7EAEE;/);
  assertMatch(svg, /<svg [^>]*style="[^"]*background: ?#1B1F24/);
  assertStringIncludes(svg, 'fill="#E7EAEE"');
  assertStringIncludes(svg, 'stroke="#1B1F24"');
  for (const end of ["rgb(38, 45, 53)", "rgb(166, 212, 255)"]) assertStringIncludes(svg, end);
});
