import { dirname, join } from "node:path";
import type { NvidiaDriver } from "./nvidia_driver.ts";

/** NVIDIA's libraries from Python packages that are installed beside TensorFlow. */
export interface GpuLibraries {
  /** The files that TensorFlow opens, ordered so that each comes after the ones it needs. */
  readonly files: readonly string[];
  /** Names of libraries that TensorFlow needs and that are not there. */
  readonly missing: readonly string[];
  /** Where XLA finds `ptxas` and `libdevice`; absent if that package is missing. */
  readonly compilerFolder?: string;
}

/**
 * The packages and the libraries in them that TensorFlow 2.21 opens by name. A library comes after
 * those that it needs.
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

/** The oldest major version of CUDA whose drivers can run these libraries. */
const LEAST_CUDA = 12;

/** The command that installs the libraries. */
const INSTALL = "./denow task setup --gpu";

/**
 * Finds NVIDIA's libraries beside TensorFlow's: `nvidia/` in the same `site-packages`.
 *
 * @param directory The folder of TensorFlow's libraries.
 * @returns What is there; undefined if none of these packages is installed.
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
    return false; // missing, or not readable
  }
}

/** What this machine has for computing on an NVIDIA GPU. */
export interface GpuSurroundings {
  /** Whether a GPU may be used. If not, no notice says that it is missing. */
  readonly isWanted: boolean;
  /** The libraries; undefined if they are not installed. */
  readonly libraries: GpuLibraries | undefined;
  /** Asks the driver, which takes a moment; gives undefined if there is no driver. */
  readonly driver: () => NvidiaDriver | undefined;
  /** Opens a library until the process ends; gives the error's text, or undefined. */
  readonly load: (path: string) => string | undefined;
}

/** What to do about the GPUs. */
export interface GpuPlan {
  /**
   * Whether to hide the GPUs from TensorFlow, because it could not use them and would print long
   * messages.
   */
  readonly hidesGpus: boolean;
  /** Why the GPU is not used, if a user might expect that it is: one line, with the cure. */
  readonly notice?: string;
  /** Whether NVIDIA's libraries are open. */
  readonly hasLibraries?: boolean;
}

/**
 * Decides whether TensorFlow gets the GPUs. If so, opens NVIDIA's libraries.
 *
 * When TensorFlow or one of these libraries asks for a library by name, the system finds the one
 * that is already open. So no `LD_LIBRARY_PATH` is needed, and the notice names a library that
 * cannot be opened.
 *
 * @param surroundings The libraries, the driver, and the function that opens a library.
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
 * Adds the folder of NVIDIA's compiler to XLA's flags: without it, XLA does not find `ptxas`.
 *
 * @param flags The flags so far; a folder that they already name is kept.
 * @param folder The folder.
 * @returns The flags for `XLA_FLAGS`.
 */
export function xlaFlags(flags: string, folder: string): string {
  // XLA splits its flags at white space, so such a folder cannot be passed. XLA also looks beside
  // TensorFlow by itself.
  if (flags.includes("--xla_gpu_cuda_data_dir") || /\s/.test(folder)) return flags;
  return `${flags} --xla_gpu_cuda_data_dir=${folder}`.trim();
}

/**
 * How to use a GPU that is present but not used.
 *
 * @param driver The answer of NVIDIA's driver.
 * @param isGpu Whether a GPU is used.
 * @returns One line; undefined if there is no GPU, or if it is used.
 */
export function gpuOffer(driver: NvidiaDriver | undefined, isGpu: boolean): string | undefined {
  const [gpu] = driver?.gpus ?? [];
  if (gpu === undefined || isGpu) return undefined;
  return `${INSTALL} makes use of the ${gpu.name} (3 GB to install)`;
}
