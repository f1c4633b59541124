/**
 * Runs all that a change must pass, goes on after a failure, and lists the failures at its end.
 *
 * @module
 */
import { BUDGET_HEADER, budgetRows, countLines } from "../tools/line_budget.ts";
import { readSources } from "../tools/source_files.ts";
import { lintDocs } from "./_doc_lint.ts";
import { allParts, runDeno, runParts } from "./_parts.ts";
import { formatResults, formatTable, isGood } from "./_results.ts";

const ROOT = new URL("..", import.meta.url);
const sources = readSources(ROOT, [".ts"]);

const checks: [name: string, args: string[]][] = [
  ["format", ["fmt", "--check"]],
  ["lint", ["lint"]],
  ["types", ["check", "--frozen"]],
];
const failed: string[] = [];
for (const [name, args] of checks) {
  console.log(`\n== ${name}`);
  const { success } = await runDeno(args);
  if (!success) failed.push(name);
}

console.log("\n== doc comments");
const undocumented = lintDocs(sources);
console.log(undocumented.join("\n\n") || "every export is documented");
if (undocumented.length > 0) failed.push("doc comments");

console.log("\n== lines");
const files = [...sources].map(([path, text]) => countLines(path, text));
console.log(formatTable([BUDGET_HEADER, ...budgetRows(files)]));

const results = await runParts(allParts());
console.log(`\n${formatResults(results)}`);
for (const result of results) {
  if (!isGood([result])) failed.push(result.name);
}
console.log(failed.length === 0 ? "all is well" : `not well: ${failed.join(", ")}`);
Deno.exit(failed.length === 0 ? 0 : 1);
