import { assertEquals, assertStringIncludes } from "@std/assert";
import { BACKENDS, type Presence } from "lib/backend/mod.ts";
import { runCode } from "../support/code_process.ts";

async function presentWith(code: string, env: Record<string, string>): Promise<Presence[]> {
  const { stdout } = await runCode(
    `
    import { presentBackends } from "lib/backend/mod.ts";
    ${code}
    console.log(JSON.stringify(await presentBackends()));
    `,
    { env },
  );
  return JSON.parse(stdout);
}

Deno.test("presentBackends() names all, and says what is missing and how to mend it", async () => {
  const withoutAdapter = "navigator.gpu.requestAdapter = () => Promise.resolve(null);";
  const present = await presentWith(withoutAdapter, { TF_DIR: "." });
  assertEquals(present.map(({ name }) => name), [...BACKENDS]);
  const [tensorflow, webgpu, wasm, cpu] = present;
  assertStringIncludes(tensorflow?.problem ?? "", "Cannot find TensorFlow");
  assertStringIncludes(webgpu?.problem ?? "", "expected a graphics adapter, got none\nCure: ");
  assertEquals([wasm?.problem, cpu?.problem], [null, null]);
});

Deno.test("presentBackends() has nothing to say of what is there", async () => {
  const withAdapter = "navigator.gpu.requestAdapter = () => Promise.resolve({});";
  const present = await presentWith(withAdapter, {});
  assertEquals(present.map(({ problem }) => problem), [null, null, null, null]);
});
