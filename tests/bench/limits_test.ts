import { assertEquals, assertThrows } from "@std/assert";
import { limitSections, stepWork } from "../../bench/limits.ts";
import { summarize } from "../../bench/report.ts";
import { finalLoss } from "../../bench/run_part.ts";
import { rowOf, sectionOf } from "./_reports.ts";

Deno.test("stepWork() counts each product of the exercise's model three times", () => {
  // By hand: qkv, output, up, down in four layers, and the head; then scores and mixing.
  const rows = 64 * 12, layer = 256 * 768 + 256 * 256 + 2 * 256 * 512;
  const products = 2 * rows * (4 * layer + 1000 * 256);
  const attention = 4 * 64 * 2 * (2 * 12 * 12 * 256);
  assertEquals(stepWork({ batchSize: 64, length: 12 }), 3 * (products + attention));
});

Deno.test("limitSections() compares steps with their work at the highest rate", () => {
  const steps = sectionOf([
    rowOf("ours, xla", [40]),
    rowOf("ours, graph-bfloat16", [30]),
    rowOf("PyTorch autocast", [35]),
    rowOf("PyTorch compile", []),
  ]);
  const products = sectionOf([
    rowOf("TensorFlow xla, float32", [300, 548], { group: "a" }),
    rowOf("PyTorch, float32", [240], { group: "b" }),
    rowOf("PyTorch, bfloat16", [1096], { group: "b" }),
  ], { part: "peak", better: "higher" });
  const [section = sectionOf([])] = limitSections([steps, products]);
  assertEquals(section.rows.map(({ group, name }) => `${group}: ${name}`), [
    "64 x 12, float32: limit: 11.0 GFLOP at 548 GFLOP/s",
    "64 x 12, float32: ours, xla",
    "64 x 12, bfloat16: limit: 11.0 GFLOP at 1096 GFLOP/s",
    "64 x 12, bfloat16: ours, graph-bfloat16",
    "64 x 12, bfloat16: PyTorch autocast",
  ]);
  const ratios = section.rows.map((row) => summarize(section, row).ratio.toFixed(2));
  assertEquals(ratios, ["1.00", "2.00", "1.00", "3.00", "3.50"]);
  assertEquals(limitSections([steps]), []);
});

Deno.test("finalLoss() takes the last loss that a run prints", () => {
  assertEquals(finalLoss("validation loss 5.1\n  validation loss 3.7012, perplexity 40\n"), 3.7012);
  assertThrows(() => finalLoss("nothing"), SyntaxError, 'Cannot read a run: expected "validation');
});
