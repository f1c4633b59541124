import { assertEquals, assertLess } from "@std/assert";
import { runCode } from "../../support/code_process.ts";

/** Allocators and caches move by some percent on their own; a leak of one tensor a call would not stop. */
const GROWTH = 0.05;

/**
 * In a process of its own, since other tests' memory is no concern of these: calls a compiled step
 * and prints tensors, handles and resident bytes before and after.
 */
async function measured(
  code: string,
  env: Record<string, string> = {},
): Promise<{ counts: number[][]; resident: number[] }> {
  const program = `
    import * as tf from "@tensorflow/tfjs";
    import { compile, handleCount, useBackend } from "lib/backend/mod.ts";
    await useBackend({ backend: "tensorflow" });
    const counts = [], resident = [];
    const note = () => {
      globalThis.gc();
      counts.push([tf.memory().numTensors, handleCount()]);
      // Minus what V8 has taken from the system and does not use: how much is its own choice.
      const { rss, heapTotal, heapUsed } = Deno.memoryUsage();
      resident.push(rss - (heapTotal - heapUsed));
    };
    const step = ({ x, w }) => {
      const loss = (w) => x.matMul(w).tanh().sum();
      const { value, grads } = tf.valueAndGrads(loss)([w]);
      return { value, gradient: grads[0] };
    };
    const w = tf.ones([8, 8]);
    const call = (compiled, rows) => tf.tidy(() => void compiled({ x: tf.ones([rows, 8]), w }));
    ${code}
    console.log(JSON.stringify({ counts, resident }));
  `;
  const { exitCode, stdout, stderr } = await runCode(program, {
    env,
    flags: ["--v8-flags=--expose-gc"],
  });
  assertEquals(exitCode, 0, stderr);
  return JSON.parse(stdout);
}

function assertNoGrowth({ counts, resident }: { counts: number[][]; resident: number[] }): void {
  assertEquals(counts[1], counts[0]);
  const [before = 0, after = 0] = resident;
  assertLess(after, before * (1 + GROWTH), `from ${before} to ${after} bytes`);
}

for (const mode of ["graph", "xla"]) {
  Deno.test(`compile() as ${mode} holds no more after 5,000 calls than after 500`, async () => {
    assertNoGrowth(
      await measured(`
        const compiled = compile(step, { mode: "${mode}" });
        for (let i = 0; i < 500; i++) call(compiled, 4);
        note();
        for (let i = 0; i < 5000; i++) call(compiled, 4);
        note();
      `),
    );
  });
}

// Not as XLA: of programs that were removed, it keeps the machine code. And without oneDNN, which keeps
// the machine code of the latest 1,024 products, whoever asked for them: up to 0.2 MB each.
Deno.test("compile() as graph holds no more after 200 shapes than after 10, with 8 programs kept", async () => {
  const code = `
    const compiled = compile(step, { mode: "graph", maxPrograms: 8 });
    for (let rows = 1; rows <= 10; rows++) call(compiled, rows);
    note();
    for (let rows = 11; rows <= 210; rows++) call(compiled, rows);
    note();
  `;
  assertNoGrowth(await measured(code, { TF_ENABLE_ONEDNN_OPTS: "0" }));
});

Deno.test("compile() leaves nothing of 200 steps that are refused", async () => {
  assertNoGrowth(
    await measured(`
      const refuse = () => {
        const refused = compile(({ x }) => x.mul(tf.ones([1])).add(x.sum().dataSync()), { mode: "graph" });
        try { call(refused, 4); } catch { return; }
        throw new Error("not refused");
      };
      for (let i = 0; i < 20; i++) refuse();
      note();
      for (let i = 0; i < 200; i++) refuse();
      note();
    `),
  );
});
