import { assert, assertEquals } from "@std/assert";
import { readSources } from "../../tools/source_files.ts";
import { examplesIn } from "./examples.ts";

const FENCE = "```";

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
  for (const [path, text] of readSources(new URL("../../", import.meta.url), [".ts"])) {
    if (!path.startsWith("lib/")) continue;
    const fences = text.match(/^ *\* ```(?:ts|js|typescript|javascript)\b/gm) ?? [];
    assertEquals(examplesIn(path, text).length, fences.length, path);
  }
});

Deno.test("Deno checks the types of the same examples", () => {
  const { success, stderr } = new Deno.Command(Deno.execPath(), {
    args: ["check", "--doc", "--frozen", "lib/core"],
    cwd: new URL("../../", import.meta.url),
    env: { NO_COLOR: "1" },
  }).outputSync();
  const said = new TextDecoder().decode(stderr);
  assert(success, said);
  const checked = [...said.matchAll(/^Check (\S+)#(\d+)-/gm)].map(([, path, line]) =>
    `${path}#${line}`
  );
  const found = [...readSources(new URL("../../", import.meta.url), [".ts"])]
    .filter(([path]) => path.startsWith("lib/core/"))
    .flatMap(([path, text]) => examplesIn(path, text).map(({ name }) => name.replace(/-.*/, "")));
  assertEquals(new Set(checked), new Set(found));
});
