/**
 * Checks an answer from the command line, as the notebook does.
 *
 *     ./denow task check padBatch mine.ts     mine.ts exports a function padBatch
 *
 * The exit code is 0 with "OK", 1 with what to correct, or 2 if there is nothing to check.
 *
 * @module
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { useBackend } from "lib/backend/mod.ts";
import { CheckError } from "lib/grade/mod.ts";
import { check, exerciseFiles } from "../course/check.ts";
import { readCommandLine, refuse } from "./_command_line.ts";

const { words: [name, file, ...others] } = readCommandLine({});
if (name === undefined || file === undefined || others.length > 0) {
  refuse(
    "Cannot check: expected an exercise and a file, as in ./denow task check padBatch mine.ts",
  );
}
const names = [...exerciseFiles().keys()];
if (!names.includes(name)) {
  refuse(`Cannot check: expected one of the exercises ${names.join(", ")}, got "${name}"`);
}
// A task runs in the checkout, but the path is relative to the user's folder.
const path = resolve(Deno.env.get("INIT_CWD") ?? Deno.cwd(), file);
const module = await load(path);
if (!(name in module)) {
  const exported = Object.keys(module).join(", ") || "nothing";
  refuse(`Cannot check ${file}: expected it to export ${name}, got ${exported}`);
}
await useBackend({ onNotice: () => {} });
try {
  await check(name, module[name]);
  Deno.exit(0);
} catch (error) {
  if (!(error instanceof CheckError)) throw error;
  console.error(error.stack);
  Deno.exit(1);
}

/** Runs the student's file; an error in it is shown as the student's. */
async function load(path: string): Promise<Record<string, unknown>> {
  try {
    return await import(pathToFileURL(path).href);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return refuse(`Cannot check ${file}: expected a module that runs, got ${error.message}`);
  }
}
