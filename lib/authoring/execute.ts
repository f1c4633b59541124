/**
 * Executes a notebook as a grader would, by `jupyter nbconvert`, and says which cell failed.
 *
 * @module
 */
import { FileError } from "lib/core/mod.ts";
import { basename, dirname, join } from "node:path";
import { readNotebook } from "./sources.ts";
import type { Notebook } from "./ipynb.ts";
import { jupyterCommand } from "./jupyter.ts";

/** How long a notebook may take. */
export interface TimeLimits {
  /** Seconds for each cell. */
  readonly cellSeconds: number;
  /** Seconds for the whole notebook, its kernel's start included. */
  readonly totalSeconds: number;
}

/** The result of executing a notebook. */
export interface Execution {
  /** The executed notebook's path; null if a cell failed. */
  readonly output: string | null;
  /** The id of the cell that failed; null if none failed, or the failure is not a cell's. */
  readonly cell: string | null;
  /** The error; empty if there was none. */
  readonly message: string;
  /** How long it took. */
  readonly seconds: number;
}

/** Executes all cells of a notebook and writes it, with the cells' outputs, into a folder. */
export async function executeNotebook(
  path: string,
  folder: string,
  limits: TimeLimits,
): Promise<Execution> {
  const started = performance.now();
  const { code, stderr } = await nbconvert([
    ...["--to", "notebook", "--execute", "--output-dir", folder, path],
    `--ExecutePreprocessor.timeout=${limits.cellSeconds}`,
    "--ExecutePreprocessor.kernel_name=deno",
  ], limits.totalSeconds);
  const seconds = (performance.now() - started) / 1000;
  if (code === 0) return { output: join(folder, basename(path)), cell: null, message: "", seconds };
  const notebook = readNotebook(path);
  if (seconds >= limits.totalSeconds) {
    const message = `expected at most ${limits.totalSeconds} s in all, got no end`;
    return { output: null, cell: null, message, seconds };
  }
  return { output: null, seconds, ...findFailure(stderr, notebook) };
}

/** Writes an executed notebook as a page of HTML beside it. */
export async function exportHtml(path: string): Promise<string> {
  const { code, stderr } = await nbconvert(["--to", "html", path], 120);
  if (code !== 0) {
    const said = stderr.trim().split("\n").at(-1);
    throw new FileError(`Cannot export ${path}: expected a page by nbconvert, got "${said}"`);
  }
  return join(dirname(path), basename(path).replace(/\.ipynb$/, ".html"));
}

async function nbconvert(
  args: string[],
  seconds: number,
): Promise<{ code: number; stderr: string }> {
  const command = jupyterCommand("jupyter-nbconvert", {
    args,
    stdout: "null",
    stderr: "piped",
    stdin: "null",
  });
  const child = command.spawn();
  // SIGINT and not SIGKILL, so that nbconvert ends its kernel.
  const timer = setTimeout(() => child.kill("SIGINT"), 1000 * seconds);
  const { code, stderr } = await child.output();
  clearTimeout(timer);
  return { code, stderr: new TextDecoder().decode(stderr) };
}

/** Reads nbclient's report: the failed cell's source between lines, then the error. */
export function findFailure(
  report: string,
  notebook: Notebook | undefined,
): { cell: string | null; message: string } {
  // deno-lint-ignore no-control-regex -- colours, which nbclient writes in any case
  const plain = report.replaceAll(/\x1b\[[\d;]*m/g, "");
  const [, source = "", rest = ""] = /following cell:\n-+\n([^]*?)\n-{18}\n([^]*)$/.exec(plain) ??
    [];
  const preview = /cell contents:\n-+\n\[?'?([^\n']*)/.exec(plain)?.[1] ?? "";
  const isFailed = (text: string) =>
    source !== "" ? text === source : preview !== "" && text.startsWith(preview);
  const cell = notebook?.cells.find((cell) =>
    cell.cell_type === "code" && isFailed(cell.source.join(""))
  );
  return { cell: cell?.id ?? null, message: messageOf(rest, plain) };
}

function messageOf(rest: string, report: string): string {
  if (/CellTimeoutError|timed out/.test(report)) return "expected an end in time, got a time-out";
  if (/DeadKernelError|Kernel died/.test(report)) {
    return "expected the kernel to live, got its death";
  }
  const text = rest.replace(/^-+ std\w+ -+\n[^]*?\n-{5,}\n/gm, "").trim();
  const [first = ""] = text.split("\n");
  return first || report.trim().split("\n").at(-1) || "no message";
}
