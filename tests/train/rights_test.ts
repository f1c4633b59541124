import { assertEquals } from "@std/assert";
import { runCode } from "../support/code_process.ts";

const TRAIN = `
import { processorInstructions, processorName, useBackend } from "lib/backend/mod.ts";
import { createRun, runConfig, train } from "lib/train/mod.ts";
await useBackend();
const losses = [];
for (const precision of ["float32", "bfloat16"]) {
  const run = createRun(runConfig({
    data: { examples: 100 },
    model: { layers: 1, heads: 2, hiddenSize: 16, feedForwardSize: 16 },
    train: { steps: 2, warmup: 0, samples: 1 },
    compute: { precision, compile: "graph" },
  }));
  for await (const event of train(run)) if (event.kind === "step") losses.push(event.loss);
}
console.log(losses.every(Number.isFinite), losses.length);
console.log(processorInstructions().size, processorName());
`;

Deno.test("train() needs no more rights than a class's notebooks are graded with", async () => {
  const rights = ["--allow-read", "--allow-ffi", "--allow-env", "--allow-sys"];
  const { exitCode, stdout, stderr } = await runCode(TRAIN, { rights });
  assertEquals([exitCode, stdout], [0, "true 4\n0 a processor without a name\n"], stderr);
});
