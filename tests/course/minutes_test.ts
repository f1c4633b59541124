/**
 * What a notebook's opening promises of its exercises: how many there are, and how long they take.
 *
 * @module
 */
import { courseSources, parsePercent } from "lib/authoring/mod.ts";
import { assertEquals } from "@std/assert";

for (const { name, path } of courseSources()) {
  const cells = parsePercent(Deno.readTextFileSync(path), path);
  const intro = cells.find(({ type }) => type === "markdown")?.source.replaceAll(/\s+/g, " ") ?? "";

  Deno.test(`${name}: the tracks add up to the exercises' own figures`, () => {
    const exercises = cells.flatMap(({ options: { solution, importance = 0, minutes = 0 } }) =>
      solution === undefined ? [] : [{ importance, minutes }]
    );
    const stated = [...intro.matchAll(
      /(\d+) exercises(?: of importance (\d)(?: and \d)?)?, (\d+) minutes/g,
    )].map(([, count, importance = "0", minutes]) => [importance, count, minutes].map(Number));
    const counted = stated.map(([least = 0]) => {
      const chosen = exercises.filter(({ importance }) => importance >= least);
      return [least, chosen.length, chosen.reduce((sum, { minutes }) => sum + minutes, 0)];
    });
    assertEquals(stated[0]?.[0], 0, "the first track is the full one");
    assertEquals(stated, counted);
  });
}
