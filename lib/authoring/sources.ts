/**
 * Finds the course's sources and notebooks, and which notebooks are out of date.
 *
 * @module
 */
import { fileURLToPath as fromFileUrl } from "node:url";
import { formatNotebook, type Notebook, type NotebookCell, toNotebook } from "./ipynb.ts";
import { parsePercent } from "./percent.ts";

/** The checkout's folder. */
export const ROOT: string = fromFileUrl(new URL("../..", import.meta.url)).replace(/[\\/]$/, "");

/** The sources, `course/01_data/notebook.ts` and so on, by the notebook's name. */
export function courseSources(root: string = ROOT): { name: string; path: string }[] {
  const names = [...readNames(`${root}/course`)].filter((name) => /^\d\d_\w+$/.test(name));
  return names.toSorted().map((name) => ({ name, path: `${root}/course/${name}/notebook.ts` }));
}

function* readNames(folder: string): Generator<string> {
  try {
    for (const { name } of Deno.readDirSync(folder)) yield name;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** A notebook file and what should be in it. */
export interface BuiltNotebook {
  /** Its path. */
  readonly path: string;
  /** The whole file. */
  readonly text: string;
}

/** Builds the two notebooks of a source; the outputs of solution cells are kept. */
export function buildNotebooks(
  source: { readonly name: string; readonly path: string },
  root: string = ROOT,
): BuiltNotebook[] {
  const cells = parsePercent(Deno.readTextFileSync(source.path), source.path);
  const solutionPath = `${root}/notebooks/solutions/${source.name}.ipynb`;
  const solution = withOutputs(toNotebook(cells, "solution"), readNotebook(solutionPath));
  return [
    {
      path: `${root}/notebooks/${source.name}.ipynb`,
      text: formatNotebook(toNotebook(cells, "student")),
    },
    { path: solutionPath, text: formatNotebook(solution) },
  ];
}

/** Reads a notebook file; undefined if there is none. */
export function readNotebook(path: string): Notebook | undefined {
  const text = readText(path);
  return text === undefined ? undefined : JSON.parse(text);
}

function readText(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Copies the outputs of cells with the same id and code from an earlier notebook. */
export function withOutputs(notebook: Notebook, earlier: Notebook | undefined): Notebook {
  const former = new Map(earlier?.cells.map((cell) => [cell.id, cell]));
  const cells = notebook.cells.map((cell): NotebookCell => {
    const old = former.get(cell.id);
    const isSame = old !== undefined && codeOf(old) === codeOf(cell);
    if (cell.cell_type !== "code" || !isSame) return cell;
    const { execution_count = null, outputs = [] } = old;
    return { ...cell, execution_count, outputs };
  });
  return { ...notebook, cells };
}

/**
 * The code of a cell without comment lines, such as an exercise's minutes, since comments do not
 * change its output.
 */
function codeOf({ source }: NotebookCell): string {
  return source.join("").replaceAll(/^[ \t]*(\/\/.*|\/\*\*.*\*\/)\n/gm, "");
}

/** Whether a file differs from what it should be. */
export function isStale({ path, text }: BuiltNotebook): boolean {
  return readText(path) !== text;
}
