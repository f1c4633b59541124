/**
 * The report in a real browser: no text lies over another, at no width, light or dark.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Browser } from "playwright-core";
import { renderReport, type RunReport } from "lib/plot/mod.ts";
import { runConfig } from "lib/train/mod.ts";
import { FULL_REPORT } from "../plot/fixtures/full_report.ts";
import { openBrowser, PICTURES } from "./notebook_page.ts";
import { faultsIn } from "./text_faults.ts";

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
