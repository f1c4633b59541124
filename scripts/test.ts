/**
 * Runs tests: `./denow task test` runs all except the slow ones, `./denow task test tests/data` or
 * `--filter word` the named unit tests, `./denow task test --backend wasm` the numeric tests on one
 * backend.
 *
 * @module
 */
import type { BackendName } from "lib/backend/mod.ts";
import { refuse } from "./_command_line.ts";
import {
  allParts,
  numericTests,
  type Part,
  runParts,
  runPartsAtOnce,
  unitTests,
  whyNotOn,
} from "./_parts.ts";
import { formatResults, isGood } from "./_results.ts";

const results = Deno.args.length === 0
  ? await runPartsAtOnce(await allParts())
  : await runParts([await partFor(Deno.args)]);
console.log(`\n${formatResults(results)}`);
Deno.exit(isGood(results) ? 0 : 1);

async function partFor(args: readonly string[]): Promise<Part> {
  const place = args.findIndex((arg) => /^--backend(?:=|$)/.test(arg));
  if (place < 0) return unitTests(args);
  const isOneWord = args[place]?.includes("=") === true;
  const backend = isOneWord ? args[place]?.split("=")[1] : args[place + 1];
  const problem = await whyNotOn(backend ?? "");
  if (problem !== null) refuse(problem);
  // It was just found among the names of backends.
  return numericTests(backend as BackendName, args.toSpliced(place, isOneWord ? 1 : 2));
}
