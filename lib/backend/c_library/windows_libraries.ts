/**
 * What TensorFlow's library needs before Windows can load it.
 *
 * The wheel's one DLL is made for Python: it needs the DLL of that Python version, such as
 * `python312.dll`, and Microsoft's C++ runtime. Windows looks for such a DLL beside the program,
 * which is Deno, but a DLL that is already loaded is found by its name. So these DLLs are loaded
 * first, by their paths.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { programPath, systemOf } from "lib/core/mod.ts";

/** `PF_AVX_INSTRUCTIONS_AVAILABLE` (winnt.h). */
const AVX = 39;

/**
 * `LOAD_WITH_ALTERED_SEARCH_PATH` (libloaderapi.h): a DLL's dependencies may be in its own folder.
 */
const BESIDE_IT = 8;

/**
 * Microsoft's C++ runtime, each DLL after those that it needs; the package `msvc-runtime` has them.
 */
const RUNTIME = ["vcruntime140.dll", "vcruntime140_1.dll", "msvcp140.dll"];

const KERNEL_SIGNATURES = {
  LoadLibraryExW: { parameters: ["buffer", "pointer", "u32"], result: "pointer" },
  GetLastError: { parameters: [], result: "u32" },
  IsProcessorFeaturePresent: { parameters: ["u32"], result: "i32" },
} as const;

/** Whether the processor has AVX, without which TensorFlow cannot run. */
export function hasAvxOnWindows(): boolean {
  return Deno.dlopen("kernel32.dll", KERNEL_SIGNATURES).symbols.IsProcessorFeaturePresent(AVX) !==
    0;
}

/**
 * Loads the DLLs that TensorFlow's DLL needs, then that DLL itself, until the process ends.
 *
 * @param main The DLL.
 * @throws {TypeError} If one of them cannot be loaded; the message names it.
 */
export function loadForWindows(main: string): void {
  const kernel = Deno.dlopen("kernel32.dll", KERNEL_SIGNATURES).symbols;
  for (const path of [...neededBefore(main), main]) {
    if (kernel.LoadLibraryExW(wideString(path), null, BESIDE_IT) !== null) continue;
    throw new TypeError(
      `Cannot load ${path}: expected a library for this Windows, got error ${kernel.GetLastError()}`,
    );
  }
}

/**
 * Finds the DLLs that must be loaded before TensorFlow's DLL.
 *
 * @param main The DLL; the virtual environment above it says which Python it is for.
 * @returns Paths, in the order in which to load them. Without such an environment there are none:
 *   then Windows uses the system's DLLs.
 * @throws {RangeError} If the environment's Python no longer exists.
 */
export function neededBefore(main: string): string[] {
  const environment = environmentOf(main);
  if (environment === undefined) return [];
  const programs = dirname(programPath(environment, "deno", systemOf("windows")));
  const runtime = RUNTIME.map((name) => join(programs, name)).filter((path) => existsSync(path));
  return [...runtime, pythonOf(environment)];
}

/** The nearest parent folder with a `pyvenv.cfg`. */
function environmentOf(path: string): string | undefined {
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    if (existsSync(join(folder, "pyvenv.cfg"))) return folder;
  }
  return undefined;
}

/** The DLL of the Python that made an environment; the environment itself contains no such DLL. */
function pythonOf(environment: string): string {
  const settings = Deno.readTextFileSync(join(environment, "pyvenv.cfg"));
  const home = /^home\s*=\s*(.+?)\s*$/m.exec(settings)?.[1] ?? "";
  const [, major, minor] = /^version(?:_info)?\s*=\s*(\d+)\.(\d+)/m.exec(settings) ?? [];
  const path = join(home, `python${major}${minor}.dll`);
  if (existsSync(path)) return path;
  throw new RangeError(
    `Cannot load TensorFlow: expected the Python that ${environment} was made with, got no ${path}; ` +
      "install Python again, remove that folder, and start through denow.cmd",
  );
}

/** Text in the form that Windows expects: UTF-16, with a zero at its end. */
function wideString(text: string): Uint8Array<ArrayBuffer> {
  const units = Uint16Array.from({ length: text.length + 1 }, (_, i) => text.charCodeAt(i) || 0);
  return new Uint8Array(units.buffer);
}
