import * as tf from "@tensorflow/tfjs";
import { useBackend } from "lib/backend/mod.ts";
import { show } from "lib/notebook/mod.ts";
import { displayPlot } from "lib/plot/mod.ts";
import { assertEquals, assertMatch } from "@std/assert";
import { FakeScreen } from "./fake_screen.ts";

/** The lines that showing a value prints. */
async function linesOf(value: unknown): Promise<string[]> {
  const screen = new FakeScreen();
  await show(value, screen);
  assertEquals(screen.shown, []);
  return screen.lines;
}

Deno.test("show() shows a chart as a picture with its description", async () => {
  const screen = new FakeScreen();
  await show(displayPlot({ marks: [], ariaLabel: "Nothing" }), screen);
  assertEquals(screen.lines, []);
  const [{ bundle, options } = { bundle: {}, options: { id: "none" } }] = screen.shown;
  assertMatch(bundle["text/html"] ?? "", /^<svg /);
  assertEquals([bundle["text/plain"], options], ["Nothing", {}]);
});

Deno.test("show() awaits a picture that takes time", async () => {
  const screen = new FakeScreen();
  const late = () => Promise.resolve({ "text/plain": "late" });
  await show({ [Symbol.for("Jupyter.display")]: late }, screen);
  assertEquals(screen.shown[0]?.bundle, { "text/plain": "late" });
});

Deno.test("show() writes a tensor with type, shape and values", async () => {
  await useBackend();
  assertEquals(await linesOf(tf.tensor2d([[1, 2], [3, 4]], [2, 2], "int32")), [
    "int32 [2, 2]\n[[1, 2],\n [3, 4]]",
  ]);
  assertEquals(await linesOf(tf.scalar(0.5)), ["float32 [] 0.5"]);
});

Deno.test("show() writes texts as they are, and all else as the console does", async () => {
  assertEquals(await linesOf("The dog\nruns"), ["The dog\nruns"]);
  assertEquals(await linesOf({ ids: [1, 4], mask: null }), ["{ ids: [ 1, 4 ], mask: null }"]);
  assertEquals(await linesOf(undefined), ["undefined"]);
});
