import { fileURLToPath } from "node:url";
import { assertEquals, assertMatch } from "@std/assert";
import { python } from "../support/python.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const SET_UP = 'import { setUpNotebook } from "lib/notebook/mod.ts";\n' +
  "await setUpNotebook({ backend: null });";

/** What a cell put out: the stream, and the text on it. */
type Output = [stream: string, text: string];

/** Runs cells as a program of another Python environment does, whose notebook lies in `folder`. */
function run(folder: string, cells: readonly string[]): Output[][] {
  const script = new URL("cells_in_kernel.py", import.meta.url);
  return JSON.parse(python(script, [ROOT, folder], JSON.stringify(cells)));
}

/** All that a cell wrote, whatever the pieces it came in. */
function textOf(outputs: readonly Output[] = []): string {
  assertEquals(outputs.filter(([stream]) => stream !== "stdout"), []);
  return outputs.map(([, text]) => text).join("");
}

Deno.test("the kernel starts from another environment, for a notebook that lies elsewhere", () => {
  const folder = `${Deno.realPathSync(temporaryFolder())}/an é folder`;
  Deno.mkdirSync(folder);
  Deno.writeTextFileSync(`${folder}/mine.ts`, "export const mine = 1;");
  Deno.writeTextFileSync(`${folder}/deno.json`, "{}"); // of a project of its own
  const [setUp, where, first] = run(folder, [
    SET_UP,
    "console.log(Deno.cwd()); console.log(Deno.execPath());",
    'import { mine } from "./mine.ts"; console.log(mine);',
  ]);
  assertEquals(textOf(setUp), "");
  assertEquals(textOf(where), `${ROOT}\n${ROOT}/.venv/bin/deno\n`);
  assertEquals(textOf(first), "1\n");
});

Deno.test("a notebook imports what lies beside it, before setUpNotebook() and after", () => {
  const folder = `${ROOT}/build/kernel-test`;
  Deno.mkdirSync(folder, { recursive: true });
  Deno.writeTextFileSync(`${folder}/mine.ts`, "export const mine = 1;");
  Deno.writeTextFileSync(`${folder}/deep.ts`, 'export { mine as deep } from "./mine.ts";');
  const [before, , after, deep, up] = run(folder, [
    'import { mine } from "./mine.ts"; if (mine !== 1) throw new Error("another");',
    SET_UP,
    'import { mine } from "./mine.ts?again"; console.log(mine);',
    'const { deep } = await import("./deep.ts"); console.log(deep, Deno.cwd());',
    'import { readText } from "../../lib/core/mod.ts"; console.log(typeof readText);',
  ]);
  assertEquals(before, []);
  assertEquals(textOf(after), "1\n");
  assertEquals(textOf(deep), `1 ${ROOT}\n`);
  assertEquals(textOf(up), "function\n");
});

Deno.test("no line of a cell is lost, whatever method of the console wrote it", () => {
  const each = [
    'for (let i = 0; i < 100; i++) { console.count("a"); console.time("t"); console.timeEnd("t"); }',
    'console.trace("a trace"); console.assert(false, "an assertion"); console.countReset("no");',
    'console.group("g"); console.warn("inside"); console.groupEnd(); console.error("100%", { a: 1 });',
  ];
  const [, counts, notes, grouped, many] = run(ROOT, [
    SET_UP,
    ...each,
    "for (let i = 0; i < 8000; i++) console.log(i);",
  ]);
  const lines = textOf(counts).trimEnd().split("\n");
  assertEquals(lines.filter((line) => /^a: \d+$/.test(line)).at(-1), "a: 100");
  assertEquals(lines.filter((line) => /^t: [\d.]+ms$/.test(line)).length, 100);
  assertMatch(textOf(notes), /^Trace: a trace\n.*\nAssertion failed: an assertion\nCount .*no/s);
  assertEquals(textOf(grouped), "g\n  inside\n100% { a: 1 }\n");
  assertEquals(textOf(many).split("\n").length, 8001);
});
