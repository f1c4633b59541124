import { join } from "node:path";

/** What the project has to know of the system it runs on: all that differs stands here. */
export interface System {
  /** Which of the three; any other Unix is taken for a Linux. */
  readonly name: "linux" | "darwin" | "windows";
  /** The C library, by the name under which the system finds it. */
  readonly cLibrary: string;
  /**
   * TensorFlow's files, from the folder of its Python package on: the C API, and the library that it
   * needs beside it; null where one file holds everything.
   */
  readonly tensorFlow: { readonly main: string; readonly framework: string | null };
  /**
   * How `dlopen` keeps a library until the process ends: RTLD_LAZY, half the time of RTLD_NOW, with
   * RTLD_NODELETE, whose number differs; null where there is no `dlopen`.
   */
  readonly pinFlags: number | null;
  /** The file that takes whatever is written to it, and keeps nothing. */
  readonly nowhere: string;
  /** The folder of a virtual environment's programs, and how their names end. */
  readonly programs: { readonly folder: string; readonly ending: string };
  /** Signals that ask a program to stop, and the exit code of a program that did: 128 + their number. */
  readonly stopSignals: readonly (readonly [name: Deno.Signal, code: number])[];
  /**
   * Whether one process can ask another one to stop. Where not, a signal that is sent ends it at once;
   * Ctrl-C comes from the terminal to all processes that share it.
   */
  readonly sendsSignals: boolean;
  /** Whether everybody may make symbolic links. */
  readonly hasLinks: boolean;
  /** Whether a folder can be opened and written through to the disk, with the names in it. */
  readonly syncsFolders: boolean;
  /**
   * How long to wait, in milliseconds, before a rename that was refused is tried again, and again.
   * On Windows whoever looks into a file, as a virus scanner does, keeps it from its new name.
   */
  readonly renameWaitsMs: readonly number[];
}

const UNIX = {
  nowhere: "/dev/null",
  programs: { folder: "bin", ending: "" },
  stopSignals: [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]],
  sendsSignals: true,
  hasLinks: true,
  syncsFolders: true,
  renameWaitsMs: [],
} as const;

const SYSTEMS: Readonly<Record<System["name"], System>> = {
  linux: {
    ...UNIX,
    name: "linux",
    cLibrary: "libc.so.6",
    tensorFlow: { main: "libtensorflow_cc.so.2", framework: "libtensorflow_framework.so.2" },
    pinFlags: 0x1 | 0x1000,
  },
  darwin: {
    ...UNIX,
    name: "darwin",
    cLibrary: "libSystem.dylib",
    tensorFlow: { main: "libtensorflow_cc.2.dylib", framework: "libtensorflow_framework.2.dylib" },
    pinFlags: 0x1 | 0x80,
  },
  windows: {
    name: "windows",
    cLibrary: "ucrtbase.dll",
    tensorFlow: { main: "python/_pywrap_tensorflow_common.dll", framework: null },
    pinFlags: null,
    nowhere: "NUL",
    programs: { folder: "Scripts", ending: ".exe" },
    // Ctrl-C, Ctrl-Break, and a console that is closed. Whoever sends SIGTERM ends the process at once.
    stopSignals: [["SIGINT", 130], ["SIGBREAK", 149], ["SIGHUP", 129]],
    sendsSignals: false,
    hasLinks: false,
    syncsFolders: false,
    renameWaitsMs: [10, 20, 50, 100, 200, 500],
  },
};

/**
 * Describes a system.
 *
 * @param os Its name, as Deno gives it; default the one that this process runs on.
 * @returns What differs between the systems.
 *
 * @example
 * ```ts
 * import { systemOf } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(systemOf("windows").cLibrary, "ucrtbase.dll");
 * assertEquals(systemOf().name, Deno.build.os);
 * ```
 */
export function systemOf(os: typeof Deno.build.os = Deno.build.os): System {
  return os === "darwin" || os === "windows" ? SYSTEMS[os] : SYSTEMS.linux;
}

/**
 * Finds a program of a virtual environment.
 *
 * @param environment The environment's folder, such as `.venv`.
 * @param name The program, such as `python`.
 * @param system The system; default the one that this process runs on.
 * @returns Its path; whether it is there is not looked at.
 *
 * @example
 * ```ts
 * import { programPath, systemOf } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(programPath(".venv", "python", systemOf("linux")), ".venv/bin/python");
 * assertEquals(programPath(".venv", "python", systemOf("windows")), ".venv/Scripts/python.exe");
 * ```
 */
export function programPath(
  environment: string,
  name: string,
  { programs }: System = systemOf(),
): string {
  return `${environment}/${programs.folder}/${name}${programs.ending}`;
}

/**
 * Finds where Python packages may lie in a virtual environment: one folder for each Python in it.
 *
 * @param environment The environment's folder, such as `.venv`.
 * @param system The system; default the one that this process runs on.
 * @returns The folders that are there, in the order of their names.
 *
 * @example
 * ```ts
 * import { packageFolders, systemOf } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(packageFolders("/no/such/environment", systemOf("linux")), []);
 * ```
 */
export function packageFolders(environment: string, { name }: System = systemOf()): string[] {
  if (name === "windows") return [join(environment, "Lib", "site-packages")];
  const lib = join(environment, "lib");
  return namesIn(lib).filter((folder) => folder.startsWith("python"))
    .map((folder) => join(lib, folder, "site-packages"));
}

function namesIn(folder: string): string[] {
  try {
    return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  } catch {
    return []; // no such folder, or not one that we may read
  }
}

/**
 * Listens for a signal, where the system has it.
 *
 * @param signal Its name; one that the system does not know is never heard.
 * @param handler Called whenever it comes.
 * @returns The listener; dispose of it to stop listening.
 *
 * @example
 * ```ts
 * import { onSignal } from "lib/core/mod.ts";
 *
 * using _listener = onSignal("SIGINT", () => console.log("interrupted"));
 * ```
 */
export function onSignal(signal: Deno.Signal, handler: () => void): Disposable {
  try {
    Deno.addSignalListener(signal, handler);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // so Deno names a signal that it cannot hear
    return { [Symbol.dispose]() {} };
  }
  return { [Symbol.dispose]: () => Deno.removeSignalListener(signal, handler) };
}
