/**
 * Makes a run from a folder in Hugging Face's format, a GPT-2 over the words of one of the levels:
 *
 *     ./denow task import build/plain-001 --name plain-again
 *
 * @module
 */
import { useBackend } from "lib/backend/mod.ts";
import { ConfigError } from "lib/core/mod.ts";
import { importRun } from "lib/run/mod.ts";
import { print, readCommandLine, runMain } from "./_command_line.ts";

const HELP = `Usage: ./denow task import FOLDER [--name NAME] [--overwrite]

Makes a run of a folder that task export or transformers' save_pretrained() wrote: config.json,
model.safetensors and tokenizer.json. It stands at step 0; ./denow task train --resume trains it.`;

async function main(): Promise<void> {
  const { flags: { help, name, overwrite }, words: [folder, ...others] } = readCommandLine({
    name: "string",
    overwrite: "boolean",
    help: "boolean",
  });
  if (help === true) return print(HELP);
  if (folder === undefined || others.length > 0) {
    throw new ConfigError(
      "Cannot import: expected one folder, as ./denow task import build/plain-001",
    );
  }
  await useBackend({ onNotice: print });
  const imported = importRun(folder, {
    ...(typeof name === "string" && { name }),
    overwrite: overwrite === true,
  });
  imported.notices.forEach(print);
  print(
    `Made run ${imported.name}; train it by: ./denow task train --resume --name ${imported.name}`,
  );
}

if (import.meta.main) await runMain(main);
