import { fileURLToPath } from "node:url";
import { temporaryFolder } from "./temporary_folder.ts";

/**
 * Runs a script with the project's Python, which has the official readers to compare with; where it
 * is missing, the test that asks for it fails.
 *
 * @param script The script, for example `new URL("read_events.py", import.meta.url)`.
 * @param args Its arguments.
 * @param input Its standard input.
 * @returns Its standard output.
 */
export function python(script: URL, args: readonly string[], input = ""): string {
  const inputFile = `${temporaryFolder()}/input`;
  Deno.writeTextFileSync(inputFile, input);
  const interpreter = fileURLToPath(new URL("../../.venv/bin/python", import.meta.url));
  // Through a shell, because a synchronous command cannot be given its standard input.
  const { success, stdout, stderr } = new Deno.Command("sh", {
    args: ["-c", '"$0" "$@" < "$INPUT"', interpreter, fileURLToPath(script), ...args],
    env: { INPUT: inputFile },
  }).outputSync();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}
