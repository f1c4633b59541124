/**
 * One thing in several forms, by MIME type; the front end chooses the richest one that it can show.
 */
export type MimeBundle = Readonly<Record<string, string>>;

/** How something is shown on a {@linkcode Screen}. */
export interface ShowOptions {
  /** A name under which it can be replaced; default none. */
  readonly id?: string;
  /** Whether to replace what was shown under `id`; default false. */
  readonly isUpdate?: boolean;
}

/** Where a cell's output goes: the notebook, or the terminal when a course file runs as a program. */
export interface Screen {
  /** Whether pictures can be shown and later replaced. */
  readonly isNotebook: boolean;
  /**
   * Shows something below the cell.
   *
   * @param bundle Its forms; `text/plain` must be one of them.
   * @param options The name by which to replace it.
   */
  show(bundle: MimeBundle, options?: ShowOptions): Promise<void>;
  /**
   * Writes a line of text.
   *
   * @param text The line, or several.
   */
  print(text: string): void;
}

/** The part of `Deno.jupyter` that is used here; only the kernel has it. */
export interface Jupyter {
  /**
   * Shows a value in the notebook.
   *
   * @param value A bundle of MIME types.
   * @param options As the kernel takes them.
   */
  display(
    value: unknown,
    options: { raw: boolean; update?: boolean; display_id?: string },
  ): Promise<void>;
}

/**
 * Finds the kernel's own functions.
 *
 * @returns `Deno.jupyter`; undefined where no notebook runs.
 *
 * @example
 * ```ts
 * import { findJupyter } from "lib/notebook/screen.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(findJupyter(), undefined); // this example runs as a program
 * ```
 */
export function findJupyter(): Jupyter | undefined {
  try {
    return Deno.jupyter;
  } catch {
    return undefined; // outside the kernel, reading the property throws
  }
}

/**
 * Gives the screen of this process: the notebook in a kernel, otherwise the terminal, which shows
 * only the plain text.
 *
 * @param jupyter The kernel's functions; default the ones of this process.
 *
 * @example
 * ```ts
 * import { currentScreen } from "lib/notebook/screen.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(currentScreen().isNotebook, false);
 * ```
 */
export function currentScreen(jupyter: Jupyter | undefined = findJupyter()): Screen {
  if (jupyter === undefined) {
    return {
      isNotebook: false,
      show: (bundle) => Promise.resolve(print(bundle["text/plain"] ?? "")),
      print,
    };
  }
  return {
    isNotebook: true,
    show: (bundle, { id, isUpdate = false } = {}) =>
      jupyter.display(bundle, {
        raw: true,
        update: isUpdate,
        ...(id !== undefined && { display_id: id }),
      }),
    print,
  };
}

function print(text: string): void {
  // The kernel takes a cell's text only from the console; text written to stdout never arrives.
  // deno-lint-ignore house/no-console
  console.log(text);
}
