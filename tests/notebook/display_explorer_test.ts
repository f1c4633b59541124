import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { useBackend } from "lib/backend/mod.ts";
import { exploreCorpus, explorerPage } from "lib/explore/mod.ts";
import { displayExplorer, show } from "lib/notebook/mod.ts";
import { createRun } from "lib/train/mod.ts";
import { tinyConfig } from "../support/tiny_runs.ts";
import { FakeScreen } from "./fake_screen.ts";

await useBackend();

const { config, corpus, state } = createRun(tinyConfig());
const model = { config: config.model, params: state.params };
const exploration = exploreCorpus(model, corpus, { title: 'a "model" & more', validation: 2 });

Deno.test("displayExplorer() puts the whole page into a frame that needs no kernel", async () => {
  const screen = new FakeScreen();
  await show(displayExplorer(exploration), screen);
  const { "text/html": html = "", "text/plain": text } = screen.shown[0]?.bundle ?? {};
  const [, page = ""] = /srcdoc="([^"]*)"/.exec(html) ?? [];
  assertEquals(
    page.replaceAll("&quot;", '"').replaceAll("&amp;", "&"),
    explorerPage(exploration),
  );
  assertStringIncludes(html, 'sandbox="allow-scripts"');
  assertEquals(text, 'Explorer: a "model" & more; 6 sentences, 1 layer of 2 heads');
});

Deno.test("displayExplorer() has an image for viewers that drop HTML", async () => {
  const screen = new FakeScreen();
  await show(displayExplorer(exploration), screen);
  const png = Uint8Array.fromBase64(screen.shown[0]?.bundle["image/png"] ?? "");
  assertEquals([...png.slice(1, 4)], [..."PNG"].map((letter) => letter.charCodeAt(0)));
  assert(new DataView(png.buffer).getUint32(16) > 300);
});
