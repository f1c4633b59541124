import { assert, assertEquals } from "@std/assert";
import { readSources } from "../../tools/source_files.ts";
import { examplesIn } from "./examples.ts";

const ROOT = new URL("../../", import.meta.url), FENCE = "```";

Deno.test("examplesIn() finds what runs in doc comments, at its lines, and nothing else", () => {
  const code = [
    "/**",
    " * Adds.",
    " *",
    ` * ${FENCE}ts`,
    " * import { add } from './add.ts';",
    " *",
    " *   add(1, 2);",
    ` * ${FENCE}`,
    " *",
    ` * ${FENCE}sh`,
    " * ls",
    ` * ${FENCE}`,
    " */",
    `const text = \``,
    `${FENCE}ts`,
    `${FENCE}\`;`,
    "class A {",
    "  /**",
    `   * ${FENCE}ts ignore`,
    "   * never();",
    `   * ${FENCE}`,
    `   * ${FENCE}ts`,
    "   * new A();",
    `   * ${FENCE}`,
    "   */",
    "  b = 1;",
    "}",
  ].join("\n");
  assertEquals(examplesIn("a.ts", code), [
    { name: "a.ts#4-8.ts", code: "import { add } from './add.ts';\n\n  add(1, 2);" },
    { name: "a.ts#22-24.ts", code: "new A();" },
  ]);
});

Deno.test("examplesIn() reads a page as it stands", () => {
  const page = ["# Title", `${FENCE}ts`, "a();", FENCE, `${FENCE}sh`, "b", FENCE].join("\n");
  assertEquals(examplesIn("PAGE.md", page), [{ name: "PAGE.md#2-4.ts", code: "a();" }]);
});

Deno.test("every block of code in lib's doc comments is an example", () => {
  for (const [path, text] of readSources(ROOT, [".ts"])) {
    if (!path.startsWith("lib/")) continue;
    const fences = text.match(/^ *\* ```(?:ts|js|typescript|javascript)\b/gm) ?? [];
    assertEquals(examplesIn(path, text).length, fences.length, path);
  }
});

Deno.test("deno test --doc finds the same examples", () => {
  const { success, stdout } = new Deno.Command(Deno.execPath(), {
    args: ["test", "--doc", "--no-check", "-A", "--frozen", "lib/schedule"],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).outputSync();
  const said = new TextDecoder().decode(stdout);
  assert(success, said);
  const found = [...readSources(ROOT, [".ts"])]
    .filter(([path]) => path.startsWith("lib/schedule/"))
    .flatMap(([path, text]) => examplesIn(path, text).map(({ name }) => name.replace(/-.*/, "")));
  // Deno counts one line more at the end.
  const run = [...said.matchAll(/running 1 test from \.\/(\S+#\d+)-/g)].map(([, place]) => place);
  assertEquals(run.toSorted(), found.toSorted());
  assert(run.length > 5);
});
