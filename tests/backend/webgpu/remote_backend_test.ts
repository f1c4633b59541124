import { assertEquals, assertStringIncludes } from "@std/assert";
import { presentBackends } from "lib/backend/mod.ts";
import { runCode } from "../../support/code_process.ts";

const webgpu = (await presentBackends()).find(({ name }) => name === "webgpu");
/** Whether there is a graphics device here, or a driver that computes on the processor. */
const hasDevice = webgpu?.problem === null;

/** What `code` writes, of a process that has chosen WebGPU: one line of JSON. */
async function onWebGpu(code: string): Promise<unknown> {
  const { exitCode, stdout, stderr } = await runCode(`
    import * as tf from "@tensorflow/tfjs";
    import { useBackend } from "lib/backend/mod.ts";
    const said = [];
    const info = await useBackend({ backend: "webgpu" });
    ${code}
    console.log(JSON.stringify(said));
  `);
  assertEquals(exitCode, 0, stderr);
  return JSON.parse(stdout);
}

// What is tested here exists where there is a device alone; without one the next test but these runs.
if (hasDevice) {
  Deno.test("WebGPU's values are read at once, and the process ends by itself", async () => {
    const said = await onWebGpu(`
      const x = tf.tensor2d([[1, 2], [3, 4]]), big = tf.ones([300, 300]);
      said.push(x.matMul(x).dataSync(), big.matMul(big).sum().dataSync()[0]);
      said.push(await x.data(), x.equal(x).arraySync(), tf.tensor1d(["a word"]).dataSync());
    `);
    const numbers = (...values: number[]) => ({ ...values });
    assertEquals(said, [
      numbers(7, 10, 15, 22),
      27_000_000,
      numbers(1, 2, 3, 4),
      [[1, 1], [1, 1]],
      ["a word"],
    ]);
  });

  Deno.test("values may be changed after they have been given, and scopes free what is made", async () => {
    const said = await onWebGpu(`
      const values = new Float32Array(2000).fill(1), x = tf.tensor1d(values);
      values.fill(7);
      said.push(x.sum().dataSync()[0]);
      x.dispose();
      const before = [tf.memory().numTensors, tf.backend().numDataIds()];
      for (let i = 0; i < 3; i++) tf.tidy(() => void tf.ones([50, 50]).reshape([2500]).add(i).sum());
      said.push(before, [tf.memory().numTensors, tf.backend().numDataIds()]);
    `);
    const [sum, before, after] = said as unknown[];
    assertEquals([sum, after], [2000, before]);
  });

  Deno.test("the same kernel with other shapes and settings has other shapes, known or not", async () => {
    const said = await onWebGpu(`
      for (let round = 0; round < 3; round++) {
        const x = tf.ones([4, 6]);
        said.push(
          x.sum(0).shape, x.sum(1).shape, x.sum(1, true).shape,
          x.slice([1, 2], [2, 3]).shape, x.cast("int32").dtype, x.cast("bool").dtype,
          tf.unique(tf.tensor1d([1, 1, round])).values.shape,
        );
      }
    `);
    const fixed = [[6], [4], [4, 1], [2, 3], "int32", "bool"];
    assertEquals(said, [...fixed, [2], ...fixed, [1], ...fixed, [2]]);
  });

  Deno.test("a kernel that fails says so, and the next one works", async () => {
    const said = await onWebGpu(`
      try {
        tf.engine().runKernel("Slice", { x: tf.ones([2]) }, { begin: [1], size: [5] });
      } catch (error) {
        said.push(error.name, error.message);
      }
      said.push(tf.add(1, 2).dataSync()[0]);
    `);
    const [name, message, sum] = said as string[];
    assertEquals([name, sum], ["BackendError", 3]);
    assertStringIncludes(message ?? "", "Cannot run Slice on WebGPU: ");
  });
} else {
  Deno.test("WebGPU without a device is refused, with the cure", async () => {
    const { stdout } = await runCode(`
      import { useBackend } from "lib/backend/mod.ts";
      await useBackend({ backend: "webgpu" }).catch(({ message }) => console.log(message));
    `);
    assertStringIncludes(stdout, 'Cannot use the backend "webgpu": expected a graphics adapter');
    assertStringIncludes(stdout, "Cure: ");
  });
}
