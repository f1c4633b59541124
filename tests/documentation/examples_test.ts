/**
 * Runs the examples in doc comments, in README.md and in ARCHITECTURE.md, each as a module.
 *
 * `deno test --doc` does the same, with a fresh worker for each example: with 400 of them, loading
 * TensorFlow.js takes longer than the examples do. Types are checked by `deno check --doc`.
 *
 * @module
 */
import { pathToFileURL } from "node:url";
import { readSources } from "../../tools/source_files.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { examplesIn } from "./examples.ts";

const ROOT = new URL("../../", import.meta.url);
const PAGES = ["README.md", "ARCHITECTURE.md"];
const folder = temporaryFolder();

for (const [path, text] of readSources(ROOT, [".ts", ".md"])) {
  if (!path.startsWith("lib/") && !PAGES.includes(path)) continue;
  for (const { name, code } of examplesIn(path, text)) {
    const file = `${folder}/${name.replaceAll("/", "+")}`;
    Deno.test(name, () => checkThatRuns(file, code));
  }
}

/** An example asserts for itself. */
async function checkThatRuns(file: string, code: string): Promise<void> {
  await Deno.writeTextFile(file, code);
  await import(pathToFileURL(file).href);
}
