/**
 * What the grader knows about a notebook: its cells as students got them, and what gives points.
 *
 * @module
 */
import type { CourseNotebook, GivenCell, Item } from "lib/classroom/mod.ts";
import { checkedName, sourceCells } from "./_hidden_tests.ts";
import { type CourseCell, toNotebook } from "lib/authoring/mod.ts";

/** Reads a notebook of the course from its source. */
export function gradedNotebook(name: string): CourseNotebook {
  const cells = sourceCells(name), roles = new Map<string, GivenCell["role"]>();
  for (const { options: { solution, test, answer } } of cells) {
    if (solution !== undefined) roles.set(solution, "answer");
    if (test !== undefined) roles.set(test, "check");
    if (answer !== undefined) roles.set(answer, "written");
  }
  const given = toNotebook(cells, "student").cells.map(({ id, cell_type: type, source }) => ({
    ...{ id, type, source: source.join("") },
    role: roles.get(id) ?? "given",
  }));
  return { name, cells: given, items: cells.flatMap((cell) => itemOf(cell, cells)) };
}

function itemOf({ source, options }: CourseCell, cells: readonly CourseCell[]): Item[] {
  const { test, answer, points = 0 } = options, id = test ?? answer;
  if (id === undefined) return [];
  const exercise = test === undefined ? undefined : checkedName(source);
  if (test !== undefined && exercise === undefined) {
    throw new SyntaxError(
      `Cannot grade "${id}": expected \`await check("name", name);\` in its cell`,
    );
  }
  const hint = cells.find(({ options }) => options.hint === exercise && exercise !== undefined)
    ?.source;
  return [{
    ...{ id, exercise: exercise ?? "", points, isWritten: test === undefined },
    hint: hint ?? "",
  }];
}
