/**
 * Checks answers that run elsewhere: reads which one, a line of JSON each, and writes a verdict a line.
 * The grader starts it; students' code never runs in it.
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
console.log = console.table = () => {}; // the cells that hidden tests stand on print
await useBackend({ onNotice: () => {} });
const hidden = isHidden === "hidden" ? await hiddenTests(notebook) : new Map();
print("ready");
for await (const line of createInterface({ input: process.stdin })) {
  const { check, ...pipes }: Pipes & { readonly check: string } = JSON.parse(line);
  const exercise = await loadExercise(check);
  const verdict = await askAnswer(exercise, { pipes, hiddenTest: hidden.get(check) });
  print(JSON.stringify(verdict));
}
