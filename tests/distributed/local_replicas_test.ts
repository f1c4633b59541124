import { assertEquals } from "@std/assert";
import { useBackend } from "lib/backend/mod.ts";
import { localReplicas } from "lib/distributed/mod.ts";
import { createRun, train } from "lib/train/mod.ts";
import { collect, tinyConfig } from "../support/tiny_runs.ts";
import { digestOf } from "../support/training_process.ts";

await useBackend({ backend: "tensorflow" });

Deno.test("tmp", async () => {
  const config = tinyConfig({ model: { dropout: 0 }, train: { samples: 4 } });
  const alone = createRun(config);
  const whole = await collect(train(alone));
  const runs = localReplicas(2).map((replicas) => createRun(config, { replicas }));
  const shared = await Promise.all(runs.map((run) => collect(train(run))));
  console.log(whole.map((e) => e.kind + " " + (e as any).loss?.toFixed(7)).slice(0, 30).join("\n"));
  for (const s of shared) console.log(s.map((e) => e.kind + " " + (e as any).loss?.toFixed(7)).slice(0, 30).join("\n"));
  assertEquals(digestOf(runs[0]!), digestOf(runs[1]!));
});
