/**
 * Shows what carries out the tensor work on this machine, proves that it computes correctly and that
 * the exercise's model learns, and says how long the notebooks will take.
 *
 *     ./denow task doctor                   the backend that training would use
 *     ./denow task doctor --backend wasm    another one: webgpu, wasm, cpu
 *
 * It ends with 1, and says the cure, if something is wrong.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { BACKENDS, type Finding } from "lib/backend/mod.ts";
import { quote } from "lib/core/mod.ts";
import { checkMachine } from "lib/run/mod.ts";
import { print, readCommandLine, refuse, runMain } from "./_command_line.ts";

const WIDTH = 23;

function show({ subject, detail, problem }: Finding): void {
  const [first, ...more] = detail.split("\n");
  print(`${problem === undefined ? "ok" : "!!"}  ${subject.padEnd(WIDTH)} ${first}`);
  for (const line of more) print(`${"".padEnd(WIDTH + 4)} ${line}`);
  for (const line of problem?.split("\n") ?? []) print(`      ${line}`);
}

const { flags, words } = readCommandLine({ backend: "string" });
if (words.length > 0) refuse(`Cannot look: expected no words, got ${words.join(" ")}`);
const backend = BACKENDS.find((name) => name === flags.backend);
if (flags.backend !== undefined && backend === undefined) {
  refuse(`Cannot look: expected one of ${BACKENDS.join(", ")}, got ${quote(flags.backend)}`);
}
await runMain(async () => {
  const { isHealthy } = await checkMachine({
    root: fileURLToPath(new URL("..", import.meta.url)),
    onFinding: show,
    ...backend && { backend },
  });
  print(
    isHealthy
      ? "All is well. ./denow task conformance runs TensorFlow.js's own tests on this machine."
      : "Something is wrong: see the lines marked !! and their cures.",
  );
  return isHealthy ? 0 : 1;
});
