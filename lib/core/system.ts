import { join } from "node:path";

/**
 * What the project must know about its operating system: all differences between systems are here.
 */
export interface System {
  /** The system's name; any other Unix counts as Linux. */
  readonly name: "linux" | "darwin" | "windows";
  /** The C library, by the name under which the system finds it. */
  readonly cLibrary: string;
  /**
   * TensorFlow's files, relative to the folder of its Python package: the C API, and the library
   * that it needs; null if one file contains everything.
   */
  readonly tensorFlow: { readonly main: string; readonly framework: string | null };
  /**
   * The flags with which `dlopen` keeps a library until the process ends: RTLD_LAZY, which takes
   * half the time of RTLD_NOW, and RTLD_NODELETE, whose number differs between systems; null if
   * there is no `dlopen`.
   */
  readonly pinFlags: number | null;
  /** The file that discards everything written to it. */
  readonly nowhere: string;
  /** The folder of a virtual environment's programs, and how their names end. */
  readonly programs: { readonly folder: string; readonly ending: string };
  /**
   * Signals that ask a program to stop, and the exit code after each: 128 + the signal's number.
   */
  readonly stopSignals: readonly (readonly [name: Deno.Signal, code: number])[];
  /**
   * Whether one process can ask another one to stop. If not, a signal from another process ends it
   * at once; Ctrl-C still works, because the terminal sends it to all its processes.
   */
  readonly sendsSignals: boolean;
  /** Whether every user may make symbolic links. */
  readonly hasLinks: boolean;
  /** Whether a folder, with the names in it, can be opened and synced to the disk. */
  readonly syncsFolders: boolean;
  /**
   * The waiting times, in milliseconds, between tries of a rename that was refused. On Windows a
   * program that has a file open, such as a virus scanner, prevents its rename.
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
    // Ctrl-C, Ctrl-Break, and a console that is closed. SIGTERM from another process ends the
    // process at once.
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
 * @param os Its name, as Deno gives it; by default that of this process's system.
 * @returns The system's properties.
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
 * @param system The system; by default the one that this process runs on.
 * @returns Its path; the function does not check whether it exists.
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
 * Finds the folders of Python packages in a virtual environment: one per Python version in it.
 *
 * @param environment The environment's folder, such as `.venv`.
 * @param system The system; by default the one that this process runs on.
 * @returns The folders, in the order of their names.
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
    return []; // the folder is missing, or may not be read
  }
}

/**
 * Listens for a signal, if the system has it.
 *
 * @param signal Its name; a signal that the system does not know never comes.
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
    if (!(error instanceof TypeError)) throw error; // TypeError: unknown signal
    return { [Symbol.dispose]() {} };
  }
  return { [Symbol.dispose]: () => Deno.removeSignalListener(signal, handler) };
}
