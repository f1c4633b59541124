import { assertEquals } from "@std/assert";
import { useBackend } from "lib/backend/mod.ts";
import { createRun, train } from "lib/train/mod.ts";
import { tinyConfig } from "../support/tiny_runs.ts";

await useBackend({ backend: "tensorflow" });

Deno.test("createPrograms() op by op compiles the optimizer and the layers' chains, each once", async () => {
  const names: string[] = [];
  const settings = tinyConfig({ compute: { compile: "off" }, train: { samples: 0 } });
  const run = createRun(settings, { onCompile: ({ name }) => names.push(name) });
  for await (const event of train(run)) {
    if (event.kind === "step" && event.step === 3) break;
  }
  const chains = ["gelu", "geluGradient", "layerNorm", "layerNormGradient"];
  assertEquals(names.sort(), [...chains, "optimize"]);
});
