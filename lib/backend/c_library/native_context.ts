import { BackendError, bytesField, intField, joinBytes, quote } from "lib/core/mod.ts";
import { readCString } from "./c_string.ts";
import { assertStatus, type NativeLibrary, required } from "./native_library.ts";

/** The most threads that TensorFlow may get: far more than any processor has. Each costs memory. */
export const MOST_THREADS = 1024;

/** Where ops run: TensorFlow's eager context and the devices that it found. */
export interface NativeContext {
  /** The library that the context belongs to. */
  readonly library: NativeLibrary;
  /** The `TFE_Context`, which is never freed. */
  readonly context: Deno.PointerObject;
  /** Every device, in TensorFlow's order, such as `/device:CPU:0`. */
  readonly devices: readonly string[];
  /** The first GPU, `/device:GPU:0`; without a GPU, `/device:CPU:0`. */
  readonly device: string;
  /** Whether `device` is a GPU. */
  readonly isGpu: boolean;
  /** How many threads one op may use. */
  readonly threads: number;
}

/** Options of {@linkcode createContext}. */
export interface ContextOptions {
  /** `cpu` hides the GPUs; `gpu` requires one; by default a GPU is used if there is one. */
  readonly device?: "gpu" | "cpu";
  /**
   * How many threads one op may use, and how many ops may run at once; by default what TensorFlow's
   * variable `TF_NUM_INTRAOP_THREADS` says, else one per core.
   */
  readonly threads?: number;
}

/**
 * Creates TensorFlow's eager context.
 *
 * @param library What {@linkcode openLibrary} opened.
 * @param options Device and threads.
 * @returns The context, which is never freed.
 * @throws {RangeError} If `threads` is not a positive integer.
 * @throws {BackendError} With the code `UNAVAILABLE`, if a GPU is required and there is none.
 *
 * @example
 * ```ts
 * import { findLibrary } from "lib/backend/c_library/find_library.ts";
 * import { createContext } from "lib/backend/c_library/native_context.ts";
 * import { openLibrary } from "lib/backend/c_library/native_library.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const context = createContext(openLibrary(findLibrary()), { device: "cpu", threads: 1 });
 * assertEquals(context.device, "/device:CPU:0");
 * ```
 */
export function createContext(library: NativeLibrary, options: ContextOptions = {}): NativeContext {
  const threads = options.threads ?? usualThreads();
  checkThreads("threads", threads, threads);
  const { symbols, status } = library;
  const settings = symbols.TFE_NewContextOptions();
  const { hidesGpus, notice } = library.gpuPlan;
  const config = sessionConfig(threads, options.device === "cpu" || hidesGpus);
  symbols.TFE_ContextOptionsSetConfig(settings, config, BigInt(config.length), status);
  assertStatus(library, "configure TensorFlow");
  const context = symbols.TFE_NewContext(settings, status);
  symbols.TFE_DeleteContextOptions(settings);
  assertStatus(library, "create TensorFlow's context");
  const devices = listDevices(library, required(context));
  const device = devices.find((name) => name.startsWith("/device:GPU:")) ?? "/device:CPU:0";
  const isGpu = device !== "/device:CPU:0";
  if (options.device === "gpu" && !isGpu) {
    throw new BackendError(
      `Cannot use a GPU: expected TensorFlow to find one, got ${devices.join(", ")}\n` +
        `Cure: ./denow task setup --gpu installs what an NVIDIA GPU needs besides its driver; or ask ` +
        `for the device "cpu"${notice === undefined ? "" : `\n${notice}`}`,
      { code: "UNAVAILABLE" },
    );
  }
  return { library, context: required(context), devices, device, isGpu, threads };
}

const THREADS_VARIABLE = "TF_NUM_INTRAOP_THREADS";

/**
 * TensorFlow looks at its variable only where the settings leave the threads open. There, too, 0
 * leaves it to TensorFlow.
 */
function usualThreads(): number {
  const asked = Deno.env.get(THREADS_VARIABLE) ?? "";
  if (asked === "" || asked === "0") return navigator.hardwareConcurrency;
  const threads = Number(asked);
  checkThreads(`the variable ${THREADS_VARIABLE}`, threads, quote(asked));
  return threads;
}

function checkThreads(what: string, threads: number, got: string | number): void {
  if (Number.isInteger(threads) && threads >= 1 && threads <= MOST_THREADS) return;
  throw new RangeError(
    `Cannot use TensorFlow: expected ${what} to be an integer from 1 to ${MOST_THREADS}, got ${got}`,
  );
}

/** The fields of TensorFlow's `ConfigProto` that we set, in protobuf's wire format. */
export function sessionConfig(threads: number, hidesGpus: boolean): Uint8Array<ArrayBuffer> {
  return joinBytes([
    // device_count = {"GPU": 0}
    ...hidesGpus ? [bytesField(1, joinBytes([bytesField(1, "GPU"), intField(2, 0)]))] : [],
    intField(2, threads), // intra_op_parallelism_threads
    intField(5, threads), // inter_op_parallelism_threads
    // gpu_options.allow_growth: otherwise the first process on a GPU takes all of its memory.
    bytesField(6, intField(4, 1)),
  ]);
}

/**
 * Names devices by type and index. Their full names begin with a job and a task, which change when
 * processes are joined; the short form stays valid.
 */
function listDevices(library: NativeLibrary, context: Deno.PointerObject): string[] {
  const { symbols, status } = library;
  const list = symbols.TFE_ContextListDevices(context, status);
  assertStatus(library, "list TensorFlow's devices");
  const seen = new Map<string, number>(), names: string[] = [];
  for (let index = 0; index < symbols.TF_DeviceListCount(list); index++) {
    const type = readCString(symbols.TF_DeviceListType(list, index, status));
    const place = seen.get(type) ?? 0;
    seen.set(type, place + 1);
    names.push(`/device:${type}:${place}`);
  }
  symbols.TF_DeleteDeviceList(list);
  return names;
}
