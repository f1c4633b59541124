/**
 * Runs the tests that TensorFlow.js ships against this project's binding to TensorFlow.
 *
 * `deno run -A scripts/conformance.ts [--onednn] [--json FILE]`; exit code 1 where the failures are not
 * exactly those of `tests/backend/conformance/known_failures.ts`. TensorFlow would choose between its own
 * kernels and oneDNN's by the processor's instructions: here the flag does, so that every machine
 * can prove both.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { type KernelSet, KNOWN_FAILURES } from "../tests/backend/conformance/known_failures.ts";
import { runShippedTests } from "../tests/backend/conformance/run.ts";
import {
  APPLICABLE,
  LEFT_OUT,
  LEFT_OUT_GROUPS,
} from "../tests/backend/conformance/shipped_tests.ts";
import { surprises } from "../tests/backend/conformance/verdict.ts";

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

function commandLine(args: readonly string[]): { json?: string; kernels: KernelSet } {
  const kernels: KernelSet = args[0] === "--onednn" ? "onednn" : "plain";
  const [flag, file, ...rest] = kernels === "onednn" ? args.slice(1) : args;
  if (flag === undefined) return { kernels };
  if (flag === "--json" && file !== undefined && rest.length === 0) return { kernels, json: file };
  print(`Cannot run: expected [--onednn] [--json FILE], got ${args.join(" ")}`);
  Deno.exit(2);
}

const { json, kernels } = commandLine(Deno.args);
Deno.env.set("TF_ENABLE_ONEDNN_OPTS", kernels === "onednn" ? "1" : "0"); // read as the library loads
const knownFailures = KNOWN_FAILURES[kernels];
const result = await runShippedTests(fileURLToPath(new URL("..", import.meta.url)));
const known = result.failures.filter(({ name }) => name in knownFailures).length;
if (json !== undefined) {
  await Deno.writeTextFile(json, JSON.stringify({ ...result, known }, null, 2) + "\n");
}
const lines = surprises(result.failures, knownFailures);
lines.forEach(print);
print(`kernels: ${kernels}`);
print(`run: the tests of tfjs-core, and of tfjs-node-gpu ${APPLICABLE.join(", ")}`);
for (const [what, reason] of Object.entries({ ...LEFT_OUT, ...LEFT_OUT_GROUPS })) {
  print(`left out: ${what}: ${reason}`);
}
for (const [name, reason] of Object.entries(knownFailures)) {
  print(`known failure: ${name}: ${reason}`);
}
print(
  `${result.passed} passed, ${result.failed} failed (${known} of them known), ` +
    `${result.ignored} ignored`,
);
Deno.exit(lines.length === 0 ? 0 : 1);
