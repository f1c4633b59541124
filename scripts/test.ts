/**
 * Runs the tests: `./denow task test` all but the slow ones, `./denow task test tests/data` or
 * `--filter word` the unit tests that are named.
 *
 * @module
 */
import { allParts, checkTypes, runParts, runPartsAtOnce, unitTests } from "./_parts.ts";
import { formatResults, isGood } from "./_results.ts";

const results = Deno.args.length === 0
  ? [await checkTypes(), ...await runPartsAtOnce(allParts())]
  : await runParts([unitTests(Deno.args)]);
console.log(`\n${formatResults(results)}`);
Deno.exit(isGood(results) ? 0 : 1);
