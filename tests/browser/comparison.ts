/**
 * The comparison of runs in a real browser: no text lies over another, at no width, light or dark.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { compareRuns, comparisonPage } from "lib/experiment/mod.ts";
import { runConfig } from "lib/train/mod.ts";
import { openBrowser, PICTURES } from "./notebook_page.ts";
import { faultsIn } from "./text_faults.ts";

const WIDTHS = [600, 900, 1200, 1600];

/** A run that comes down from 6.9 to its own end, with curves of its own. */
function run(name: string, seed: number, lr: number, rest: number) {
  const rows = Array.from({ length: 200 }, (_, i) => {
    const fall = Math.exp(-i / 20), ripple = 0.03 * Math.sin(i * (1 + seed));
    return {
      ...{ step: i + 1, epoch: 1 + Math.floor(i / 50), gradNorm: 0.5 + fall },
      ...{ trainLoss: 3.6 + 3.3 * fall + rest + ripple },
      ...i % 20 === 19 && { validationLoss: 3.7 + 3.3 * fall + rest, gap: 3.3 * fall + rest },
    };
  });
  return { name, config: runConfig({ seed, train: { lr } }), rows };
}

const PAGES = {
  two: compareRuns([run("plain-001", 1, 1e-3, 0.05), run("plain-002", 1, 1e-2, 0.4)]),
  nine: compareRuns(
    [1e-4, 1e-3, 1e-2].flatMap((lr, i) =>
      [1, 2, 3].map((seed) =>
        run(`a-rather-long-name-of-a-run-${lr}-${seed}`, seed, lr, 0.1 * i + 0.01 * seed ** i)
      )
    ),
  ),
};

for (const [name, comparison] of Object.entries(PAGES)) {
  Deno.test(`no text of a comparison of ${name} runs lies over another`, async () => {
    await using browser = await openBrowser();
    Deno.mkdirSync(PICTURES, { recursive: true });
    for (const colorScheme of ["light", "dark"] as const) {
      for (const width of WIDTHS) {
        const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
        await page.setContent(comparisonPage(comparison));
        const picture = `${PICTURES}/comparison_${name}_${width}_${colorScheme}.png`;
        await page.screenshot({ path: picture, fullPage: true });
        assertEquals(await faultsIn(page), [], `${width} pixels; ${picture}`);
        assertEquals(await page.locator(`.chart.${colorScheme}`).first().isVisible(), true);
        await page.close();
      }
    }
  });
}
