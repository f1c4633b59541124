import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { BackendError, packageFolders, type System, systemOf } from "lib/core/mod.ts";

/** The paths of TensorFlow's shared libraries. */
export interface LibraryFiles {
  /** The folder of the Python package `tensorflow`. */
  readonly directory: string;
  /** `libtensorflow_cc`, or the system's name for it: the C API for ops, graphs and sessions. */
  readonly main: string;
  /** `libtensorflow_framework`, which `main` needs; null if one file holds everything. */
  readonly framework: string | null;
}

/** What {@linkcode findLibrary} looks at; the defaults are those of this process. */
export interface FindOptions {
  /** Reads an environment variable (`TF_DIR`, `VIRTUAL_ENV`). */
  readonly environment?: (name: string) => string | undefined;
  /** The running Deno: a virtual environment that holds it is searched. */
  readonly execPath?: string;
  /** The folders from which `.venv` is searched upwards: the current one and this file's. */
  readonly startFolders?: readonly string[];
  /** The operating system, which decides the files' names. */
  readonly system?: System;
}

const CURE =
  "install the project's packages (./denow does it at its start), or `pip install tensorflow-cpu` " +
  "in one of these environments, or set TF_DIR to the folder that holds the library";

/**
 * Finds the shared libraries of an installed TensorFlow wheel.
 *
 * If `TF_DIR` is set, only that folder is searched. Otherwise these virtual environments are tried
 * in order: the one that contains this Deno, `VIRTUAL_ENV`, and each `.venv` from the current
 * folder and from this file upwards.
 *
 * @param options What to look at instead of this process's own environment.
 * @returns The folder and the two files in it.
 * @throws {BackendError} With the code `UNAVAILABLE`, the places tried and the cure, if the library
 *   is in none of them.
 *
 * @example
 * ```ts
 * import { findLibrary } from "lib/backend/c_library/find_library.ts";
 * import { BackendError } from "lib/core/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => findLibrary({ environment: () => "/nowhere" }), BackendError, "/nowhere");
 * ```
 */
export function findLibrary(options: FindOptions = {}): LibraryFiles {
  const places = [...searchPlaces(options)], names = (options.system ?? systemOf()).tensorFlow;
  for (const { folders } of places) {
    for (const directory of folders) {
      const main = join(directory, names.main);
      if (!isFile(main)) continue;
      return { directory, main, framework: names.framework && join(directory, names.framework) };
    }
  }
  const tried = [...new Set(places.map(({ label }) => `\n  ${label}`))].join("");
  throw new BackendError(
    `Cannot find TensorFlow: expected ${names.main} in one of these places, got none:${tried}\nCure: ${CURE}`,
    { code: "UNAVAILABLE" },
  );
}

interface Place {
  readonly label: string;
  readonly folders: readonly string[];
}

function* searchPlaces(options: FindOptions): Generator<Place> {
  const environment = options.environment ?? ((name: string) => Deno.env.get(name));
  const chosen = environment("TF_DIR");
  if (chosen) {
    yield { label: `TF_DIR=${chosen}`, folders: [chosen] };
    return;
  }
  const system = options.system ?? systemOf();
  yield environmentPlace(dirname(dirname(options.execPath ?? Deno.execPath())), system);
  const active = environment("VIRTUAL_ENV");
  if (active) yield environmentPlace(active, system);
  for (const start of options.startFolders ?? [Deno.cwd(), ownFolder()]) {
    for (let folder = start;; folder = dirname(folder)) {
      yield environmentPlace(join(folder, ".venv"), system);
      if (folder === dirname(folder)) break;
    }
  }
}

/** The folders of the TensorFlow package in a virtual environment: one per Python version in it. */
function environmentPlace(root: string, system: System): Place {
  const folders = packageFolders(root, system).map((folder) => join(folder, "tensorflow"));
  return { label: root, folders };
}

function ownFolder(): string {
  // A bundle or a remote module has no folder of its own, so the current folder is used.
  return import.meta.url.startsWith("file:") ? dirname(fileURLToPath(import.meta.url)) : Deno.cwd();
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
