import { html, inline, page, pointsText } from "./page.ts";
import type { Grade, ItemResult } from "./results.ts";
import { similarSubmissions } from "./similar.ts";

/**
 * The page about the whole class: how many passed each exercise, common mistakes, code to look at.
 *
 * @param grades The grades of all students.
 * @param strays Files that belong to no student and notebook, as `findSubmissions` lists them.
 */
export function classPage(grades: readonly Grade[], strays: readonly string[] = []): string {
  const notebooks = [...Map.groupBy(grades, ({ notebook }) => notebook)];
  const students = new Set(grades.map(({ student }) => student)).size;
  const seconds = grades.reduce((sum, grade) => sum + grade.seconds, 0);
  return page(
    "The class",
    `<h1>The class</h1>
<p>${students} students, ${grades.length} notebooks, ${
      (seconds / 60).toFixed(0)
    } minutes of run time.</p>
${notebooks.map(([name, group]) => notebookPart(name, group)).join("\n")}
${studentsPart(grades)}
${attemptsPart(grades)}
${similarPart(grades)}
${strays.length === 0 ? "" : `<h2>Not graded</h2>${list(strays)}`}`,
  );
}

function list(lines: readonly string[]): string {
  return `<ul>${lines.map((line) => `<li>${inline(line)}</li>`).join("")}</ul>`;
}

/** A column: its title, and whether it contains numbers. */
type Column = readonly [title: string, isNumber?: boolean];

function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]) =>
    row.map((cell, i) => `<${tag}${columns[i]?.[1] ? ' class="number"' : ""}>${cell}</${tag}>`)
      .join("");
  return `<div class="scroll"><table><thead><tr>${
    cells("th", columns.map(([title]) => title))
  }</tr></thead><tbody>${
    rows.map((row) => `<tr>${cells("td", row)}</tr>`).join("")
  }</tbody></table></div>`;
}

function notebookPart(name: string, grades: readonly Grade[]): string {
  const items = Map.groupBy(grades.flatMap(({ items }) => items), ({ id }) => id);
  const rows = [...items].flatMap(([id, results]) => {
    if (results.every(({ exercise }) => exercise === "")) return [];
    const right = results.filter(({ status }) => status === "right").length;
    const partial = results.filter(({ status }) => status === "partial").length;
    const empty = results.filter(({ status }) => status === "empty").length;
    const share = right / results.length;
    return [[
      `<code>${html(results[0]?.exercise ?? id)}</code>`,
      `<span class="share"><i style="width: ${(5 * share).toFixed(2)}rem"></i>${
        (100 * share).toFixed(0)
      } %</span>`,
      ...[String(partial), String(empty)],
      commonest(results),
    ]];
  });
  return `<h2>${html(name)}</h2>
${
    table(
      [["exercise"], ["passed"], ["partly", true], ["empty", true], ["commonest mistakes"]],
      rows,
    )
  }`;
}

const MOST_MISTAKES = 3;

function commonest(results: readonly ItemResult[]): string {
  const mistakes = results.map(({ mistake }) => mistake).filter((mistake) => mistake !== "");
  const groups = [...Map.groupBy(mistakes, (mistake) => mistake)]
    .toSorted(([, a], [, b]) => b.length - a.length).slice(0, MOST_MISTAKES);
  return groups.map(([mistake, { length }]) => `<p>${length} × ${inline(mistake)}</p>`).join("");
}

function studentsPart(grades: readonly Grade[]): string {
  const isWritten = grades.some(({ manual }) => manual > 0);
  const order = new Intl.Collator("en");
  const rows = grades.toSorted((a, b) => order.compare(a.student, b.student)).map((grade) => {
    const { student, notebook, points, most, manual, seconds, notes } = grade;
    return [
      `<a href="feedback/${encodeURIComponent(student)}.html">${html(student)}</a>`,
      html(notebook),
      `${pointsText(points)} of ${pointsText(most)}`,
      ...isWritten ? [manual === 0 ? "" : pointsText(manual)] : [],
      (seconds / 60).toFixed(1),
      notes.length === 0
        ? ""
        : `<details><summary>${notes.length}</summary>${list(notes)}</details>`,
    ];
  });
  const columns: Column[] = [
    ...[["student"], ["notebook"], ["points", true]] as const,
    ...isWritten ? [["to be read", true]] as const : [],
    ...[["minutes", true], ["notes"]] as const,
  ];
  return `<h2>Students</h2>\n${table(columns, rows)}`;
}

function attemptsPart(grades: readonly Grade[]): string {
  const rows = grades.flatMap(({ student, notebook, attempts }) =>
    attempts.length === 0 ? [] : [[html(student), html(notebook), list(attempts)]]
  );
  if (rows.length === 0) return "";
  return `<h2>Worth a look: code that no exercise asks for</h2>
<p class="soft">None of it can change points or reach out of the sandbox. It may have good reasons.</p>
${table([["student"], ["notebook"], ["what the code does"]], rows)}`;
}

function similarPart(grades: readonly Grade[]): string {
  const rows = similarSubmissions(grades).map(({ notebook, students: [a, b], share, same }) => [
    ...[html(a), html(b), html(notebook), `${(100 * share).toFixed(0)} %`],
    same.map((name) => `<code>${html(name)}</code>`).join(" "),
  ]);
  if (rows.length === 0) return "";
  return `<h2>Worth a look: code that is alike</h2>
<p class="soft">The share of the shorter one's code that the other has too, where few others have it. People
who learn together write alike: this is a place to look, no verdict.</p>
${table([["student"], ["and"], ["notebook"], ["alike", true], ["the same answers"]], rows)}`;
}
