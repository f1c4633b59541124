import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { batchImage, renderPlot } from "lib/plot/mod.ts";
import { assertSnapshot } from "./fixtures/snapshot.ts";
import { assertWellFormed } from "./fixtures/xml.ts";

const TOKENS = ["<pad>", "<bos>", "<eos>", "<unk>", "The", "dog", "runs"];
const BATCH = {
  ids: [1, 4, 5, 6, 1, 6, 0, 0],
  mask: [1, 1, 1, 1, 1, 1, 0, 0],
  labels: [4, 5, 6, 2, 6, 2, -100, -100],
  shape: [2, 4],
} as const;

const tokenOf = (id: number) => TOKENS[id] ?? "?";

Deno.test("batchImage() draws ids, mask and labels as they are stored", () => {
  const chart = batchImage(BATCH, { tokenOf }), html = renderPlot(chart);
  assertWellFormed(html.replace(/<style>[^]*?<\/style>/g, ""));
  assertSnapshot("batch_image", chart);
  assertEquals(chart.ariaDescription, "2 rows of 4 positions, 2 of 8 are pads");
});

Deno.test("batchImage() shows a label at a pad for what it is", () => {
  const grey = (labels: readonly number[]) =>
    renderPlot(batchImage({ ...BATCH, labels }, { tokenOf })).split('fill="#E4E5E7"').length;
  assertEquals(grey([4, 5, 6, 2, 6, 2, 0, 0]), grey(BATCH.labels) - 2);
});

Deno.test("batchImage() writes numbers where no names are given", () => {
  const html = renderPlot(batchImage({ ids: [41], mask: [1], labels: [42], shape: [1, 1] }));
  for (const id of [41, 42]) assertStringIncludes(html, `>${id}</text>`);
});

Deno.test("batchImage() refuses parts of another size than the shape", () => {
  assertThrows(
    () => batchImage({ ...BATCH, mask: [1, 1] }),
    TypeError,
    "Cannot draw a batch: expected 8 mask for [2, 4], got 2",
  );
});
