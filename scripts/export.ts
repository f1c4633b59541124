/**
 * Writes a run as a folder that Hugging Face's packages open:
 *
 *     ./denow task export plain-001 build/plain-001
 *     ./denow task export plain-001 build/plain-001 --checkpoint last
 *
 * @module
 */
import { ConfigError, quote } from "lib/core/mod.ts";
import { exportRun } from "lib/run/mod.ts";
import { print, readCommandLine, runMain } from "./_command_line.ts";

const HELP = `Usage: ./denow task export RUN FOLDER [--checkpoint best|last]

Writes the weights of a run (default: the best, or the last where none was validated) into FOLDER,
which must be new or empty:

  config.json, generation_config.json   a GPT-2 by its architecture
  model.safetensors                     the same numbers under GPT-2's names
  tokenizer.json, tokenizer_config.json

In Python, transformers and PyTorch open all of it; in JavaScript, transformers.js opens the
tokenizer, but takes weights as ONNX alone.`;

function main(): void {
  const { flags, words: [run, folder, ...others] } = readCommandLine({
    checkpoint: "string",
    help: "boolean",
  });
  if (flags.help === true) return print(HELP);
  const checkpoint = flags.checkpoint ?? undefined;
  if (run === undefined || folder === undefined || others.length > 0) {
    throw new ConfigError(
      "Cannot export: expected a run and a folder, as ./denow task export plain-001 build/plain-001",
    );
  }
  if (checkpoint !== undefined && checkpoint !== "best" && checkpoint !== "last") {
    throw new ConfigError(
      `Cannot export: expected --checkpoint best or last, got ${quote(checkpoint)}`,
    );
  }
  const { step, path } = exportRun(run, folder, { ...(checkpoint && { checkpoint }) });
  print(`\
Wrote the weights of step ${step} (${path}) to ${folder}. In Python, with torch and transformers:

  from transformers import AutoModelForCausalLM, AutoTokenizer
  model = AutoModelForCausalLM.from_pretrained("${folder}")
  tokenizer = AutoTokenizer.from_pretrained("${folder}")`);
}

if (import.meta.main) await runMain(main);
