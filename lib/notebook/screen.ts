/** One thing in several forms, by MIME type; the front end takes the richest that it can show. */
export type MimeBundle = Readonly<Record<string, string>>;

/** How something is put on a {@linkcode Screen}. */
export interface ShowOptions {
  /** A name under which it can be replaced; default none. */
  readonly id?: string;
  /** Whether to replace what was shown under `id`; default false. */
  readonly isUpdate?: boolean;
}

/** Where a cell's output goes: the notebook, or the terminal when a course file runs as a program. */
export interface Screen {
  /** Whether pictures can be shown, and replaced later. */
  readonly isNotebook: boolean;
  /**
   * Shows something below the cell.
   *
   * @param bundle Its forms; `text/plain` among them.
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

/** What is used here of `Deno.jupyter`, which only the kernel has. */
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
    return undefined; // outside the kernel the property throws instead of being absent
  }
}

/**
 * Gives the screen of this process: the notebook in a kernel, else the terminal, which gets the
 * plain text of what is shown.
 *
 * @param jupyter The kernel's functions; default those of this process.
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
  // The kernel takes a cell's text from the console alone; what is written to stdout never arrives.
  // deno-lint-ignore house/no-console
  console.log(text);
}
