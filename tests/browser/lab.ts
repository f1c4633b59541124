/**
 * Works through the notebooks in JupyterLab: `./denow task browser`.
 *
 * Not found by `./denow task test`, because it needs a browser: this file's name ends without `_test`.
 *
 * @module
 */
import {
  buildNotebooks,
  courseSources,
  formatNotebook,
  freePort,
  type Lab,
  type Notebook,
  type NotebookCell,
  readNotebook,
  ROOT,
  startLab,
} from "lib/authoring/mod.ts";
import { NotebookPage, openBrowser } from "./notebook_page.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Browser } from "playwright-core";

/** Copies are opened: JupyterLab saves what it shows. */
const FOLDER = `${ROOT}/build/browser`;
const NOTEBOOK_SECONDS = 900;
/** Pixels: less than this is no chart that anybody can read. */
const SMALLEST_CHART = [150, 100] as const;

interface Opened {
  readonly browser: Browser;
  readonly lab: Lab;
}

/** A test with a server and a browser of its own. */
function test(name: string, body: (opened: Opened) => Promise<void>): void {
  // The browser's pipes are closed by its process, not by us.
  Deno.test({ name, sanitizeOps: false, sanitizeResources: false, fn: () => checkWithLab(body) });
}

async function checkWithLab(body: (opened: Opened) => Promise<void>): Promise<void> {
  const browser = await openBrowser();
  Deno.mkdirSync(FOLDER, { recursive: true });
  const port = freePort(8900);
  assert(port !== undefined, "no free port");
  const lab = startLab({ port, token: crypto.randomUUID(), folder: FOLDER });
  try {
    assert(await lab.isReady(), "JupyterLab did not start");
    await body({ browser, lab });
  } finally {
    await browser.close();
    lab.stop();
    await lab.status;
  }
}

/** Writes a notebook without outputs where the server shows it, and opens it. */
async function open({ browser, lab }: Opened, name: string, notebook: Notebook | undefined) {
  assert(notebook !== undefined, `${name} is not built`);
  const cells = notebook.cells.map((cell): NotebookCell =>
    cell.cell_type === "code" ? { ...cell, execution_count: null, outputs: [] } : cell
  );
  Deno.writeTextFileSync(`${FOLDER}/${name}.ipynb`, formatNotebook({ ...notebook, cells }));
  const page = await NotebookPage.open(browser, lab.address(`${name}.ipynb`));
  const indexOf = (id: string) => cells.findIndex((cell) => cell.id === id);
  return { page, cells, indexOf };
}

/** How many charts a cell of the committed solutions shows: images with a description. */
function countCharts({ outputs = [] }: NotebookCell): number {
  return JSON.stringify(outputs).match(/<img alt=\\"[^"\\]/g)?.length ?? 0;
}

for (const { name } of courseSources()) {
  test(`${name} runs in JupyterLab without an error, and shows every chart`, async (opened) => {
    const built = readNotebook(`${ROOT}/notebooks/solutions/${name}.ipynb`);
    const { page } = await open(opened, `${name}-solutions`, built);
    await page.runAll();
    await page.waitUntilDone(NOTEBOOK_SECONDS);
    await page.photograph(`${name}-solutions`);
    assertEquals(await page.errors(), []);
    for (const [i, cell] of (built?.cells ?? []).entries()) {
      const sizes = await page.chartSizes(i);
      assertEquals(sizes.length, countCharts(cell), `charts of cell "${cell.id}"`);
      const isLarge = sizes.every(([w, h]) => w >= SMALLEST_CHART[0] && h >= SMALLEST_CHART[1]);
      assert(isLarge, `charts of cell "${cell.id}" are ${sizes.join(" and ")} pixels`);
    }
  });

  test(`a right answer in ${name} turns its check green`, async (opened) => {
    const student = readNotebook(`${ROOT}/notebooks/${name}.ipynb`);
    const solved = readNotebook(`${ROOT}/notebooks/solutions/${name}.ipynb`);
    const { page, cells, indexOf } = await open(opened, name, student);
    const isStub = ({ source }: NotebookCell) => /not implemented: /.test(source.join(""));
    const stub = cells.findIndex(isStub);
    const test = cells.findIndex(({ metadata }, i) => i > stub && metadata.editable === false);
    for (let i = 0; i <= test; i++) {
      if (cells[i]?.cell_type === "code") await page.runCell(i, 60);
    }
    assertMatch(await page.outputOf(test), /CheckError: Cannot accept your .*not implemented/);
    await page.photographCell(test, `${name}-stub`);

    const answer = solved?.cells.find(({ id }) => id === cells[stub]?.id)?.source.join("") ?? "";
    await page.typeInto(stub, answer);
    await page.runCell(stub, 60);
    await page.runCell(test, 60);
    assertMatch(await page.outputOf(indexOf(cells[test]?.id ?? "")), /^OK {2}\w+/);
    assertEquals(await page.errors(), []);
    await page.photographCell(test, `${name}-solved`);
  });
}

test("Stop ends a run, saves it, and leaves the kernel alive", async (opened) => {
  const path = `${ROOT}/tests/authoring/fixtures/course/02_stop.ts`;
  const [, solution] = buildNotebooks({ name: "02_stop", path }, FOLDER);
  assert(solution !== undefined);
  const { page, indexOf } = await open(opened, "02_stop", JSON.parse(solution.text));
  const train = indexOf("train"), queued = indexOf("queued"), alive = indexOf("alive");
  await page.runAll();
  await page.waitForOutput(train, /step [2-9]\d+\/900/, 60);
  await page.photograph("stop-running");
  await page.stop();
  await page.waitUntilDone(20);
  await page.photograph("stop-stopped");
  const told = await page.outputOf(train);
  assertMatch(told, /Stopped at step (\d+) of 900, saved in build\/browser\/checkpoints\/stopped/);
  const [, step = ""] = /Stopped at step (\d+)/.exec(told) ?? [];
  assertMatch(await page.outputOf(queued), /Cannot start a run: .*run this cell again to go on/);
  assertMatch(await page.outputOf(alive), new RegExp(`stands at step ${step}, interrupted`));
  const state = Deno.readTextFileSync(`${FOLDER}/checkpoints/stopped/last/state.json`);
  assertMatch(state, new RegExp(`"step":\\s*${step}\\b`));

  await page.pause(1.5); // what starts sooner after Stop was queued by Run All
  await page.startCell(queued);
  await page.waitForOutput(queued, /step \d+\/900/, 60);
  await page.stop();
  await page.waitUntilDone(20);
  const [, later = ""] = /Stopped at step (\d+)/.exec(await page.outputOf(queued)) ?? [];
  assertMatch(await page.outputOf(queued), /interrupted at step \d+$/); // not all that was logged
  assert(Number(later) > Number(step), `${later} is later than ${step}`);
  await page.photograph("stop-resumed");
});
