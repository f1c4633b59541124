import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import { onSignal } from "lib/core/mod.ts";
import { type BackendOptions, useBackend } from "lib/backend/mod.ts";
import { type CellEnd, drainOutput, type Writers } from "./_output_drain.ts";
import { currentScreen, findJupyter } from "./screen.ts";
import { stopButton } from "./stop_button.ts";

/** True after the first call in a kernel: a second call must not wrap the functions again. */
let isKernelSetUp = false;

/** Settings of {@linkcode setUpNotebook}. */
export interface SetUpOptions extends Omit<BackendOptions, "backend" | "onNotice"> {
  /** The backend to compute with; null opens none; default the best one that is present. */
  readonly backend?: BackendOptions["backend"] | null;
}

/**
 * Sets a notebook up, in its first cell. No output is lost, the Stop button ends a run and not the
 * kernel, warnings are ordinary text, and `Deno.exit` throws. Paths of files are relative to the
 * project's folder, as in a program; imports such as `import "./mine.ts"` are relative to the
 * notebook's folder. A backend is opened.
 *
 * A second call, or a call outside a notebook, only opens the backend and names it.
 *
 * @param options What to compute with.
 * @throws {BackendError} If the backend that was asked for is not available.
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
  importBeside(Deno.env.get("NOTEBOOK_FOLDER") ?? Deno.cwd()); // set by jupyter/start_kernel
  // A kernel starts in the notebook's folder. This makes paths mean the same here and in a program.
  Deno.chdir(new URL("../..", import.meta.url));
  const button = stopButton();
  drainOutput({
    console: console as unknown as Writers, // only its methods' argument types differ
    kernel: findCellEnd(),
    makeConsole: findConsole(),
    jupyter: findJupyter(),
    onCellEnd: () => button.endCell(),
  });
  // Without a listener, the interrupt would end the kernel, and the notebook's variables with it.
  onSignal("SIGINT", () => button.press());
  Deno.exit = refuseExit;
}

/** A cell has no URL: by default, Deno resolves its imports from the current folder. */
function importBeside(folder: string): void {
  const base = pathToFileURL(`${folder}/`);
  registerHooks({
    resolve: (specifier, context, next) => {
      const isFromCell = context.parentURL === undefined && /^\.{1,2}\//.test(specifier);
      return next(isFromCell ? new URL(specifier, base).href : specifier, context);
    },
  });
}

/** The part of Deno's internal objects that is used here. */
interface Internals {
  readonly jupyter?: Partial<CellEnd>;
  readonly Console?: new (print: (text: string) => void) => unknown;
}

/** Deno's internal objects are not a public interface: a part that is missing is not used. */
function findInternals(): Internals {
  // The types are those of Deno 2.9, with each part optional.
  const inner = Deno as unknown as { internal?: symbol } & Record<symbol, Internals | undefined>;
  return inner.internal === undefined ? {} : inner[inner.internal] ?? {};
}

function findCellEnd(): CellEnd | undefined {
  const { jupyter } = findInternals();
  return typeof jupyter?.broadcastResult === "function" ? jupyter as CellEnd : undefined;
}

function findConsole(): ((print: (text: string) => void) => Writers) | undefined {
  const { Console } = findInternals();
  // Made like the console of every Deno program: all its methods write with `print`.
  return Console === undefined ? undefined : (print) => new Console(print) as Writers;
}

/**
 * Replaces `Deno.exit`, which would end the kernel.
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
