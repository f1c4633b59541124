import { assertEquals, assertStringIncludes } from "@std/assert";

const ROOT = new URL("../..", import.meta.url);

/** Runs `scripts/test.ts` on one test file that holds `source`. */
function runOn(source: string): { code: number; lines: string[] } {
  const folder = Deno.makeTempDirSync();
  try {
    const path = `${folder}/planted_test.ts`;
    Deno.writeTextFileSync(path, source);
    const args = ["run", "-A", "scripts/test.ts", "--no-check", path];
    const { code, stdout } = new Deno.Command(Deno.execPath(), { args, cwd: ROOT }).outputSync();
    return { code, lines: new TextDecoder().decode(stdout).trimEnd().split("\n") };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("test.ts closes with the totals of what ran", () => {
  const { code, lines } = runOn(`
    Deno.test("passes", () => {});
    Deno.test({ name: "is skipped", ignore: true, fn() {} });
    Deno.test("fails", () => { throw new TypeError("planted"); });
  `);
  assertEquals([code, lines.at(-1)], [1, "1 passed, 1 failed, 1 skipped"]);
});

Deno.test("test.ts ends with 0 where all passed", () => {
  const { code, lines } = runOn('Deno.test("passes", () => {});');
  assertEquals([code, lines.at(-1)], [0, "1 passed, 0 failed"]);
});

Deno.test("test.ts says when the process of a part dies, and counts it as a failure", () => {
  const { code, lines } = runOn('Deno.test("dies", () => Deno.kill(Deno.pid, "SIGKILL"));');
  assertEquals([code, lines.at(-1)], [1, "0 passed, 1 failed"]);
  assertStringIncludes(lines.at(-3) ?? "", "unit tests: ended by SIGKILL (killed, perhaps");
});

Deno.test("test.ts refuses a backend that does not exist or is not here, with the code 2", () => {
  const refused = (backend: string) => {
    const args = ["run", "-A", "scripts/test.ts", "--backend", backend];
    const { code, stderr } = new Deno.Command(Deno.execPath(), {
      args,
      cwd: ROOT,
      env: { TF_DIR: ".", NO_COLOR: "1" },
    }).outputSync();
    return { code, text: new TextDecoder().decode(stderr) };
  };
  const unknown = refused("torch"), missing = refused("tensorflow");
  assertEquals([unknown.code, missing.code], [2, 2]);
  assertStringIncludes(
    unknown.text,
    'Cannot test a backend: expected one of tensorflow, webgpu, wasm, cpu, got "torch"',
  );
  assertStringIncludes(missing.text, "Cannot find TensorFlow");
});
