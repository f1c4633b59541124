import { BackendError } from "lib/core/mod.ts";
import {
  type BackendName,
  BACKENDS,
  isWebGpuWorthwhile,
  openBackend,
  type Opened,
} from "./open_backend.ts";
import { MOST_THREADS } from "./c_library/native_context.ts";
import type { Binding } from "./tfjs/binding.ts";

export { type BackendName, BACKENDS } from "./open_backend.ts";

const DEVICES = ["gpu", "cpu"] as const;

/** The options of {@linkcode useBackend}; it chooses each setting that is left out. */
export interface BackendOptions {
  /** The backend to use; by default TensorFlow, and without it the best of the others. */
  readonly backend?: BackendName;
  /** For TensorFlow: the device; by default a GPU if there is one. */
  readonly device?: "gpu" | "cpu";
  /**
   * For TensorFlow: how many CPU threads it uses; by default what its variable
   * `TF_NUM_INTRAOP_THREADS` says, else one per core.
   */
  readonly threads?: number;
  /**
   * Called with each line that a user should see; by default it is written to the standard error.
   */
  readonly onNotice?: (line: string) => void;
}

/** What {@linkcode useBackend} chose. */
export interface BackendInfo {
  /** The backend's name. */
  readonly name: BackendName;
  /** The version of the library below it, such as `2.21.0`. */
  readonly version: string;
  /** The device, such as `/device:CPU:0`. */
  readonly device: string;
  /** The file or the package that computes. */
  readonly library: string;
  /** How many CPU threads it uses; 1 if the backend does not tell. */
  readonly threads: number;
  /** Whether a GPU computes. */
  readonly isGpu: boolean;
  /** The lines that `onNotice` got. */
  readonly notices: readonly string[];
}

type Settings = Pick<BackendOptions, "backend" | "device" | "threads">;

/**
 * The choice, one per process: TensorFlow.js has only one engine, and TensorFlow cannot be
 * unloaded.
 */
let chosen: { readonly settings: Settings; readonly info: Promise<BackendInfo> } | undefined;
let binding: Binding | undefined;

/**
 * Chooses a backend for tensor operations, opens it, and makes TensorFlow.js use it.
 *
 * Without the option `backend`, it takes TensorFlow's C library. If that is not found, it takes
 * WebGPU (on a real GPU), WebAssembly, or plain JavaScript, and gives one notice with the cure:
 * these are slower, and their results are equal within rounding. A process chooses once; each later
 * call gives the same answer.
 *
 * @param options What to use; a setting that is left out accepts an earlier choice.
 * @returns What was chosen.
 * @throws {RangeError} If a setting has a value that is not allowed.
 * @throws {BackendError} If the requested backend or device is not available, or another choice was
 *   made before.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { name } = await useBackend();
 * assertEquals(tf.getBackend(), name);
 * ```
 */
export async function useBackend(options: BackendOptions = {}): Promise<BackendInfo> {
  const settings = checkedSettings(options);
  if (chosen !== undefined) {
    const { settings: first } = chosen, info = await chosen.info;
    assertSameChoice(settings, first, info);
    return info;
  }
  const info = choose(settings, options.onNotice ?? writeNotice);
  chosen = { settings, info };
  try {
    return await info;
  } catch (error) {
    chosen = undefined; // so that another backend can be asked for
    throw error;
  }
}

async function choose(
  settings: Settings,
  onNotice: (line: string) => void,
): Promise<BackendInfo> {
  const tf = await import("@tensorflow/tfjs");
  const open = (name: BackendName) => openBackend(tf, name, settings);
  /** Makes it the choice, and passes its notice on. */
  const take = (opened: Opened) => {
    const { notice, ...rest } = opened;
    if (notice !== undefined) onNotice(notice);
    return taken(rest, notice === undefined ? [] : [notice]);
  };
  if (settings.backend !== undefined) return take(await open(settings.backend));
  try {
    return take(await open("tensorflow"));
  } catch (error) {
    // Only TensorFlow can fulfil the option `device`.
    if (!(error instanceof BackendError) || settings.device !== undefined) throw error;
    const others: BackendName[] = await isWebGpuWorthwhile() ? ["webgpu"] : [];
    const other = await openFirst([...others, "wasm", "cpu"], open);
    const notice = fallbackNotice(other.name, error);
    onNotice(notice);
    return taken(other, [notice]);
  }
}

async function openFirst(
  names: readonly BackendName[],
  open: (name: BackendName) => Promise<Opened>,
): Promise<Opened> {
  const reasons: string[] = [];
  for (const name of names) {
    try {
      return await open(name);
    } catch (error) {
      reasons.push(`${name}: ${error instanceof Error ? error.message : error}`);
    }
  }
  throw new BackendError(`Cannot use any backend: ${reasons.join("; ")}`, { code: "UNAVAILABLE" });
}

/** Makes what was opened the process's choice. */
function taken(opened: Opened, notices: readonly string[]): BackendInfo {
  const { binding: itsBinding, ...about } = opened;
  binding = itsBinding;
  return { ...about, notices };
}

function checkedSettings({ backend, device, threads }: BackendOptions): Settings {
  if (backend !== undefined && !BACKENDS.includes(backend)) {
    throw unknown("backend", backend, BACKENDS);
  }
  if (device !== undefined && !DEVICES.includes(device)) throw unknown("device", device, DEVICES);
  const isThreads = threads === undefined ||
    Number.isInteger(threads) && threads >= 1 && threads <= MOST_THREADS;
  if (!isThreads) {
    throw new RangeError(
      `Cannot use a backend: expected threads to be an integer from 1 to ${MOST_THREADS}, ` +
        `got ${threads}`,
    );
  }
  const asked = device ?? threads;
  if (backend !== undefined && backend !== "tensorflow" && asked !== undefined) {
    throw new RangeError(
      `Cannot use the backend "${backend}": expected device and threads for "tensorflow" only, ` +
        `got ${JSON.stringify(asked)}`,
    );
  }
  return {
    ...(backend !== undefined && { backend }),
    ...(device !== undefined && { device }),
    ...(threads !== undefined && { threads }),
  };
}

function unknown(setting: string, value: unknown, allowed: readonly string[]): RangeError {
  return new RangeError(
    `Cannot use a backend: expected ${setting} to be one of ${allowed.join(", ")}, got ${
      JSON.stringify(value)
    }`,
  );
}

/** A setting is accepted if it equals what was chosen, or what the first call asked for. */
function assertSameChoice(settings: Settings, first: Settings, info: BackendInfo): void {
  const made: Settings = {
    backend: info.name,
    device: info.isGpu ? "gpu" : "cpu",
    threads: info.threads,
  };
  for (const key of ["backend", "device", "threads"] as const) {
    if ([undefined, made[key], first[key]].includes(settings[key])) continue;
    throw new BackendError(
      `Cannot use ${key} ${JSON.stringify(settings[key])}: expected ${
        JSON.stringify(made[key])
      }, which this process chose before\nCure: call useBackend() once, first, or start a new process`,
      { code: "FAILED_PRECONDITION" },
    );
  }
}

function fallbackNotice(name: BackendName, error: BackendError): string {
  const [reason = ""] = error.message.split("\n");
  return `TensorFlow's library is not used (${
    reason.replace(/:$/, "")
  }): "${name}" does the work, ` +
    "with the same results within rounding, but slower. Cure: start through ./denow, which " +
    "installs it; `./denow task doctor` shows what is missing";
}

function writeNotice(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}

/**
 * The binding to TensorFlow's library.
 *
 * @throws {BackendError} With the code `FAILED_PRECONDITION`, if TensorFlow is not in use.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { tensorFlowBinding } from "lib/backend/use_backend.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { version } = await useBackend({ backend: "tensorflow" });
 * assertEquals(tensorFlowBinding().TF_Version, version);
 * ```
 */
export function tensorFlowBinding(): Binding {
  if (binding === undefined) {
    throw new BackendError(
      "Cannot reach TensorFlow: expected it to be in use\nCure: await useBackend() first",
      { code: "FAILED_PRECONDITION" },
    );
  }
  return binding;
}

/**
 * How many tensors TensorFlow holds for this process: if the number grows from step to step, some
 * tensors are never disposed. A tensor does not count before TensorFlow needs its values.
 *
 * @returns The number of handles that are not deleted; 0 if TensorFlow is not in use.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { handleCount, useBackend } from "lib/backend/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend({ backend: "tensorflow" });
 * const before = handleCount();
 * const sum = tf.tidy(() => tf.add(1, 2));
 * assertEquals(handleCount(), before + 1);
 * sum.dispose();
 * assertEquals(handleCount(), before);
 * ```
 */
export function handleCount(): number {
  return binding?.native.size ?? 0;
}
