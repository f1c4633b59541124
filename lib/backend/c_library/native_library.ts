import { BackendError, systemOf } from "lib/core/mod.ts";
import { loadForWindows } from "./windows_libraries.ts";
import { withoutNotes } from "./without_notes.ts";
import { cString, readCString } from "./c_string.ts";
import { cutShort } from "./cut_short.ts";
import {
  areGpusVisible,
  findGpuLibraries,
  type GpuPlan,
  type GpuSurroundings,
  planGpus,
  xlaFlags,
} from "./gpu_libraries.ts";
import { askDriver } from "./nvidia_driver.ts";
import { openSystemLibrary, SIGNATURES, type Symbols, type SystemSymbols } from "./signatures.ts";
import type { LibraryFiles } from "./find_library.ts";

/** TensorFlow's library, opened: its functions, and the status that they report through. */
export interface NativeLibrary {
  /** The files that were opened. */
  readonly files: LibraryFiles;
  /** TensorFlow's version, such as `2.21.0`. */
  readonly version: string;
  /** TensorFlow's functions by their C names. */
  readonly symbols: Symbols;
  /** The C library's own functions. */
  readonly system: SystemSymbols;
  /** The status object through which calls report: read it right after each call. */
  readonly status: Deno.PointerObject;
  /** Whether TensorFlow gets the GPUs. */
  readonly gpuPlan: GpuPlan;
}

/** `absl::StatusCode`, by number. */
const CODES = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
];

/** Variables that the library reads while it loads; values that the user has set are kept. */
const ENVIRONMENT = {
  /** Hides notes on instruction sets, which would appear in every notebook. */
  TF_CPP_MIN_LOG_LEVEL: "2",
  /** Otherwise NVIDIA's GPUs silently cut float32 products to 10 bits of mantissa. */
  NVIDIA_TF32_OVERRIDE: "0",
  /**
   * Keeps freed memory and uses it again. TensorFlow does so by itself if oneDNN's kernels are on.
   * Otherwise the system allocates and clears each large block again, which takes a fifth of a
   * step's time on a Zen 3.
   */
  TF_CPU_ALLOCATOR_USE_BFC: "1",
};

/**
 * Opens TensorFlow's library until the process ends, and NVIDIA's libraries beside it if a driver
 * answers.
 *
 * Products of float32 keep their digits on a GPU, unless `NVIDIA_TF32_OVERRIDE=1` allows TF32.
 *
 * @param files What {@linkcode findLibrary} found.
 * @param options `usesGpus`: whether GPUs may be used; default true.
 * @throws {BackendError} With the code `UNAVAILABLE`, if the system cannot load it or a file is cut
 *   short.
 *
 * @example
 * ```ts
 * import { findLibrary } from "lib/backend/c_library/find_library.ts";
 * import { openLibrary } from "lib/backend/c_library/native_library.ts";
 * import { assertMatch } from "@std/assert";
 *
 * assertMatch(openLibrary(findLibrary()).version, /^2\./);
 * ```
 */
export function openLibrary(
  files: LibraryFiles,
  { usesGpus = true }: { readonly usesGpus?: boolean } = {},
): NativeLibrary {
  const gpus = wantedGpus(files, usesGpus);
  setEnvironment(gpus.libraries?.compilerFolder);
  const paths = [files.framework, files.main].filter((path) => path !== null);
  try {
    paths.forEach(assertWhole);
    const system = openSystemLibrary();
    passEnvironmentOn(system);
    const load = (path: string) => loadForGood(system, path);
    const gpuPlan = planGpus({ ...gpus, driver: askDriver, load });
    withoutNotes(system, () => pin(system, files));
    const symbols = Deno.dlopen(files.main, SIGNATURES).symbols;
    // cuBLAS and cuDNN read the variable; XLA's own products ask TensorFlow.
    symbols._ZN3tsl32enable_tensor_float_32_executionEb?.(
      Deno.env.get("NVIDIA_TF32_OVERRIDE") === "1",
    );
    return {
      files,
      version: readCString(symbols.TF_Version()),
      symbols,
      system,
      status: required(symbols.TF_NewStatus()),
      gpuPlan,
    };
  } catch (error) {
    throw new BackendError(
      `Cannot open TensorFlow: expected a library for this system in ${files.directory}, got "${
        error instanceof Error ? error.message : error
      }"\nCure: install tensorflow-cpu 2.21 again, and give Deno --allow-ffi`,
      { code: "UNAVAILABLE", cause: error },
    );
  }
}

function wantedGpus(
  { directory }: LibraryFiles,
  usesGpus: boolean,
): Pick<GpuSurroundings, "isWanted" | "libraries"> {
  const isWanted = usesGpus && areGpusVisible(Deno.env.get("CUDA_VISIBLE_DEVICES"));
  return { isWanted, libraries: isWanted ? findGpuLibraries(directory) : undefined };
}

function setEnvironment(compilerFolder: string | undefined): void {
  if (compilerFolder !== undefined) {
    Deno.env.set("XLA_FLAGS", xlaFlags(Deno.env.get("XLA_FLAGS") ?? "", compilerFolder));
  }
  for (const [name, value] of Object.entries(ENVIRONMENT)) {
    if (Deno.env.get(name) === undefined) Deno.env.set(name, value);
  }
}

/**
 * Sets the variables in the C library too: on Windows it keeps its own copy of the environment from
 * the process's start.
 */
function passEnvironmentOn({ putenv_s }: SystemSymbols): void {
  if (!putenv_s) return;
  for (const [name, value] of Object.entries(Deno.env.toObject())) {
    if (/^(TF|XLA|NVIDIA)_/.test(name)) putenv_s(cString(name), cString(value));
  }
}

/**
 * Loads the libraries before Deno opens them, so that they stay loaded. Deno unloads its libraries
 * when the process ends; TensorFlow's threads still run then and would crash it (exit code 139).
 */
function pin(system: SystemSymbols, { framework, main }: LibraryFiles): void {
  if (systemOf().pinFlags === null) return loadForWindows(main);
  for (const path of [framework, main]) if (path !== null) loadForGood(system, path);
}

/** Opens a library that is never unloaded; gives the error's text, or undefined. */
function loadForGood({ dlopen, dlerror }: SystemSymbols, path: string): string | undefined {
  const { pinFlags } = systemOf();
  if (pinFlags === null || !dlopen || !dlerror) return "this system has no dlopen";
  return dlopen(cString(path), pinFlags) === null ? readCString(dlerror()) : undefined;
}

function assertWhole(path: string): void {
  const cut = cutShort(path);
  if (cut === undefined) return;
  throw new RangeError(
    `Cannot load ${path}: expected ${cut.expected} bytes, got ${cut.got}: the file is cut short`,
  );
}

/** What TensorFlow reports about a call that failed. */
export interface Failure {
  /** The name of its code, such as `INVALID_ARGUMENT`. */
  readonly code: string;
  /** Its message, without the name of the node that eager mode puts around an op. */
  readonly message: string;
}

/**
 * The failure that the last call wrote into a status.
 *
 * @param library The library that was called.
 * @param status The status that the call used; by default the library's status.
 * @returns The failure; undefined if the call succeeded.
 *
 * @example
 * ```ts
 * import { findLibrary } from "lib/backend/c_library/find_library.ts";
 * import { failureOf, openLibrary } from "lib/backend/c_library/native_library.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(failureOf(openLibrary(findLibrary())), undefined);
 * ```
 */
export function failureOf(
  library: NativeLibrary,
  status: Deno.PointerObject = library.status,
): Failure | undefined {
  const { symbols } = library;
  const number = symbols.TF_GetCode(status);
  if (number === 0) return undefined;
  const message = readCString(symbols.TF_Message(status));
  return {
    code: CODES[number] ?? `CODE_${number}`,
    message: message.replace(/\{\{.*?\}\}\s*/g, "").replace(/ \[Op:\w*\]( name: *)?$/, ""),
  };
}

/**
 * Throws if the last call failed.
 *
 * @param library The library that was called.
 * @param act What the call did, such as "read a tensor".
 * @throws {BackendError} With TensorFlow's code and message.
 *
 * @example
 * ```ts
 * import { findLibrary } from "lib/backend/c_library/find_library.ts";
 * import { assertStatus, openLibrary } from "lib/backend/c_library/native_library.ts";
 *
 * const library = openLibrary(findLibrary());
 * assertStatus(library, "open TensorFlow"); // no call has failed yet
 * ```
 */
export function assertStatus(library: NativeLibrary, act: string): void {
  const failure = failureOf(library);
  if (failure === undefined) return;
  throw new BackendError(`Cannot ${act}: ${failure.code}: ${failure.message}`, {
    code: failure.code,
  });
}

/**
 * Narrows the type of an address that is never null after a call that succeeded.
 *
 * @param pointer The address.
 * @returns The same address.
 * @throws {BackendError} With the code `INTERNAL`, if it is null.
 *
 * @example
 * ```ts
 * import { required } from "lib/backend/c_library/native_library.ts";
 * import { BackendError } from "lib/core/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => required(null), BackendError, "expected an address, got null");
 * ```
 */
export function required(pointer: Deno.PointerValue): Deno.PointerObject {
  if (pointer === null) {
    throw new BackendError("Cannot use TensorFlow: expected an address, got null", {
      code: "INTERNAL",
    });
  }
  return pointer;
}
