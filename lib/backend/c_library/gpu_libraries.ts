import { dirname, join } from "node:path";
import type { NvidiaDriver } from "./nvidia_driver.ts";

/** NVIDIA's libraries as Python packages bring them, beside TensorFlow. */
export interface GpuLibraries {
  /** The files that TensorFlow opens, each after those that it needs. */
  readonly files: readonly string[];
  /** Names of libraries that TensorFlow needs and that are not there. */
  readonly missing: readonly string[];
  /** Where XLA finds `ptxas` and `libdevice`; absent where that package is missing. */
  readonly compilerFolder?: string;
}

/**
 * The packages, and of each the libraries that TensorFlow 2.21 opens by name; one that needs another
 * comes after it.
 */
const LIBRARIES: readonly (readonly [folder: string, name: string])[] = [
  ["cuda_runtime", "libcudart.so.12"],
  ["nvjitlink", "libnvJitLink.so.12"],
  ["cuda_nvrtc", "libnvrtc.so.12"],
  ["cuda_cupti", "libcupti.so.12"],
  ["cublas", "libcublasLt.so.12"],
  ["cublas", "libcublas.so.12"],
  ["cufft", "libcufft.so.11"],
  ["curand", "libcurand.so.10"],
  ["cusparse", "libcusparse.so.12"],
  ["cusolver", "libcusolver.so.11"],
  ["cudnn", "libcudnn.so.9"],
  ["nccl", "libnccl.so.2"],
];

/** The first CUDA whose drivers can run these libraries: all of CUDA 12 do, older ones do not. */
const LEAST_CUDA = 12;

/** What installs them. */
const INSTALL = "./denow task setup --gpu";

/**
 * Finds NVIDIA's libraries beside TensorFlow's: `nvidia/` in the same `site-packages`.
 *
 * @param directory The folder of TensorFlow's libraries.
 * @returns What is there; undefined where none of these packages is installed.
 *
 * @example
 * ```ts
 * import { findGpuLibraries } from "lib/backend/c_library/gpu_libraries.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(findGpuLibraries("/nowhere/site-packages/tensorflow"), undefined);
 * ```
 */
export function findGpuLibraries(directory: string): GpuLibraries | undefined {
  const root = join(dirname(directory), "nvidia");
  const paths = LIBRARIES.map(([folder, name]) => join(root, folder, "lib", name));
  const files = paths.filter(exists);
  if (files.length === 0) return undefined;
  const compilerFolder = join(root, "cuda_nvcc");
  return {
    files,
    missing: LIBRARIES.map(([, name]) => name).filter((_, i) => !files.includes(paths[i] ?? "")),
    ...(exists(join(compilerFolder, "bin", "ptxas")) && { compilerFolder }),
  };
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false; // not there, or not to be looked at
  }
}

/** What there is to compute with on an NVIDIA GPU. */
export interface GpuSurroundings {
  /** Whether a GPU may be used: where none is wanted, its absence is no news. */
  readonly isWanted: boolean;
  /** The libraries; undefined where they are not installed. */
  readonly libraries: GpuLibraries | undefined;
  /** Asks the driver, which takes a moment; gives undefined where there is none. */
  readonly driver: () => NvidiaDriver | undefined;
  /** Opens a library for the rest of the process's life; gives what went wrong. */
  readonly load: (path: string) => string | undefined;
}

/** What is to be done about the GPUs. */
export interface GpuPlan {
  /** Whether TensorFlow is to see none: it could not use them, and would say so at length. */
  readonly hidesGpus: boolean;
  /** Why the GPU is not used, where a user might expect it: one line, with the cure. */
  readonly notice?: string;
  /** Whether NVIDIA's libraries are open. */
  readonly hasLibraries?: boolean;
}

/**
 * Decides whether TensorFlow gets the GPUs, and opens NVIDIA's libraries where it does.
 *
 * Libraries that are open are found by their names wherever TensorFlow, or one of them, asks for them.
 * So no `LD_LIBRARY_PATH` is needed, and one that cannot be opened is named here.
 *
 * @param surroundings Libraries, driver, and what opens a library.
 * @returns The plan.
 *
 * @example
 * ```ts
 * import { planGpus } from "lib/backend/c_library/gpu_libraries.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const nothing = { libraries: undefined, driver: () => undefined, load: () => undefined };
 * assertEquals(planGpus({ isWanted: true, ...nothing }), { hidesGpus: false }); // TensorFlow for CPUs finds none
 * ```
 */
export function planGpus(
  { isWanted, libraries, driver: ask, load }: GpuSurroundings,
): GpuPlan {
  if (!isWanted) return { hidesGpus: true };
  if (libraries === undefined) return { hidesGpus: false };
  const driver = ask();
  if (driver === undefined) {
    return refused("no NVIDIA driver answers (libcuda.so.1)", "install NVIDIA's driver");
  }
  if (driver.refusal !== undefined) {
    return refused(`NVIDIA's driver gives none: ${driver.refusal}`, "see `nvidia-smi`");
  }
  if (Number(driver.cudaVersion.split(".")[0]) < LEAST_CUDA) {
    return refused(
      `NVIDIA's driver serves CUDA ${driver.cudaVersion}, the libraries are of CUDA ${LEAST_CUDA}`,
      "update NVIDIA's driver to 525 or later",
    );
  }
  if (libraries.missing.length > 0) {
    return refused(`not beside TensorFlow: ${libraries.missing.join(", ")}`, INSTALL);
  }
  for (const path of libraries.files) {
    const failure = load(path);
    if (failure !== undefined) return refused(failure, INSTALL);
  }
  return { hidesGpus: false, hasLibraries: true };
}

function refused(reason: string, cure: string): GpuPlan {
  return { hidesGpus: true, notice: gpuNotice(reason, cure) };
}

/**
 * Whether the user lets this process see GPUs.
 *
 * @param visible What `CUDA_VISIBLE_DEVICES` holds.
 */
export function areGpusVisible(visible: string | undefined): boolean {
  return visible === undefined || !["", "-1"].includes(visible.trim());
}

/** The line that says why a GPU is not used. */
export function gpuNotice(reason: string, cure: string): string {
  return `The CPU does the work, not a GPU: ${reason}. Cure: ${cure}`;
}

/**
 * The flags for XLA with the place of NVIDIA's compiler: without it, XLA finds no `ptxas`.
 *
 * @param flags The flags so far; what they say of that place stays.
 * @param folder The place.
 * @returns The flags for `XLA_FLAGS`.
 */
export function xlaFlags(flags: string, folder: string): string {
  // XLA takes flags apart at white space. It also looks beside TensorFlow by itself.
  if (flags.includes("--xla_gpu_cuda_data_dir") || /\s/.test(folder)) return flags;
  return `${flags} --xla_gpu_cuda_data_dir=${folder}`.trim();
}

/**
 * What would make a GPU be used that is there and idle.
 *
 * @param driver What NVIDIA's driver answers.
 * @param isGpu Whether a GPU is used.
 * @returns One line; undefined where there is none, or it is used.
 */
export function gpuOffer(driver: NvidiaDriver | undefined, isGpu: boolean): string | undefined {
  const [gpu] = driver?.gpus ?? [];
  if (gpu === undefined || isGpu) return undefined;
  return `${INSTALL} makes use of the ${gpu.name} (3 GB to install)`;
}
