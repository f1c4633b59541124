/**
 * Runs everything that a change must pass, goes on after a failure, and ends with the counts.
 *
 * @module
 */
import { BUDGET_HEADER, budgetRows, countLines } from "../tools/line_budget.ts";
import { readSources } from "../tools/source_files.ts";
import { lintDocs } from "./_doc_lint.ts";
import { allParts, check, checkTypes, runDeno, runPartsAtOnce } from "./_parts.ts";
import { formatResults, formatTable, isGood, type Result } from "./_results.ts";

const ROOT = new URL("..", import.meta.url);
const sources = readSources(ROOT, [".ts"]);

const checks: Result[] = [
  await check("format", () => runsWell(["fmt", "--check"])),
  await check("lint", () => runsWell(["lint"])),
  await checkTypes(),
  await check("doc comments", () => {
    const undocumented = lintDocs(sources);
    console.log(undocumented.join("\n\n") || "every export is documented");
    return undocumented.length === 0;
  }),
];

console.log("\n== lines");
const files = [...sources].map(([path, text]) => countLines(path, text));
console.log(formatTable([BUDGET_HEADER, ...budgetRows(files)]));

const results = [...checks, ...await runPartsAtOnce(await allParts())];
console.log(`\n${formatResults(results)}`);
Deno.exit(isGood(results) ? 0 : 1);

async function runsWell(args: string[]): Promise<boolean> {
  return (await runDeno(args)).success;
}
