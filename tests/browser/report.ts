/**
 * The report in a real browser: no text lies over another, at no width, light or dark.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Browser, Page } from "playwright-core";
import { renderReport, type RunReport } from "lib/plot/mod.ts";
import { runConfig } from "lib/train/mod.ts";
import { FULL_REPORT } from "../plot/fixtures/full_report.ts";
import { openBrowser, PICTURES } from "./notebook_page.ts";

const WIDTHS = [600, 900, 1200, 1600];
const SCHEMES = ["light", "dark"] as const;

/** Names and values as long as they get. */
const LONG: RunReport = {
  ...FULL_REPORT,
  name: "a-name-of-a-run-that-somebody-thought-about-for-a-long-time".repeat(3),
  config: runConfig({ data: { validationShare: 0.012345678901234567 } }),
  environment: {
    ...FULL_REPORT.environment,
    device: "NVIDIA H200 NVL, compute capability 9.0, 139 GiB, with a name that goes on",
    processor: "Intel(R) Xeon(R) Platinum 8481C CPU @ 2.70GHz",
    library:
      "/a/folder/that/lies/deep/.venv/lib/python3.13/site-packages/tensorflow/libtensorflow_cc.so.2",
    commit: "041e4340f0c1b3f5a6d7e8c9b0a1f2e3d4c5b6a7 with changes",
  },
  notices: ["TensorFlow's library is not used: ".repeat(8), "x".repeat(400)],
  files: [...FULL_REPORT.files, {
    path: `runs/${"a".repeat(150)}/report.html`,
    meaning: "a long path",
  }],
  resumeCommand: `./denow task train --resume --name ${"a".repeat(200)}`,
};

/** Two texts of which one covers the other, or one that lies outside of what can be seen. */
interface Fault {
  readonly texts: readonly string[];
  readonly pixels: readonly [across: number, down: number];
}

/** What the page's script below finds: texts by the rectangles of their lines. */
function faultsIn(page: Page): Promise<Fault[]> {
  return page.evaluate(FIND_FAULTS);
}

/** Runs in the page, whose types Deno does not have: so it is a text. */
const FIND_FAULTS = `(() => {
  const ALLOWED = 3; // pixels: lines of text have more room than their letters
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const lines = [], faults = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.data.trim() === "" || node.parentElement.closest("style, title, desc")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const { left, right, top, bottom } of range.getClientRects()) {
      const line = { text: node.data.trim().slice(0, 60), node, left, right, top, bottom };
      // What a scroll bar hides is not seen.
      for (let box = node.parentElement; box && box !== document.body; box = box.parentElement) {
        if (getComputedStyle(box).overflowX === "visible" || box.ownerSVGElement) continue;
        const shown = box.getBoundingClientRect();
        line.left = Math.max(line.left, shown.left);
        line.right = Math.min(line.right, shown.right);
      }
      if (line.right - line.left > 0) lines.push(line);
    }
  }
  const over = (a, b) => [
    Math.min(a.right, b.right) - Math.max(a.left, b.left),
    Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top),
  ];
  for (const [i, a] of lines.entries()) {
    if (a.right > document.documentElement.clientWidth + 1 || a.left < -1) {
      faults.push({ texts: [a.text], pixels: [a.right - document.documentElement.clientWidth, 0] });
    }
    for (const b of lines.slice(i + 1)) {
      const [across, down] = over(a, b);
      if (a.node !== b.node && across > ALLOWED && down > ALLOWED) {
        faults.push({ texts: [a.text, b.text], pixels: [across, down] });
      }
    }
  }
  return faults;
})()`;

async function open(
  browser: Browser,
  html: string,
  look: { width: number; colorScheme: "light" | "dark" },
) {
  const { width, colorScheme } = look;
  const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
  await page.setContent(html);
  return page;
}

for (const [name, report] of Object.entries({ full: FULL_REPORT, long: LONG })) {
  for (const colorScheme of SCHEMES) {
    Deno.test(`no text of the ${name} report lies over another, ${colorScheme}`, async () => {
      await using browser = await openBrowser();
      Deno.mkdirSync(PICTURES, { recursive: true });
      for (const width of WIDTHS) {
        const page = await open(browser, renderReport(report), { width, colorScheme });
        const picture = `${PICTURES}/report_${name}_${width}_${colorScheme}.png`;
        await page.screenshot({ path: picture, fullPage: true });
        assertEquals(await faultsIn(page), [], `${width} pixels; ${picture}`);
      }
    });
  }
}

Deno.test("the search for texts that lie over another finds planted ones", async () => {
  await using browser = await openBrowser();
  const planted = [
    '<p style="margin:0">first</p><p style="margin:-12px 0 0">second</p>',
    '<div style="width:60px;white-space:nowrap;float:left">one long line</div><div>two</div>',
    '<svg><text x="10" y="20">first</text><text x="12" y="22">second</text></svg>',
    `<p style="white-space:nowrap">${"wide ".repeat(300)}</p>`,
  ];
  for (const body of planted) {
    const page = await open(browser, body, { width: 600, colorScheme: "light" });
    assert((await faultsIn(page)).length > 0, body);
  }
  const page = await open(browser, "<p>one</p><p>two <b>three</b></p>", {
    width: 600,
    colorScheme: "light",
  });
  assertEquals(await faultsIn(page), []);
});
