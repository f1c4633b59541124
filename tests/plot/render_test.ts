import * as Plot from "@observablehq/plot";
import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import { displayPlot, renderPlot, renderPng } from "lib/plot/mod.ts";
import { assertWellFormed } from "./fixtures/xml.ts";

const options = {
  ariaLabel: "Loss by step",
  ariaDescription: "from 6.9 to 3.7",
  marks: [Plot.lineY([6.9, 4.2, 3.7])],
};

Deno.test("renderPlot() gives an SVG that stands alone: namespaces, white ground, a role", () => {
  const svg = renderPlot(options);
  assertWellFormed(svg);
  assertMatch(svg, /^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
  assertMatch(svg, /^<svg [^>]*xmlns:xlink="http:\/\/www\.w3\.org\/1999\/xlink"/);
  assertMatch(svg, /^<svg [^>]*role="img"/);
  assertMatch(svg, /^<svg [^>]*style="[^"]*background: ?white/);
  assertMatch(svg, /^<svg [^>]*aria-description="from 6.9 to 3.7" aria-label="Loss by step"/);
});

Deno.test("renderPlot() gives the same text each time", () => {
  assertEquals(renderPlot(options), renderPlot(options));
});

Deno.test("renderPlot() keeps a caller's own style and escapes its texts", () => {
  const svg = renderPlot({
    marks: [Plot.text(['<script>"&'], { frameAnchor: "middle" })],
    style: { background: "ivory" },
    ariaLabel: '<eos> & "x" &lt;',
  });
  assertWellFormed(svg);
  assertStringIncludes(svg, 'aria-label="&lt;eos&gt; &amp; &quot;x&quot; &amp;lt;"');
  assertMatch(svg, /^<svg [^>]*style="[^"]*background: ?ivory/);
  assertStringIncludes(svg, "&lt;script&gt;");
});

Deno.test("renderPlot() wraps a chart with a title in a figure whose drawing stands alone", () => {
  const figure = renderPlot({ ...options, title: "Loss < 4" });
  assertMatch(figure, /^<figure /);
  assertStringIncludes(figure, "Loss &lt; 4");
  assertEquals(figure.match(/xmlns="/g)?.length, 1);
});

Deno.test("renderPlot() escapes the attributes of single marks", () => {
  const svg = renderPlot({
    marks: [Plot.dot([1], { x: 0, y: 0, ariaLabel: () => "<eos> & more", href: () => "?a=1&b=2" })],
  });
  assertWellFormed(svg);
  assertStringIncludes(svg, 'aria-label="&lt;eos&gt; &amp; more"');
  assertStringIncludes(svg, 'href="?a=1&amp;b=2"');
});

Deno.test("renderPlot() refuses a style that is a text", () => {
  const error = assertThrows(() => renderPlot({ marks: [], style: "opacity: 0.5" }), TypeError);
  assertEquals(
    error.message,
    'Cannot style a chart: expected an object such as { background: "ivory" }, ' +
      'got the text "opacity: 0.5"',
  );
});

Deno.test("displayPlot() gives HTML, an image and a sentence, for whatever reads the notebook", () => {
  const bundle = displayPlot(options)[Symbol.for("Jupyter.display")]?.();
  assertEquals(bundle?.["text/html"], renderPlot(options));
  assertEquals(bundle?.["text/plain"], "Loss by step: from 6.9 to 3.7");
  assertEquals(bundle?.["image/png"], renderPng(options).toBase64());
  assertEquals(Object.keys(bundle ?? {}), ["text/html", "image/png", "text/plain"]);
});

Deno.test("displayPlot() names a chart by its title, or else as a chart", () => {
  const plainText = (options: Plot.PlotOptions) =>
    displayPlot(options)[Symbol.for("Jupyter.display")]?.()["text/plain"];
  assertEquals(plainText({ marks: [], title: "Loss" }), "Loss");
  assertEquals(plainText({ marks: [] }), "Chart");
});

Deno.test("assertWellFormed() refuses what an XML parser refuses", () => {
  for (const text of ["<a><b></a>", "<a", "<a>&nbsp;</a>", "<a b=c/>", '<a b="1" b="2"/>', "<a>"]) {
    assertThrows(() => assertWellFormed(text), Error);
  }
  assert(assertWellFormed('<a b="&lt;"><c/>text &amp; more</a>') === undefined);
});

Deno.test("renderPlot() makes XML of any label: what XML has no place for becomes U+FFFD", () => {
  // Each by itself: two halves that meet are a character.
  const bad = ["\u0001", "\u0000", "\u001b", "\uD800", "\uDC00", "\uFFFE", "\uFFFF"];
  const svg = renderPlot({
    marks: [Plot.text(bad.map((one, i) => ({ one: `a${one}b`, i })), { x: "i", text: "one" })],
    ariaLabel: `c${bad.join("-")}d`,
  });
  assertWellFormed(svg);
  for (const one of bad) assertFalse(svg.includes(one), one.charCodeAt(0).toString(16));
  assertStringIncludes(svg, `aria-label="c${bad.map(() => "\uFFFD").join("-")}d"`);
  assertEquals(svg.match(/a\uFFFDb/g)?.length, bad.length);
  assertEquals(svg, svg.toWellFormed());
  renderPng({ marks: [Plot.text(bad.map((one, i) => ({ one, i })), { x: "i", text: "one" })] });
});
