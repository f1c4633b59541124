import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { modelDiagram, type ModelSizes, renderPlot } from "lib/plot/mod.ts";
import { assertSnapshot } from "./fixtures/snapshot.ts";
import { assertWellFormed } from "./fixtures/xml.ts";

const EXERCISE: ModelSizes = {
  hiddenSize: 256,
  heads: 4,
  layers: 4,
  feedForwardSize: 512,
  vocabSize: 1000,
  maxLength: 128,
  tiedHead: true,
};

Deno.test("modelDiagram() draws the exercise's model as it is stored", () => {
  const chart = modelDiagram(EXERCISE), svg = renderPlot(chart);
  assertWellFormed(svg);
  assertSnapshot("model_diagram", chart);
});

Deno.test("modelDiagram() writes the shape of every weight, and the head's where it has one", () => {
  const tied = renderPlot(modelDiagram(EXERCISE));
  for (const shape of ["[1000, 256]", "[128, 256]", "[256, 768]", "[256, 512]", "[512, 256]"]) {
    assertStringIncludes(tied, shape);
  }
  assert(!tied.includes("[256, 1000]"));
  assertStringIncludes(renderPlot(modelDiagram({ ...EXERCISE, tiedHead: false })), "[256, 1000]");
});

Deno.test("modelDiagram() tells in words what it shows", () => {
  assertEquals(
    modelDiagram(EXERCISE).ariaDescription,
    "ids, embedding, 4 blocks of attention with 4 heads and feed-forward around a residual " +
      "stream of 256 channels, final norm, head, 1000 logits",
  );
});
