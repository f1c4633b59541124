/**
 * Shows what carries out the tensor work on this machine, and proves that it computes correctly.
 *
 * `deno run -A scripts/doctor.ts`; exit code 1, with the cure, where something is wrong.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { diagnose, type Finding } from "lib/backend/mod.ts";

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

function show({ subject, detail, problem }: Finding): void {
  print(`${problem === undefined ? "ok" : "!!"}  ${subject.padEnd(15)} ${detail}`);
  for (const line of problem?.split("\n") ?? []) print(`      ${line}`);
}

const { findings, isHealthy } = await diagnose({
  root: fileURLToPath(new URL("..", import.meta.url)),
});
findings.forEach(show);
print(
  isHealthy
    ? "All is well. ./denow task conformance runs TensorFlow.js's own tests on this machine."
    : "Something is wrong: see the lines marked !! and their cures.",
);
Deno.exit(isHealthy ? 0 : 1);
