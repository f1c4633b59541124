import { countLines, countWords, courseProblems } from "lib/authoring/course_rules.ts";
import { parsePercent } from "lib/authoring/percent.ts";
import { assertEquals } from "@std/assert";

const SETUP = '// %% id="setup"\nawait setUpNotebook();\n';

/** The problems of a source that begins with the set-up cell. */
function problemsOf(source: string): string[] {
  return courseProblems(parsePercent(SETUP + source, "a.ts"));
}

const EXERCISE = `\
// %% solution="add" difficulty=1 importance=2 minutes=3
function add() {
  // BEGIN SOLUTION
  // END SOLUTION
}
// %% test="add-test" points=1
await check(add);
// %% [markdown] hint="add"
// Use +.
`;

Deno.test("courseProblems() finds nothing wrong with a whole exercise", () => {
  assertEquals(problemsOf(EXERCISE), []);
});

Deno.test("courseProblems() wants effort, hint, check and marks of every exercise", () => {
  assertEquals(problemsOf('// %% solution="add"\nlet x;\n'), [
    'line 3: expected difficulty and importance from 1 to 5, and minutes for "add", got none',
    'line 3: expected a hint for "add", got none',
    'line 3: expected a check after it for "add", got none',
    'line 3: expected a marked solution for "add", got none',
  ]);
  const outside = EXERCISE.replace("difficulty=1", "difficulty=6");
  assertEquals(problemsOf(outside).length, 1);
});

Deno.test("courseProblems() limits a code cell to 25 lines, and the median to 8", () => {
  const lines = (count: number) => `// %%\n${"f();\n".repeat(count)}`;
  assertEquals(problemsOf(lines(25) + lines(8)), []);
  assertEquals(problemsOf(lines(26) + lines(1)), [
    "line 3: expected at most 25 lines of code, got 26",
  ]);
  assertEquals(problemsOf(lines(9) + lines(10)), [
    "expected code cells of 8 lines in the median, got 9",
  ]);
});

Deno.test("courseProblems() limits prose between code to 60 words, but not at the two ends", () => {
  const prose = (count: number) => `// %% [markdown]\n// ${"word ".repeat(count)}\n`;
  const code = "// %%\nf();\n";
  assertEquals(problemsOf(prose(60) + code + prose(200)), []);
  assertEquals(problemsOf(prose(30) + prose(31) + code), [
    "line 3: expected at most 60 words between code, got 61",
  ]);
});

Deno.test("courseProblems() wants formulas outside of quotes", () => {
  assertEquals(problemsOf("// %% [markdown]\n// > $$a =\n// > b$$\n"), [
    "line 3: expected formulas outside of quotes, got one inside",
  ]);
  assertEquals(problemsOf("// %% [markdown]\n// $$a =\n// b$$\n// > a quote\n"), []);
});

Deno.test("courseProblems() wants a name to be declared once", () => {
  assertEquals(problemsOf("// %%\nconst x = 1;\n// %%\nlet x = 2;\n"), [
    'line 5: expected "x" to be declared once, got it at line 3 too',
  ]);
  assertEquals(problemsOf("// %%\n{\n  const x = 1;\n}\n// %%\nconst x = 2;\n"), []);
});

Deno.test("courseProblems() wants the set-up in the first code cell", () => {
  assertEquals(courseProblems(parsePercent("// %%\nf();\n", "a.ts")), [
    "expected `await setUpNotebook()` in the first code cell, got none",
  ]);
});

Deno.test("countLines() counts what a student has to read", () => {
  const source = `f();

// BEGIN SOLUTION
g();
// END SOLUTION
// BEGIN HIDDEN TESTS
h();
// END HIDDEN TESTS`;
  assertEquals(countLines(source), 2);
});

Deno.test("countWords() counts prose, and neither lists, headings, tables, formulas nor code", () => {
  const text = `# A heading

Three words here, \`code\` and $a = b$.

- a list
- of things

| a | table |

\`\`\`ts
const x = 1;
\`\`\`

    indented

$$ a = b $$

> a quote`;
  assertEquals(countWords(text), 6);
});
