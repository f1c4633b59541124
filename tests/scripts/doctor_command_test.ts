import { assertEquals, assertStringIncludes } from "@std/assert";

const ROOT = new URL("../..", import.meta.url);

Deno.test("doctor.ts refuses a backend that it does not know, and words", () => {
  for (
    const [words, complaint] of [
      [["--backend", "moon"], 'expected one of tensorflow, webgpu, wasm, cpu, got "moon"'],
      [["wasm"], "expected no words, got wasm"],
    ] as const
  ) {
    const args = ["run", "-A", "--no-check", "scripts/doctor.ts", ...words];
    const { code, stdout, stderr } = new Deno.Command(Deno.execPath(), { args, cwd: ROOT })
      .outputSync();
    assertEquals([code, stdout.length], [2, 0]);
    assertStringIncludes(new TextDecoder().decode(stderr), `Cannot look: ${complaint}`);
  }
});
