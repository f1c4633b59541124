import type { Grade, ItemResult } from "./results.ts";

/**
 * Writes grades as CSV: one row per student and notebook, one column per item.
 *
 * @param grades The grades.
 */
export function gradesCsv(grades: readonly Grade[]): string {
  const columns = [...new Set(grades.flatMap(({ items }) => items.map(({ id }) => id)))];
  const rows = grades.map((
    { student, notebook, points, most, manual, items, seconds, attempts },
  ) => [
    ...[student, notebook, points, most, manual, seconds.toFixed(1), attempts.length],
    ...columns.map((column) => items.find(({ id }) => id === column)?.points ?? ""),
  ]);
  const head = [
    "student",
    "notebook",
    "points",
    "most",
    "manual",
    "seconds",
    "attempts",
    ...columns,
  ];
  return [head, ...rows].map((row) => `${row.map((cell) => quoted(String(cell))).join(",")}\r\n`)
    .join("");
}

/** Quotes as in RFC 4180; a text that a spreadsheet would read as a formula gets a ' before it. */
function quoted(cell: string): string {
  const safe = /^[=+@\t]|^-(?!\d)/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * Writes grades as JSON, without pictures and code.
 *
 * @param grades The grades.
 */
export function gradesJson(grades: readonly Grade[]): string {
  const shown = grades.map(({ pictures: _, code: __, ...grade }) => grade);
  return `${JSON.stringify({ grades: shown }, null, 2)}\n`;
}

/**
 * Writes grades as JUnit XML: a suite for each submission, a case for each item.
 *
 * @param grades The grades.
 */
export function gradesJunit(grades: readonly Grade[]): string {
  const suites = grades.map(({ student, notebook, items, seconds }) => {
    const cases = items.map((item) => caseOf(item, `${student}.${notebook}`)).join("");
    const failures = items.filter(isFailure).length;
    const skipped = items.filter(({ status }) => status === "manual").length;
    return `  <testsuite name="${xml(`${student}/${notebook}`)}" tests="${items.length}" ` +
      `failures="${failures}" skipped="${skipped}" time="${
        seconds.toFixed(3)
      }">\n${cases}  </testsuite>\n`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join("")}</testsuites>\n`;
}

function isFailure({ status }: ItemResult): boolean {
  return status !== "right" && status !== "manual";
}

function caseOf(item: ItemResult, owner: string): string {
  const open = `    <testcase classname="${xml(owner)}" name="${xml(item.id)}" time="${
    item.seconds.toFixed(3)
  }"`;
  if (item.status === "manual") {
    return `${open}><skipped message="a person grades it"/></testcase>\n`;
  }
  if (!isFailure(item)) return `${open}/>\n`;
  return `${open}><failure type="${item.status}" message="${xml(item.finding)}">${
    xml(item.mistake)
  }</failure></testcase>\n`;
}

/** Escapes text for XML 1.0, which allows no control characters, not even escaped ones. */
function xml(text: string): string {
  // deno-lint-ignore no-control-regex -- control characters are what it removes
  return text.replaceAll(/[\x00-\x08\x0b\x0c\x0e-\x1f]|[\ud800-\udfff](?![\udc00-\udfff])/g, "�")
    .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;").replaceAll("\n", "&#10;");
}

/**
 * Writes one grade in the form of Gradescope's autograder.
 *
 * @param grade The grade.
 */
export function gradescopeResults(grade: Grade): string {
  const tests = grade.items.map((item) => ({
    ...{ name: item.exercise || item.id, score: item.points, max_score: item.most },
    status: isFailure(item) ? "failed" : "passed",
    output: [item.finding, item.mistake && `Likely mistake: ${item.mistake}`].filter(Boolean).join(
      "\n",
    ) ||
      (item.status === "manual" ? "A person grades this answer." : "Right."),
    visibility: "visible",
  }));
  const output = [...grade.notes, ...grade.attempts].join("\n");
  const results = { score: grade.points, execution_time: Math.round(grade.seconds), output, tests };
  return `${JSON.stringify(results, null, 2)}\n`;
}
