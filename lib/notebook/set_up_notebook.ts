import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import { onSignal } from "lib/core/mod.ts";
import { type BackendOptions, useBackend } from "lib/backend/mod.ts";
import { type CellEnd, drainOutput, type Writers } from "./_output_drain.ts";
import { currentScreen, findJupyter } from "./screen.ts";
import { stopButton } from "./stop_button.ts";

/** Set once per kernel: running the first cell again must not wrap what is wrapped. */
let isKernelSetUp = false;

/** Settings of {@linkcode setUpNotebook}. */
export interface SetUpOptions extends Omit<BackendOptions, "backend" | "onNotice"> {
  /** The backend to compute with; null opens none; default the best there is. */
  readonly backend?: BackendOptions["backend"] | null;
}

/**
 * Sets a notebook up, as its first cell: no output is lost, the Stop button ends a run and not the
 * kernel, warnings are ordinary text, `Deno.exit` throws; paths of files count from the project's
 * folder, as in a program, and modules are imported from the notebook's, as `import "./mine.ts"`; and
 * a backend is opened.
 *
 * Run again, or outside a notebook, it only tells what is computed with.
 *
 * @param options What to compute with.
 * @throws {BackendError} If the backend asked for cannot be had.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { setUpNotebook } from "lib/notebook/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await setUpNotebook();
 * assertEquals(tf.add(1, 2).dataSync()[0], 3);
 * ```
 */
export async function setUpNotebook(options: SetUpOptions = {}): Promise<void> {
  const screen = currentScreen();
  if (screen.isNotebook && !isKernelSetUp) {
    isKernelSetUp = true;
    setUpKernel();
  }
  const { backend, ...settings } = options;
  if (backend === null) return;
  const info = await useBackend({
    ...settings,
    ...(backend !== undefined && { backend }),
    onNotice: screen.print,
  });
  screen.print(
    `Computing with ${info.name} ${info.version} on ${info.isGpu ? "a GPU" : "the CPU"}`,
  );
}

function setUpKernel(): void {
  importBeside(Deno.env.get("NOTEBOOK_FOLDER") ?? Deno.cwd()); // a copy elsewhere starts in the project
  // A kernel starts in the notebook's folder; so paths mean the same here and in a program.
  Deno.chdir(new URL("../..", import.meta.url));
  const button = stopButton();
  drainOutput({
    console: console as unknown as Writers, // its methods take what they take
    kernel: findCellEnd(),
    makeConsole: findConsole(),
    jupyter: findJupyter(),
    onCellEnd: () => button.endCell(),
  });
  // Without a listener the interrupt ends the kernel, and all that the notebook holds.
  onSignal("SIGINT", () => button.press());
  Deno.exit = refuseExit;
}

/** A cell has no address, and what it imports was looked for in the current folder. */
function importBeside(folder: string): void {
  const base = pathToFileURL(`${folder}/`);
  registerHooks({
    resolve: (specifier, context, next) => {
      const isFromCell = context.parentURL === undefined && /^\.{1,2}\//.test(specifier);
      return next(isFromCell ? new URL(specifier, base).href : specifier, context);
    },
  });
}

/** What is used here of Deno's inner objects. */
interface Internals {
  readonly jupyter?: Partial<CellEnd>;
  readonly Console?: new (print: (text: string) => void) => unknown;
}

/** Deno's inner objects are no public interface: what is gone is done without. */
function findInternals(): Internals {
  // Typed by what was seen in Deno 2.9, each part optional.
  const inner = Deno as unknown as { internal?: symbol } & Record<symbol, Internals | undefined>;
  return inner.internal === undefined ? {} : inner[inner.internal] ?? {};
}

function findCellEnd(): CellEnd | undefined {
  const { jupyter } = findInternals();
  return typeof jupyter?.broadcastResult === "function" ? jupyter as CellEnd : undefined;
}

function findConsole(): ((print: (text: string) => void) => Writers) | undefined {
  const { Console } = findInternals();
  // Made as the console of every Deno program is, whose methods all write.
  return Console === undefined ? undefined : (print) => new Console(print) as Writers;
}

/**
 * Stands in for `Deno.exit`, which would end the kernel.
 *
 * @param code The exit code.
 * @throws {Deno.errors.NotSupported} Always.
 *
 * @example
 * ```ts
 * import { refuseExit } from "lib/notebook/set_up_notebook.ts";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => refuseExit(1), Deno.errors.NotSupported, "got Deno.exit(1)");
 * ```
 */
export function refuseExit(code: number = 0): never {
  throw new Deno.errors.NotSupported(
    `Cannot exit: expected the notebook's kernel to live on, got Deno.exit(${code}); ` +
      "throw an error to end a cell",
  );
}
