/**
 * The source of a notebook: a TypeScript module cut into cells by `// %%`, jupytext's percent format.
 *
 *     // %% [markdown] id="intro"
 *     // # 1. Data
 *     // %% solution="split" difficulty=2 importance=4 minutes=10
 *     export function split() { ... }
 *
 * @module
 */

/** The options in a cell's header. */
export interface CellOptions {
  /** The cell's id, if no other option gives it. */
  readonly id?: string;
  /** The exercise whose answer is in this cell, between BEGIN and END SOLUTION. */
  readonly solution?: string;
  /** A check that gives points; the lines between BEGIN and END HIDDEN TESTS are for the grader. */
  readonly test?: string;
  /** The exercise that this text gives a hint for: shown folded. */
  readonly hint?: string;
  /** A question with a written answer, graded by a person. */
  readonly answer?: string;
  /** Points of a test or an answer. */
  readonly points?: number;
  /** From 1 to 5. */
  readonly difficulty?: number;
  /** From 1 to 5. */
  readonly importance?: number;
  /** How many minutes the exercise takes. */
  readonly minutes?: number;
  /** What the cell is for, such as `predict`. */
  readonly kind?: string;
}

/** A cell of a course source. */
export interface CourseCell {
  /** What it holds. */
  readonly type: "code" | "markdown";
  /** The options of its header. */
  readonly options: CellOptions;
  /** The code, or the text without `//`. */
  readonly source: string;
  /** The line of its header, counted from 1. */
  readonly line: number;
}

const TEXTS = ["id", "solution", "test", "hint", "answer", "kind"];
const NUMBERS = ["points", "difficulty", "importance", "minutes"];

/** Cuts a course source into its cells. */
export function parsePercent(text: string, path: string): CourseCell[] {
  const cells: CourseCell[] = [];
  let line = 1;
  for (const part of text.split(/^(?=\/\/ %%)/m)) {
    const place = `${path}:${line}`;
    if (part.startsWith("// %%")) cells.push({ ...parseCell(part, place), line });
    else refuseCode(part, place);
    line += part.split("\n").length - 1;
  }
  return cells;
}

function parseCell(part: string, place: string): Omit<CourseCell, "line"> {
  const [head = "", ...lines] = part.split("\n");
  const [, isMarkdown, rest = ""] = /^\/\/ %%( \[markdown\])?(.*)$/.exec(head) ?? [];
  const options = parseOptions(rest, place);
  if (isMarkdown !== undefined) return { type: "markdown", options, source: toText(lines, place) };
  const source = lines.filter((line) => !/^\s*\/\/ deno-(lint|fmt)-ignore/.test(line))
    .map((line) => line.replace(/^export (?=(async |abstract )?[a-z]+\*? )/, "")).join("\n").trim();
  if ((source.match(/(?<!\\)`/g)?.length ?? 0) % 2 === 1) {
    throw new SyntaxError(
      `Cannot read ${place}: expected no "// %%" inside a template, got half of one`,
    );
  }
  return { type: "code", options, source };
}

function parseOptions(text: string, place: string): CellOptions {
  const options: Record<string, string | number> = {};
  const rest = text.replaceAll(
    / (\w+)=(?:"([\w-]+)"|(\d+(?:\.\d+)?))/g,
    (all, key, word, number) => {
      const isKnown = (word === undefined ? NUMBERS : TEXTS).includes(key) && !(key in options);
      if (!isKnown) return all;
      options[key] = word ?? Number(number);
      return "";
    },
  );
  if (rest.trim() !== "") {
    throw new SyntaxError(
      `Cannot read ${place}: expected options such as id="intro" or points=2, got "${rest.trim()}"`,
    );
  }
  if ((options.test ?? options.answer) !== undefined && options.points === undefined) {
    throw new SyntaxError(`Cannot read ${place}: expected points, got a test or answer without`);
  }
  return options;
}

function toText(lines: readonly string[], place: string): string {
  const bare = lines.find((line) => line !== "" && !line.startsWith("//"));
  if (bare !== undefined) {
    throw new SyntaxError(`Cannot read ${place}: expected "// " before text, got "${bare}"`);
  }
  return lines.map((line) => line.replace(/^\/\/ ?/, "")).join("\n").trim();
}

/** Before the first cell, only comments for Deno's tools are allowed. */
function refuseCode(text: string, place: string): void {
  const other = text.split("\n").find((line) => !/^$|^\/\/ deno-(lint|fmt)-ignore-file/.test(line));
  if (other === undefined) return;
  throw new SyntaxError(`Cannot read ${place}: expected a cell first, got "${other}"`);
}
