import { assertEquals, assertStringIncludes } from "@std/assert";
import { BACKENDS, type Presence } from "lib/backend/mod.ts";
import { runCode } from "../support/code_process.ts";

async function presentWith(env: Record<string, string>): Promise<Presence[]> {
  const { stdout } = await runCode(
    `
    import { presentBackends } from "lib/backend/mod.ts";
    console.log(JSON.stringify(await presentBackends()));
    `,
    { env },
  );
  return JSON.parse(stdout);
}

/** Deno then asks for the graphics of Windows alone. */
const WITHOUT_ADAPTER = { DENO_WEBGPU_BACKEND: Deno.build.os === "windows" ? "vulkan" : "dx12" };

Deno.test("presentBackends() names all, and says what is missing and how to mend it", async () => {
  const present = await presentWith({ ...WITHOUT_ADAPTER, TF_DIR: "." });
  assertEquals(present.map(({ name }) => name), [...BACKENDS]);
  const [tensorflow, webgpu, wasm, cpu] = present;
  assertStringIncludes(tensorflow?.problem ?? "", "Cannot find TensorFlow");
  assertStringIncludes(webgpu?.problem ?? "", "expected a graphics adapter, got none\nCure: ");
  assertEquals([wasm?.problem, cpu?.problem], [null, null]);
});

Deno.test("presentBackends() leaves the process able to open TensorFlow", async () => {
  const { exitCode, stdout } = await runCode(`
    import * as tf from "@tensorflow/tfjs";
    import { presentBackends, useBackend } from "lib/backend/mod.ts";
    const [first] = await presentBackends();
    await useBackend({ backend: "tensorflow" });
    console.log(first.problem, tf.add(1, 2).dataSync()[0]);
  `);
  assertEquals([exitCode, stdout], [0, "null 3\n"]); // a driver in this process would end it with 139
});
