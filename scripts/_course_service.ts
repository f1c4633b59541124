/**
 * Answers the calls that a notebook under a grader makes of the course's own modules, of which it has no
 * text: reads the ways to it, a line of JSON each, and writes a line when each has ended. The grader starts
 * it; students' code never runs in it.
 *
 * @module
 */
import { createInterface } from "node:readline";
import process from "node:process";
import { useBackend } from "lib/backend/mod.ts";
import { serveModules } from "lib/remote/mod.ts";
import { print } from "./_command_line.ts";
import { hiddenModules } from "./_stage.ts";
import { ROOT } from "lib/authoring/mod.ts";

console.log = console.table = () => {};
Deno.chdir(ROOT);
await useBackend({ onNotice: () => {} });
const modules = await hiddenModules();
print("ready");
for await (const line of createInterface({ input: process.stdin })) {
  await serveModules(JSON.parse(line), modules).catch(() => {}); // what broke it is the notebook's
  print("ended");
}
