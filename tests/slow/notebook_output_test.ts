import {
  executeNotebook,
  exportHtml,
  type NotebookOutput,
  readNotebook,
  ROOT,
  toNotebook,
} from "lib/authoring/mod.ts";
import { assert, assertEquals } from "@std/assert";

/** How often each kind of output is put out: the plain kernel loses one in twenty to one in two. */
const REPEATS = 60;

/** A cell's code, with its number for N, and what must be found in its outputs. */
const KINDS: readonly (readonly [name: string, code: string, ...expected: string[]])[] = [
  ["one line", 'console.log("a-N");', "a-N"],
  ["ten lines", 'for (let i = 0; i < 10; i++) console.log("a-N-" + i);', "a-N-0", "a-N-9"],
  ["a hundred lines", 'for (let i = 0; i < 100; i++) console.log("a-N-" + i);', "a-N-0", "a-N-99"],
  ["a warning", 'console.warn("a-N"); console.error("b-N");', "a-N", "b-N"],
  ["a result", '"a-N"', "a-N"],
  ["an awaited result", 'await Promise.resolve("a-N")', "a-N"],
  ["a line and a result", 'console.log("a-N"); "b-N"', "a-N", "b-N"],
  ["HTML", "Deno.jupyter.html`<b>a-N</b>`", "a-N"],
  ["a display", "await Deno.jupyter.display(Deno.jupyter.html`<b>a-N</b>`);", "a-N"],
  ["show() of a text", 'await show("a-N");', "a-N"],
  [
    "show() of a chart",
    "await show(displayPlot({ ...chart, ariaLabel: 'a-N' }));",
    "a-N",
    "</svg>",
  ],
  [
    "a live chart",
    "{ await using live = liveChart({ totalSteps: 2 }); " +
    "await live.add({ step: 1, trainLoss: 5 }); await live.add({ step: 2, trainLoss: N.25 }); }",
    "N.250",
    "step 2/2",
  ],
];

const SETUP = `import { liveChart, setUpNotebook, show } from "lib/notebook/mod.ts";
import { displayPlot, lossCurve } from "lib/plot/mod.ts";
await setUpNotebook({ backend: null });
const chart = lossCurve([{ step: 1, trainLoss: 6 }, { step: 2, trainLoss: 5 }]);`;

const FOLDER = `${ROOT}/build/notebook-output`;

function build(cells: readonly string[]): string {
  const code = [SETUP, ...cells].map((source, i) => ({
    type: "code" as const,
    options: { id: `cell-${i}` },
    source,
    line: i,
  }));
  Deno.mkdirSync(FOLDER, { recursive: true });
  const path = `${FOLDER}/outputs.ipynb`;
  Deno.writeTextFileSync(path, JSON.stringify(toNotebook(code, "solution")));
  return path;
}

/** All that a cell has put out, as one text. */
function textOf(outputs: readonly NotebookOutput[] = []): string {
  return outputs.map(({ text, data }) => [text, ...Object.values(data ?? {})].flat().join(""))
    .join();
}

Deno.test("setUpNotebook() keeps every output of 60 cells of each kind under nbclient", async () => {
  const cells = KINDS.flatMap(([, code]) =>
    Array.from({ length: REPEATS }, (_, n) => code.replaceAll("N", String(n)))
  );
  const limits = { cellSeconds: 30, totalSeconds: 300 };
  const { output, message } = await executeNotebook(build(cells), `${FOLDER}/out`, limits);
  assert(output !== null, message);
  const [, ...executed] = readNotebook(output)?.cells ?? [];
  const whole = KINDS.map(([name, , ...expected], kind) => {
    const ofKind = executed.slice(kind * REPEATS, (kind + 1) * REPEATS);
    const isWhole = ofKind.map(({ outputs }, n) => {
      const text = textOf(outputs);
      return expected.every((part) => text.includes(part.replaceAll("N", String(n))));
    });
    return [name, isWhole.filter(Boolean).length];
  });
  assertEquals(whole, KINDS.map(([name]) => [name, REPEATS]));

  const page = Deno.readTextFileSync(await exportHtml(output));
  const charts = 2 * REPEATS; // of show() and the live chart, whose one curve is drawn at the end
  assertEquals(page.match(/<svg [^>]*aria-label="(a-\d+|Loss by step)"/g)?.length, charts);
});
