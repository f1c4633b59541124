/**
 * Runs the tests: `./denow task test` all but the slow ones, `./denow task test tests/data` or
 * `--filter word` the unit tests that are named.
 *
 * @module
 */
import { allParts, runParts, unitTests } from "./_parts.ts";
import { formatResults, isGood } from "./_results.ts";

const results = await runParts(Deno.args.length === 0 ? allParts() : [unitTests(Deno.args)]);
console.log(`\n${formatResults(results)}`);
Deno.exit(isGood(results) ? 0 : 1);
