/**
 * A notebook in JupyterLab in a real browser, as a student has it before their eyes.
 *
 * @module
 */
import { type Browser, chromium, type Locator, type Page } from "playwright-core";
import { ROOT } from "lib/authoring/mod.ts";

/** Where the pictures of the pages are left, to be looked at. */
export const PICTURES = `${ROOT}/runs/browser`;

/** JupyterLab shows error outputs under this type. */
const ERROR = '.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.stderr"]';

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Pixels: a notebook is photographed in slices, which can still be read. */
const SIZE = { width: 1280, height: 1600 };

/** Starts the browser that is installed on this machine. */
export function openBrowser(): Promise<Browser> {
  const asked = Deno.env.get("CHROMIUM");
  const found = [...asked === undefined ? [] : [asked], ...PLACES].find(exists);
  if (found === undefined) {
    throw new Deno.errors.NotFound(
      "Cannot open a browser: expected Chromium, got none; apt-get install chromium, or set " +
        "CHROMIUM to its path",
    );
  }
  return chromium.launch({ executablePath: found, args: ["--no-sandbox"] });
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** A notebook that is open, with its kernel connected. */
export class NotebookPage {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  /** Opens a notebook and waits for its kernel. */
  static async open(browser: Browser, address: string): Promise<NotebookPage> {
    const page = await browser.newPage({ viewport: SIZE });
    // A workspace of its own, so that no panel of an earlier page is open.
    const name = crypto.randomUUID();
    await page.goto(address.replace("/lab/tree/", `/lab/workspaces/${name}/tree/`));
    await page.locator(".jp-NotebookPanel .jp-Cell").first().waitFor();
    await page.locator(".jp-StatusBar-Widget", { hasText: "Deno | Idle" }).waitFor();
    // The side bar takes the room of the notebook.
    await page.keyboard.press("Control+b");
    return new NotebookPage(page);
  }

  /** The cell with a number, counted from 0 over all cells. */
  cell(index: number): Locator {
    return this.#page.locator(".jp-NotebookPanel .jp-Cell").nth(index);
  }

  /** Chooses Run All Cells. */
  async runAll(): Promise<void> {
    // A click while the kernel still connects is lost.
    for (let tries = 0; await this.#isUntouched(); tries++) {
      if (tries === 10) throw new Error("Run All has no effect");
      await this.#page.locator(".lm-MenuBar-item", { hasText: /^Run$/ }).click();
      await this.#page.locator('.lm-Menu-item[data-command="runmenu:run-all"]').click();
      await this.#page.waitForTimeout(1000);
    }
  }

  /** Waits until no cell is running or waiting. */
  async waitUntilDone(seconds: number): Promise<void> {
    const isDone = async () => !(await this.#prompts()).some((prompt) => prompt.includes("*"));
    for (let tries = 0; !(await isDone()); tries++) {
      if (tries >= 4 * seconds) throw new Error(`still running: ${await this.#prompts()}`);
      await this.#page.waitForTimeout(250);
    }
  }

  /** Runs one cell, as by Shift+Enter, and waits for its end. */
  async runCell(index: number, seconds: number): Promise<void> {
    await this.startCell(index);
    await this.waitUntilDone(seconds);
  }

  /** Runs one cell and does not wait for its end. */
  async startCell(index: number): Promise<void> {
    await this.cell(index).locator(".jp-InputPrompt").first().click();
    await this.#page.keyboard.press("Shift+Enter");
    await this.pause(0.3);
  }

  /** Does nothing for some seconds. */
  async pause(seconds: number): Promise<void> {
    await this.#page.waitForTimeout(1000 * seconds);
  }

  /** Types text into a code cell in the place of what stands there. */
  async typeInto(index: number, text: string): Promise<void> {
    await this.cell(index).locator(".cm-content").click();
    await this.#page.keyboard.press("Control+a");
    await this.#page.keyboard.insertText(text);
    await this.#page.keyboard.press("Escape");
  }

  /** Presses the Stop button of the notebook's tool bar. */
  async stop(): Promise<void> {
    await this.#page.locator('[data-jp-item-name="interrupt"] jp-button').first().click();
  }

  /** The texts of all error outputs. */
  errors(): Promise<string[]> {
    return this.#page.locator(ERROR).allTextContents();
  }

  /** What a cell has put out, as text. */
  async outputOf(index: number): Promise<string> {
    return (await this.cell(index).locator(".jp-OutputArea-output").allTextContents()).join("\n");
  }

  /** Waits until a cell's output holds a text. */
  async waitForOutput(index: number, text: string | RegExp, seconds: number): Promise<void> {
    await this.cell(index).locator(".jp-OutputArea-output", { hasText: text }).first()
      .waitFor({ timeout: 1000 * seconds });
  }

  /** The sizes, in pixels, of the charts below a cell; 0 for one that is not visible. */
  async chartSizes(index: number): Promise<[number, number][]> {
    const charts = await this.cell(index).locator('.jp-OutputArea-output svg[role="img"]').all();
    return await Promise.all(charts.map(async (chart) => {
      const box = await chart.boundingBox();
      return [Math.round(box?.width ?? 0), Math.round(box?.height ?? 0)];
    }));
  }

  /** Photographs the notebook from top to bottom, a screen at a time. */
  async photograph(name: string): Promise<void> {
    Deno.mkdirSync(PICTURES, { recursive: true });
    const scroller = this.#page.locator(".jp-NotebookPanel .jp-WindowedPanel-outer");
    // Below the last cell there is room to scroll on, as high as the window.
    const height = await this.#page.locator(".jp-NotebookPanel .jp-Cell").last()
      .evaluate((cell) => cell.offsetTop + cell.offsetHeight);
    const screen = await scroller.evaluate((element) => element.clientHeight);
    for (let top = 0, i = 1; top < height; top += screen, i++) {
      await scroller.evaluate((element, top) => element.scrollTo(0, top), top);
      await this.#page.waitForTimeout(150);
      const path = `${PICTURES}/${name}-${String(i).padStart(2, "0")}.png`;
      await this.#page.screenshot({ path });
    }
  }

  /** Photographs the screen with a cell in its middle. */
  async photographCell(index: number, name: string): Promise<void> {
    Deno.mkdirSync(PICTURES, { recursive: true });
    await this.cell(index).evaluate((cell) => cell.scrollIntoView({ block: "center" }));
    await this.pause(0.3);
    await this.#page.screenshot({ path: `${PICTURES}/${name}.png` });
  }

  #prompts(): Promise<string[]> {
    return this.#page.locator(".jp-CodeCell .jp-InputPrompt").allTextContents();
  }

  async #isUntouched(): Promise<boolean> {
    return (await this.#prompts()).every((prompt) => prompt.includes("[ ]"));
  }
}
