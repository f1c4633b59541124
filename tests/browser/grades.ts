/**
 * The pages of a grader in a real browser: no text lies over another or outside, at no width, light or dark.
 *
 * @module
 */
import { classPage, feedbackPage, type Grade, type ItemResult } from "lib/classroom/mod.ts";
import { openBrowser, PICTURES } from "./notebook_page.ts";
import { faultsIn } from "./text_faults.ts";
import { assertEquals } from "@std/assert";

const STATUSES = ["right", "partial", "wrong", "empty", "lost", "manual"] as const;
const LONG_NAME = "a-student-with-a-name-that-goes-on-".repeat(4);
const LONG_WORD = "aVeryLongNameOfAFunctionThatSomebodyWrote".repeat(3);

/** An item of each sort, with texts as long as they get where that is asked for. */
function items(isLong: boolean): ItemResult[] {
  return STATUSES.flatMap((status, i) =>
    ["buildVocabulary", isLong ? LONG_WORD : "padBatch"].map((exercise) => ({
      ...{ id: `${exercise}-test`, exercise: status === "manual" ? "" : exercise, status },
      ...{ points: status === "right" ? 2 : 0, most: 2, seconds: i, failsHidden: false },
      finding: `expected ${isLong ? "x".repeat(300) : "`[1, 2]`"}, got ${"a word ".repeat(30)}`,
      mistake: isLong ? `see ${LONG_WORD}: ${"why ".repeat(40)}` : "off by one",
      ...{ isCopy: i === 2, text: status === "manual" ? `I think\n${"so ".repeat(200)}` : "" },
      hint: "Look at `last`.",
    }))
  );
}

const PICTURE = "data:image/svg+xml;base64," + btoa(
  '<svg xmlns="http://www.w3.org/2000/svg" width="900" height="300"><rect width="900" height="300"/></svg>',
);

/** A student's grade. */
function grade(student: string, isLong: boolean): Grade {
  const notes = [`the check "encode-test" was edited ${isLong ? "y".repeat(200) : ""}`];
  return {
    ...{ student, notebook: "01_data", items: items(isLong), points: 4.5, most: 45, manual: 6 },
    ...{ notes, attempts: ['cell "extra-1" ends the process: Deno.exit'], seconds: 90 },
    errors: [{ cell: "extra-2", message: "TypeError: " + "of my own ".repeat(isLong ? 40 : 1) }],
    pictures: [{ cell: "lengths", url: PICTURE }],
    code: { padBatch: "abc".repeat(200), entropy: "def".repeat(200) },
  };
}

const CLASS = ["anna", "ben", "Zoë O'Neil & co", LONG_NAME].map((name, i) => grade(name, i === 3));
const PAGES = {
  class: classPage(CLASS, ["anna/notes.txt: no STUDENT/NN_name.ipynb"]),
  feedback: feedbackPage("anna", [grade("anna", false)]),
  feedback_long: feedbackPage(LONG_NAME, [grade(LONG_NAME, true)]),
};

for (const [name, html] of Object.entries(PAGES)) {
  for (const colorScheme of ["light", "dark"] as const) {
    Deno.test(`no text of the ${name} page lies over another or outside, ${colorScheme}`, async () => {
      await using browser = await openBrowser();
      Deno.mkdirSync(PICTURES, { recursive: true });
      for (const width of [400, 600, 900, 1200]) {
        const page = await browser.newPage({ viewport: { width, height: 900 }, colorScheme });
        await page.setContent(html.replaceAll("<details>", "<details open>"));
        const picture = `${PICTURES}/grades_${name}_${width}_${colorScheme}.png`;
        await page.screenshot({ path: picture, fullPage: true });
        assertEquals(await faultsIn(page), [], `${width} pixels; ${picture}`);
        // The page itself does not scroll sideways; a table may, inside of its frame.
        const wide = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
        assertEquals(wide, 0, `${width} pixels; ${picture}`);
      }
    });
  }
}
