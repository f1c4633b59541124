import { toNotebook } from "../../scripts/_ipynb.ts";
import { parsePercent } from "../../scripts/_percent.ts";

/**
 * Makes a module of a course source's exercises, so that its very answers and stubs can be checked.
 *
 * @param name The notebook, such as `01_data`.
 * @param edition Whether the functions are the solutions, or what students start from.
 * @returns The functions that students write, by name.
 */
export async function courseFunctions(
  name: string,
  edition: "student" | "solution",
): Promise<Record<string, unknown>> {
  const path = new URL(`../../course/${name}/notebook.ts`, import.meta.url);
  const cells = parsePercent(Deno.readTextFileSync(path), path.pathname);
  const names = cells.flatMap(({ options: { solution } }) => solution ?? []);
  const code = toNotebook(cells, edition).cells
    .filter(({ id, cell_type }) => cell_type === "code" && (id === "imports" || names.includes(id)))
    .map(({ source }) => source.join(""));
  const module = [...code.map(unexported), `export { ${names.join(", ")} };`].join("\n");
  const url = URL.createObjectURL(new Blob([module], { type: "application/typescript" }));
  try {
    return await import(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** A name is exported once: by the list at the module's end. */
function unexported(code: string): string {
  return code.replaceAll(/^export (?=\w)/gm, "");
}
