/**
 * Checks answers that run in another process: reads one line of JSON per answer, and writes one
 * verdict per line. The grader starts it; students' code never runs in it.
 *
 * @module
 */
import { createInterface } from "node:readline";
import process from "node:process";
import { useBackend } from "lib/backend/mod.ts";
import { askAnswer, type Pipes } from "lib/remote/mod.ts";
import { loadExercise } from "../course/check.ts";
import { print } from "./_command_line.ts";
import { hiddenTests } from "./_hidden_tests.ts";

const [notebook = "", isHidden] = Deno.args;
console.log = console.table = () => {}; // cells that hidden tests need may print
await useBackend({ onNotice: () => {} });
const hidden = isHidden === "hidden" ? await hiddenTests(notebook) : new Map();
print("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const { check, ...pipes }: Pipes & { readonly check: string } = JSON.parse(line);
  const exercise = await loadExercise(check);
  const verdict = await askAnswer(exercise, { pipes, hiddenTest: hidden.get(check) });
  print(JSON.stringify(verdict));
}
