/**
 * Compares runs: which settings differ, and whether the results differ by more than chance.
 *
 *     ./denow task compare plain-001 plain-002
 *
 * @module
 */
import { ConfigError, explainFile, writeFileAtomically } from "lib/core/mod.ts";
import { type ComparedArm, compareRuns, comparisonPage } from "lib/experiment/mod.ts";
import { readLoggedRun } from "lib/run/mod.ts";
import { print, readCommandLine, runMain } from "./_command_line.ts";
import { formatTable } from "./_results.ts";

const HELP = `Compares runs, and writes the comparison as a page that needs nothing besides itself.

Usage: ./denow task compare RUN RUN... [flags]

  RUN          a run's name, such as plain-001; runs that differ in the seed alone are one group,
               and groups are compared with the first
  --out FILE   where to write the page (default: runs/comparison.html)
  --help       this text`;

function main(): void {
  const { flags, words } = readCommandLine({ help: "boolean", out: "string" });
  if (flags.help === true) return print(HELP);
  if (words.length < 2) {
    throw new ConfigError(
      `Cannot compare: expected two runs or more, got ${words.length}; ls runs lists the runs`,
    );
  }
  const comparison = compareRuns(words.map((word) => readLoggedRun(word)));
  const path = typeof flags.out === "string" ? flags.out : "runs/comparison.html";
  if (flags.out === undefined) {
    explainFile("make runs", () => Deno.mkdirSync("runs", { recursive: true }));
  }
  writeFileAtomically(path, comparisonPage(comparison));
  for (const [setting, values] of comparison.differing) {
    print(`${setting.padEnd(24)} ${values.join(" | ")}`);
  }
  comparison.notices.forEach((notice) => print(notice));
  print(`\n${formatComparison(comparison.gap)}\n\nLook at  ${path}`);
}

function formatComparison(arms: readonly ComparedArm[]): string {
  return formatTable([
    ["settings", "seeds", "gap to the oracle", "95 % interval", "against the first"],
    ...arms.map(({ label, count, mean, interval, difference, verdict }) => [
      label,
      `${count}`,
      mean.toFixed(4),
      interval === null ? "" : `${interval.low.toFixed(4)} to ${interval.high.toFixed(4)}`,
      difference === null
        ? verdict
        : `${difference.mean < 0 ? "−" : "+"}${Math.abs(difference.mean).toFixed(4)}, ${verdict} ` +
          `(p ${difference.adjustedPValue.toPrecision(2)})`,
    ]),
  ]);
}

await runMain(main);
