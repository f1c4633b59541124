/**
 * Runs the tests that TensorFlow.js ships against this project's binding to TensorFlow.
 *
 * `deno run -A scripts/conformance.ts [--json FILE]`; exit code 1 where the failures are not exactly
 * those of `tests/conformance/known_failures.ts`.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { KNOWN_FAILURES } from "../tests/conformance/known_failures.ts";
import { runShippedTests } from "../tests/conformance/run.ts";
import { APPLICABLE, LEFT_OUT, LEFT_OUT_GROUPS } from "../tests/conformance/shipped_tests.ts";
import { surprises } from "../tests/conformance/verdict.ts";

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

function jsonFile(args: readonly string[]): string | undefined {
  const [flag, file, ...rest] = args;
  if (flag === undefined) return undefined;
  if (flag === "--json" && file !== undefined && rest.length === 0) return file;
  print(`Cannot run: expected [--json FILE], got ${args.join(" ")}`);
  Deno.exit(2);
}

const json = jsonFile(Deno.args);
const result = await runShippedTests(fileURLToPath(new URL("..", import.meta.url)));
const known = result.failures.filter(({ name }) => name in KNOWN_FAILURES).length;
if (json !== undefined) {
  await Deno.writeTextFile(json, JSON.stringify({ ...result, known }, null, 2) + "\n");
}
const lines = surprises(result.failures, KNOWN_FAILURES);
lines.forEach(print);
print(`run: the tests of tfjs-core, and of tfjs-node-gpu ${APPLICABLE.join(", ")}`);
for (const [what, reason] of Object.entries({ ...LEFT_OUT, ...LEFT_OUT_GROUPS })) {
  print(`left out: ${what}: ${reason}`);
}
for (const [name, reason] of Object.entries(KNOWN_FAILURES)) {
  print(`known failure: ${name}: ${reason}`);
}
print(
  `${result.passed} passed, ${result.failed} failed (${known} of them known), ` +
    `${result.ignored} ignored`,
);
Deno.exit(lines.length === 0 ? 0 : 1);
