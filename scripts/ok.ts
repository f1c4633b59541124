/**
 * Runs everything that a change must pass, goes on after a failure, and ends with the counts.
 *
 * @module
 */
import { BUDGET_HEADER, budgetRows, countLines } from "../tools/line_budget.ts";
import { readSources } from "../tools/source_files.ts";
import { allParts, runPartsAtOnce, STYLE_CHECKS } from "./_parts.ts";
import { formatResults, formatTable, isGood } from "./_results.ts";

console.log("== lines");
const sources = readSources(new URL("..", import.meta.url), [".ts"]);
const files = [...sources].map(([path, text]) => countLines(path, text));
console.log(formatTable([BUDGET_HEADER, ...budgetRows(files)]));

const results = await runPartsAtOnce([...STYLE_CHECKS, ...await allParts()]);
console.log(`\n${formatResults(results)}`);
Deno.exit(isGood(results) ? 0 : 1);
