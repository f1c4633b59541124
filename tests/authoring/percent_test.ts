import { parsePercent } from "lib/authoring/percent.ts";
import { assertEquals, assertThrows } from "@std/assert";

const SOURCE = `\
// deno-lint-ignore-file no-unused-vars

// %% [markdown] id="intro"
// # Title
//
// Text with \`code\`.
// %% solution="split" difficulty=2 importance=4 minutes=10
// deno-lint-ignore no-console
export function split(): number {
  // BEGIN SOLUTION
  return 1;
  // END SOLUTION
}

// %% test="split-test" points=0.5
await check(split);
`;

Deno.test("parsePercent() cuts a source into cells with their options and lines", () => {
  assertEquals(parsePercent(SOURCE, "a.ts"), [
    {
      type: "markdown",
      options: { id: "intro" },
      source: "# Title\n\nText with `code`.",
      line: 3,
    },
    {
      type: "code",
      options: { solution: "split", difficulty: 2, importance: 4, minutes: 10 },
      source: "function split(): number {\n  // BEGIN SOLUTION\n  return 1;\n  // END SOLUTION\n}",
      line: 7,
    },
    {
      type: "code",
      options: { test: "split-test", points: 0.5 },
      source: "await check(split);",
      line: 15,
    },
  ]);
});

Deno.test("parsePercent() leaves out what only Deno's tools need: export and remarks to them", () => {
  const kinds = ["async function f", "class F", "const f", "let f", "interface F", "type F"];
  for (const kind of kinds) {
    assertEquals(parsePercent(`// %%\nexport ${kind} = 1;`, "a.ts")[0]?.source, `${kind} = 1;`);
  }
  const inside = "const text = 'export const';";
  assertEquals(parsePercent(`// %%\n${inside}`, "a.ts")[0]?.source, inside);
});

Deno.test("parsePercent() says where a source is wrong, and what was expected", () => {
  const cases: [source: string, told: string][] = [
    ["const x = 1;\n// %%\n", 'Cannot read a.ts:1: expected a cell first, got "const x = 1;"'],
    [
      '// %%\n1;\n// %% name="x"\n',
      'Cannot read a.ts:3: expected options such as id="intro" or points=2, got "name="x""',
    ],
    [
      "// %% points=two\n",
      'Cannot read a.ts:1: expected options such as id="intro" or points=2, got "points=two"',
    ],
    [
      '// %% id="a" id="b"\n',
      'Cannot read a.ts:1: expected options such as id="intro" or points=2, got "id="b""',
    ],
    ['// %% test="a"\n', "Cannot read a.ts:1: expected points, got a test or answer without"],
    [
      "// %% [markdown]\n// text\nconst x = 1;\n",
      'Cannot read a.ts:1: expected "// " before text, got "const x = 1;"',
    ],
    [
      "// %%\nconst x = `\n// %%\n`;\n",
      'Cannot read a.ts:1: expected no "// %%" inside a template, got half of one',
    ],
  ];
  for (const [source, told] of cases) {
    const error = assertThrows(() => parsePercent(source, "a.ts"), SyntaxError);
    assertEquals(error.message, told);
  }
});

Deno.test("parsePercent() lets an escaped backtick pass", () => {
  const source = "const x = `a \\` b`;";
  assertEquals(parsePercent(`// %%\n${source}`, "a.ts")[0]?.source, source);
});
