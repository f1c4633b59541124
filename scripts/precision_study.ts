/**
 * Trains the same runs in float32 and in bfloat16 products, and writes how much their losses
 * differ. It also trains runs whose weights are rounded to bfloat16 after each update.
 *
 *     deno run -A scripts/precision_study.ts
 *
 * @module
 */
import { precisionStudy } from "course/06_challenges/precision_study.ts";
import { useBackend } from "lib/backend/mod.ts";
import { writeFileAtomically } from "lib/core/mod.ts";
import { print, runMain } from "./_command_line.ts";

const FILE = "course/06_challenges/precision_study.json";

async function main(): Promise<void> {
  await useBackend();
  const runs = await precisionStudy((line) => print(line));
  writeFileAtomically(FILE, `[\n${runs.map((run) => JSON.stringify(run)).join(",\n")}\n]\n`);
  print(`Written ${FILE}`);
}

await runMain(main);
