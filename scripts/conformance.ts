/**
 * Runs the tests that TensorFlow.js ships against this project's binding to TensorFlow.
 *
 * `./denow task conformance [--onednn] [--json FILE]`; exit code 1 if the failures are not exactly
 * those of `tests/backend/conformance/known_failures.ts`. By default TensorFlow chooses between its
 * own kernels and oneDNN's by the CPU's instructions; here the flag chooses, so that both can be
 * tested on every machine.
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
import { print, readCommandLine, refuse } from "./_command_line.ts";
import { surprises } from "../tests/backend/conformance/verdict.ts";

const { flags, words } = readCommandLine({ onednn: "boolean", json: "string" });
if (words.length > 0) {
  refuse(`Cannot run: expected [--onednn] [--json FILE], got ${Deno.args.join(" ")}`);
}
const kernels: KernelSet = flags.onednn === true ? "onednn" : "plain";
Deno.env.set("TF_ENABLE_ONEDNN_OPTS", kernels === "onednn" ? "1" : "0"); // read as the library loads
const knownFailures = KNOWN_FAILURES[kernels];
const result = await runShippedTests(fileURLToPath(new URL("..", import.meta.url)));
const known = result.failures.filter(({ name }) => name in knownFailures).length;
if (typeof flags.json === "string") {
  await Deno.writeTextFile(flags.json, JSON.stringify({ ...result, known }, null, 2) + "\n");
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
