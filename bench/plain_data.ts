/**
 * The sentences of `plain` as files: what PyTorch learns from and is measured on.
 *
 * @module
 */
import { ROOT } from "./peer_environment.ts";

const FOLDER = `${ROOT}build/bench/plain`;

/** Has `task data` write them, and gives their folder. A run of ours makes the same sentences. */
export function dataFolder(): string {
  const { success, stderr } = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", `${ROOT}scripts/data.ts`, "--level", "plain", "--out", FOLDER],
    stdout: "null",
  }).outputSync();
  if (success) return FOLDER;
  throw new Error(
    `Cannot write the sentences: expected \`task data\` to end well, got ` +
      new TextDecoder().decode(stderr),
  );
}
