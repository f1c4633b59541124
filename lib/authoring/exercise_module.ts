import { toNotebook } from "./ipynb.ts";
import { courseSources } from "./sources.ts";
import { parsePercent } from "./percent.ts";

/** The exercises of a notebook as one module. */
export interface ExerciseModule {
  /** The code: the imports, one function after the other, and a list of exports. */
  readonly code: string;
  /** Where each function is in the code: its first line and the line after its last, from 0. */
  readonly lines: ReadonlyMap<string, readonly [from: number, to: number]>;
}

/**
 * Cuts the functions that students write out of a course source, so that the course's own answers
 * and stubs can be checked.
 *
 * @param notebook The notebook, such as `01_data`.
 * @param edition Whether the functions are the solutions, or the stubs that students start from.
 */
export function exerciseModule(notebook: string, edition: "student" | "solution"): ExerciseModule {
  const source = courseSources().find(({ name }) => name === notebook);
  if (source === undefined) throw new RangeError(`Cannot read ${notebook}: expected a notebook`);
  const cells = parsePercent(Deno.readTextFileSync(source.path), source.path);
  const names = cells.flatMap(({ options: { solution } }) => solution ?? []);
  const lines = new Map<string, [number, number]>(), code: string[] = [];
  for (const { id, cell_type, source } of toNotebook(cells, edition).cells) {
    const isFunction = names.includes(id);
    if (cell_type !== "code" || !isFunction && id !== "imports") continue;
    const from = code.length;
    for (const line of unexported(source.join("")).split("\n")) code.push(line);
    if (isFunction) lines.set(id, [from, code.length]);
  }
  return { code: [...code, `export { ${names.join(", ")} };`].join("\n"), lines };
}

/**
 * Removes `export`: the list at the module's end exports each name, and it may be exported only
 * once.
 */
function unexported(code: string): string {
  return code.replaceAll(/^export (?=\w)/gm, "");
}

/**
 * Runs the code of a module.
 *
 * @param code TypeScript or JavaScript; its imports are those of the import map.
 * @returns What it exports.
 */
export async function runModule(code: string): Promise<Record<string, unknown>> {
  const url = URL.createObjectURL(new Blob([code], { type: "application/typescript" }));
  try {
    return await import(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/**
 * Gives the functions that students write, by name.
 *
 * @param notebook The notebook, such as `01_data`.
 * @param edition Whether they are the solutions, or the stubs that students start from.
 */
export function courseFunctions(
  notebook: string,
  edition: "student" | "solution",
): Promise<Record<string, unknown>> {
  return runModule(exerciseModule(notebook, edition).code);
}
