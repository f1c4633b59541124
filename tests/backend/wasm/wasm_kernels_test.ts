import { assertEquals } from "@std/assert";
import { runCode } from "../../support/code_process.ts";

/** What the gradients of foreign code come to with the package's own kernels, and with ours. */
async function gradientsOn(open: string): Promise<unknown> {
  const { exitCode, stdout, stderr } = await runCode(`
    import * as tf from "@tensorflow/tfjs";
    import { useBackend } from "lib/backend/mod.ts";
    ${open}
    const said = [];
    const attempt = (work) => {
      try {
        said.push(Array.from(work().dataSync()));
      } catch (error) {
        said.push(error.message);
      }
    };
    const ids = tf.tensor1d([1, 0, 1], "int32"), x = tf.ones([1, 2, 2, 1]);
    attempt(() => tf.grad((table) => tf.gather(table, ids).sum())(tf.ones([2, 2])));
    attempt(() => tf.grad((filter) => tf.conv2d(x, filter, 1, "valid").sum())(tf.ones([1, 1, 1, 2])));
    attempt(() => tf.oneHot(tf.tensor1d([1], "int32"), 2, 1, 0, "float32"));
    attempt(() => tf.tensor1d([0, 0.5, 2]).cast("bool"));
    console.log(JSON.stringify(said));
  `);
  assertEquals(exitCode, 0, stderr);
  return JSON.parse(stdout);
}

Deno.test("WebAssembly has the gradients of gather and conv2d, and right values of oneHot and cast", async () => {
  assertEquals(await gradientsOn('await useBackend({ backend: "wasm" });'), [
    [1, 1, 2, 2],
    [4, 4],
    [0, 1],
    [0, 1, 1],
  ]);
});

Deno.test("each of these is still missing or wrong in the package, so that ours are needed", async () => {
  const open = 'await import("@tensorflow/tfjs-backend-wasm"); await tf.setBackend("wasm");';
  const missing = (kernel: string) => `Kernel '${kernel}' not registered for backend 'wasm'`;
  const [gather, conv2d, oneHot, cast] = await gradientsOn(open) as unknown[];
  assertEquals([gather, conv2d], [missing("UnsortedSegmentSum"), missing("Conv2DBackpropFilter")]);
  assertEquals(oneHot, [0, 1.401298464324817e-45]); // the bits of the integer 1
  assertEquals(cast, [0, 0, 2]);
});
