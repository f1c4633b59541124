/**
 * The explorer in a real browser: from one file, without a network, by mouse and by keys.
 *
 * @module
 */
import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import type { Page } from "playwright-core";
import { useBackend } from "lib/backend/mod.ts";
import { exploreCorpus, explorerPage } from "lib/explore/mod.ts";
import { displayExplorer } from "lib/notebook/mod.ts";
import { createRun, runConfig } from "lib/train/mod.ts";
import { openBrowser, PICTURES } from "./notebook_page.ts";
import { faultsIn } from "./text_faults.ts";

await useBackend();

const WIDTHS = [600, 900, 1200, 1600];

/** The exercise's model before its training: what it shows does not matter here. */
const exploration = (() => {
  const { config, corpus, state } = createRun(
    runConfig({ data: { examples: 500 }, train: { warmup: 0 } }),
  );
  const model = { config: config.model, params: state.params };
  return exploreCorpus(model, corpus, { title: "plain-001 <b>&amp;</b>", validation: 3, drawn: 1 });
})();
const html = explorerPage(exploration);

const texts = (page: Page, selector: string) => page.locator(selector).allInnerTexts();

Deno.test("the explorer needs no network, and no text of it lies over another", async () => {
  await using browser = await openBrowser();
  Deno.mkdirSync(PICTURES, { recursive: true });
  for (const colorScheme of ["light", "dark"] as const) {
    for (const width of WIDTHS) {
      const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
      const asked: string[] = [], errors: string[] = [];
      page.on("request", (request) => asked.push(request.url()));
      page.on("pageerror", (error) => errors.push(error.message));
      await page.setContent(html);
      await page.locator("details summary").click();
      const picture = `${PICTURES}/explorer_${width}_${colorScheme}.png`;
      await page.screenshot({ path: picture, fullPage: true });
      assertEquals(await faultsIn(page), [], `${width} pixels; ${picture}`);
      assertEquals([asked, errors], [[], []]);
      await page.close();
    }
  }
});

Deno.test("the explorer shows a sentence's tokens, heads, next tokens and neighbours", async () => {
  await using browser = await openBrowser();
  const page = await browser.newPage();
  await page.setContent(html);
  assertEquals(await page.locator("h1").innerText(), "Explorer: plain-001 <b>&amp;</b>");
  const [first] = exploration.sentences;
  assert(first);
  const words = first.ids.map((id) => exploration.tokens[id]);
  assertEquals(await texts(page, ".token .word"), words);
  assertEquals((await texts(page, ".head .name")).length, 16);
  const last = first.next.at(-1);
  const [likeliest] = last?.tokens ?? [];
  assertEquals((await texts(page, "#next tr")).length, (last?.tokens.length ?? 0) + 1);
  assertStringIncludes(
    (await texts(page, "#next th"))[0] ?? "",
    exploration.tokens[likeliest?.[0] ?? -1] ?? "missing",
  );
  assertEquals((await texts(page, "#near tr")).length, 8);
});

Deno.test("the explorer follows the mouse, and shares of a place add up to all", async () => {
  await using browser = await openBrowser();
  const page = await browser.newPage();
  await page.setContent(html);
  await page.locator(".token").nth(2).hover();
  const pressed = await page.locator(".token").evaluateAll((tokens) =>
    // The page's types are not known here; these are its buttons.
    (tokens as unknown as { getAttribute(name: string): string }[])
      .map((token) => token.getAttribute("aria-pressed"))
  );
  assertEquals(pressed.indexOf("true"), 2);
  const notes = await texts(page, ".token .note");
  assertEquals(notes.slice(3), Array(notes.length - 3).fill("later"));
  const sum = notes.slice(0, 3).reduce((total, note) => total + parseFloat(note), 0);
  assertAlmostEquals(sum, 100, 1.5); // each is rounded
  await page.locator(".head").nth(5).click();
  assertStringIncludes(await page.locator("#summary").innerText(), "In layer 1, head 1, ");
});

Deno.test("the explorer goes by keys alone: sentence, token, head", async () => {
  await using browser = await openBrowser();
  const page = await browser.newPage();
  await page.setContent(html);
  const name = (selector: string) => page.locator(selector).innerText();
  await page.keyboard.press("Tab"); // the choice of sentences
  await page.keyboard.press("ArrowDown");
  const second = exploration.sentences[1]?.ids.map((id) => exploration.tokens[id]) ?? [];
  assertEquals(await texts(page, ".token .word"), second);
  await page.keyboard.press("Tab"); // the tokens, at the last
  await page.keyboard.press("Home");
  assertEquals(await name("#next-name"), "After “<bos>”");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  assertEquals(await name("#next-name"), `After “${second[2]}”`);
  await page.keyboard.press("Tab"); // the heads
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  assertStringIncludes(await name("#summary"), `In layer 0, head 1, “${second[2]}” looks at`);
});

Deno.test("the explorer of a notebook works in its frame", async () => {
  await using browser = await openBrowser();
  const page = await browser.newPage();
  const bundle = displayExplorer(exploration)[Symbol.for("Jupyter.display")]?.();
  await page.setContent(`<!doctype html><body>${bundle?.["text/html"]}</body>`);
  const frame = page.frameLocator("iframe");
  await frame.locator(".token").nth(1).hover();
  assertStringIncludes(await frame.locator("#next-name").innerText(), "After “The”");
});
