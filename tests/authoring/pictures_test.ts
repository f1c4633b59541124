import { displayPlot } from "lib/plot/mod.ts";
import { toNotebook } from "lib/authoring/ipynb.ts";
import { parsePercent } from "lib/authoring/percent.ts";
import { withImages } from "lib/authoring/pictures.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";

/** What `withImages()` makes of the outputs of a notebook's one cell. */
function convert(data: Record<string, unknown>): Record<string, unknown> | undefined {
  const notebook = toNotebook(parsePercent("// %%\nf();\n", "a.ts"), "solution");
  const outputs = [{ output_type: "display_data", metadata: {}, data }] as const;
  const cells = notebook.cells.map((cell) => ({ ...cell, outputs }));
  const [output] = withImages({ ...notebook, cells }).cells[0]?.outputs ?? [];
  return output?.data as Record<string, unknown> | undefined;
}

Deno.test("withImages() puts a described image in the place of each drawing, whole", () => {
  const chart = { marks: [], ariaLabel: "Loss <by> step", ariaDescription: "from 7 to 4" };
  const bundle = displayPlot(chart)[Symbol.for("Jupyter.display")]?.();
  const svg = bundle?.["text/html"] ?? "";
  const page = ["<div>\n", `${svg}\n`, svg, "</div>"];
  const data = convert({ "text/html": page, "text/plain": ["a"] });
  const html = [data?.["text/html"]].flat().join("");
  assertEquals(data?.["text/plain"], ["a"]);
  const images = [
    ...html.matchAll(/<img alt="([^"]*)" src="data:image\/svg\+xml;base64,([^"]*)">/g),
  ];
  assertEquals(images.length, 2);
  for (const [, alt, source = ""] of images) {
    assertEquals(alt, "Loss &lt;by&gt; step: from 7 to 4");
    assertEquals(new TextDecoder().decode(Uint8Array.fromBase64(source)), svg);
  }
  assertMatch(html, /^<div>\n<img [^>]*>\n<img [^>]*><\/div>$/);
});

Deno.test("withImages() leaves outputs without drawings as they are", () => {
  assertEquals(convert({ "text/plain": ["a"] }), { "text/plain": ["a"] });
  const data = convert({ "text/html": "<b>a</b>" });
  assert(data !== undefined);
  assertEquals(data["text/html"], ["<b>a</b>"]);
});
