import { largest } from "lib/core/mod.ts";
/**
 * The test counts of the parts of a run, and their sum.
 *
 * @module
 */

/** How many tests passed, failed and were skipped. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** Each failed test with its message, if the report has them. */
  readonly failures?: readonly string[];
}

/** How a part of the run ended. */
export interface Result extends Counts {
  readonly name: string;
  readonly seconds: number;
  /** A problem other than failed tests. */
  readonly problem?: string;
}

/** How the process of a part ended, and what it reported. */
export interface Ending {
  readonly code: number;
  readonly signal: string | null;
  readonly seconds: number;
  /** The counts in the report; undefined if none was written. */
  readonly counts: Counts | undefined;
}

/** Counts a JUnit report of `deno test`; a test that `--filter` left out does not count. */
export function countJunit(xml: string): Counts {
  const root = /<testsuites [^>]*>/.exec(xml)?.[0];
  if (root === undefined || !xml.trimEnd().endsWith("</testsuites>")) {
    throw new SyntaxError("Cannot count tests: expected a whole JUnit report");
  }
  const [tests, failures, errors] = ["tests", "failures", "errors"]
    .map((name) => Number(new RegExp(` ${name}="(\\d+)"`).exec(root)?.[1]));
  const disabled = [...xml.matchAll(/<testcase ([^>]*)>\s*<skipped\/>/g)];
  const skipped = disabled.filter(([, attributes = ""]) => / time="/.test(attributes)).length;
  const failed = Number(failures) + Number(errors);
  const counts = { passed: Number(tests) - failed - disabled.length, failed, skipped };
  return failed === 0 ? counts : { ...counts, failures: failuresOf(xml) };
}

/** The failed tests of a JUnit report: file, name, and the first lines of its message. */
function failuresOf(xml: string): string[] {
  const cases = xml.matchAll(
    /<testcase ([^>]*)>\s*<(?:failure|error) message="([^"]*)"(?:\/>|>([^<]*))/g,
  );
  return [...cases].map(([, attributes = "", message = "", text = ""]) => {
    const [file = "", name = ""] = ["classname", "name"]
      .map((key) => new RegExp(`(?:^| )${key}="([^"]*)"`).exec(attributes)?.[1] ?? "");
    const said = text.includes(message) ? text : `${message}\n${text}`;
    return unescapeXml(`${file}: ${name}\n    ${firstLines(said).join("\n    ")}`);
  });
}

/** The lines that show an error and where it was thrown. */
function firstLines(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "").slice(0, 25);
}

function unescapeXml(text: string): string {
  const characters = new Map([["lt", "<"], ["gt", ">"], ["quot", '"'], ["apos", "'"], [
    "amp",
    "&",
  ]]);
  return text.replace(/&(\w+);/g, (entity, name) => characters.get(name) ?? entity);
}

/**
 * Counts the report of `scripts/conformance.ts --json`. A failure whose reason is known and listed
 * counts as skipped, as an ignored test does: both are named in that script's output.
 */
export function countConformance(json: string): Counts {
  const { passed, failed, known, ignored } = JSON.parse(json) as Record<string, unknown>; // checked
  const counts = [passed, failed, known, ignored];
  if (!counts.every((count): count is number => typeof count === "number")) {
    throw new SyntaxError("Cannot count tests: expected passed, failed, known, ignored as numbers");
  }
  const [ofPassed = 0, ofFailed = 0, ofKnown = 0, ofIgnored = 0] = counts;
  return { passed: ofPassed, failed: ofFailed - ofKnown, skipped: ofIgnored + ofKnown };
}

/**
 * Judges a part. One that crashed, that ended with an error but no failed test, or that ran no test
 * at all counts as a failure, so that nothing passes without having run.
 */
export function judge(name: string, ending: Ending): Result {
  const counts = ending.counts ?? { passed: 0, failed: 0, skipped: 0 };
  const problem = problemOf(ending, counts);
  const { seconds } = ending;
  if (problem === undefined) return { name, ...counts, seconds };
  return { name, ...counts, failed: Math.max(counts.failed, 1), seconds, problem };
}

function problemOf({ code, signal, counts }: Ending, { passed, failed }: Counts) {
  const end = `ended ${signal === null ? `with exit status ${code}` : `by ${signal}`}`;
  if (signal !== null || code > 128) {
    return `${end}${MEANINGS.get(code) ?? ""}; tests after that did not run`;
  }
  if (counts === undefined) return `${end} and left no report: see above`;
  if (code !== 0 && failed === 0) return `${end}, though no test failed`;
  return passed + failed === 0 ? "ran no test" : undefined;
}

const MEANINGS: ReadonlyMap<number, string> = new Map([
  [134, " (aborted)"],
  [137, " (killed, perhaps for want of memory)"],
  [139, " (segmentation fault)"],
]);

/** Whether nothing failed. */
export function isGood(results: readonly Result[]): boolean {
  return results.length > 0 && results.every(({ failed }) => failed === 0);
}

/** The table of a run, problems other than failed tests, and the last line with the true totals. */
export function formatResults(results: readonly Result[]): string {
  const rows = results.map(({ name, passed, failed, skipped, seconds }) =>
    [name, passed, failed, skipped, seconds.toFixed(1)].map(String)
  );
  const problems = results.flatMap(({ name, problem }) => problem ? [`${name}: ${problem}`] : []);
  // Repeated here, because one sees only the end of a long log.
  const failures = results.flatMap(({ failures }) => failures ?? []).map((text) =>
    `failed: ${text}`
  );
  const table = formatTable([["part", "passed", "failed", "skipped", "seconds"], ...rows]);
  return [table, ...problems, ...failures, "", closingLine(results)].join("\n");
}

/** Aligns columns: the first one to the left, numbers to the right. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, i) => largest(rows.map((row) => row[i]?.length ?? 0)));
  return rows.map((row) =>
    row.map((cell, i) => i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))
      .join("  ").trimEnd()
  ).join("\n");
}

function closingLine(results: readonly Result[]): string {
  const total = (key: "passed" | "failed" | "skipped") =>
    results.reduce((sum, result) => sum + result[key], 0);
  const skipped = total("skipped");
  return `${total("passed")} passed, ${total("failed")} failed${
    skipped === 0 ? "" : `, ${skipped} skipped`
  }`;
}
