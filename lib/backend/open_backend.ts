import util from "node:util";
import type * as tfjs from "@tensorflow/tfjs";
import { BackendError } from "lib/core/mod.ts";
import { Binding } from "./tfjs/binding.ts";
import { borrowKernels } from "./tfjs/borrowed_kernels.ts";
import { completeBroadcastGradients } from "./tfjs/broadcast_gradients.ts";
import { findLibrary } from "./c_library/find_library.ts";
import { gpuNotice } from "./c_library/gpu_libraries.ts";
import { guardSizes, guardWindows, promoteMixedTypes } from "./tfjs/kernel_guards.ts";
import { replaceKernels } from "./tfjs/kernels.ts";
import { correctKernels } from "./tfjs/kernel_corrections.ts";
import { replacePlainKernels } from "./tfjs/plain_kernels.ts";
import { registerSeededUniform } from "./tfjs/seeded_uniform.ts";
import {
  type ContextOptions,
  createContext,
  type NativeContext,
} from "./c_library/native_context.ts";
import { openLibrary } from "./c_library/native_library.ts";
import { registerWebGpu } from "./webgpu/webgpu_kernels.ts";
import { replaceWasmKernels } from "./wasm/wasm_kernels.ts";

/** The backends that can run tensor operations, best first. */
export const BACKENDS = ["tensorflow", "webgpu", "wasm", "cpu"] as const;

/** The message if there is no graphics adapter. */
export const NO_ADAPTER =
  'Cannot use the backend "webgpu": expected a graphics adapter, got none\n' +
  'Cure: use the backend "wasm", or install a driver for Vulkan (Linux, such as Debian\'s ' +
  "mesa-vulkan-drivers) or Metal (macOS)";

/** The name of a backend. */
export type BackendName = typeof BACKENDS[number];

/** WebAssembly kernels that wrongly add to the old content of the output's memory. */
const WRONG_ON_WASM = [
  ...["Conv3DBackpropFilterV2", "Conv3DBackpropInputV2", "MaxPoolGrad"],
  ...["Dilation2DBackpropFilter", "Dilation2DBackpropInput"],
];

/** The opened backend: its device and its library. */
export interface Opened {
  readonly name: BackendName;
  readonly version: string;
  readonly device: string;
  readonly library: string;
  readonly threads: number;
  readonly isGpu: boolean;
  /** Present only for TensorFlow. */
  readonly binding?: Binding;
  /** A line that a user should see. */
  readonly notice?: string;
}

/**
 * Opens a backend and makes TensorFlow.js use it.
 *
 * @throws {BackendError} If the backend is not available.
 */
export async function openBackend(
  tf: typeof tfjs,
  name: BackendName,
  options: ContextOptions,
): Promise<Opened> {
  registerSeededUniform(tf, BACKENDS);
  // Otherwise its first op would print advice to install the native add-on of tfjs-node, which this
  // library replaces.
  Object.assign(tf.findBackend("cpu") ?? {}, { firstUse: false });
  const opened = name === "tensorflow"
    ? await openTensorFlow(tf, options)
    : { name, version: tf.version.tfjs, threads: 1, isGpu: false, ...await loadPackage(tf, name) };
  for (const stock of ["cpu", name]) if (stock !== "tensorflow") correctKernels(tf, stock);
  replacePlainKernels(tf);
  completeBroadcastGradients(tf);
  promoteMixedTypes(tf, BACKENDS);
  if (!await tf.setBackend(name)) {
    throw new BackendError(
      `Cannot use the backend "${name}": expected TensorFlow.js to start it, got a refusal`,
      { code: "UNAVAILABLE" },
    );
  }
  return opened;
}

async function openTensorFlow(tf: typeof tfjs, options: ContextOptions): Promise<Opened> {
  const opened = openLibrary(findLibrary(), { usesGpus: options.device !== "cpu" });
  const context = createContext(opened, options);
  const binding = new Binding(context);
  restoreRemovedFunctions();
  // The package's index would look for the native add-on, so only the backend and its kernels are
  // loaded.
  const { NodeJSKernelBackend } = await import(
    "@tensorflow/tfjs-node-gpu/dist/nodejs_kernel_backend.js"
  );
  await import("@tensorflow/tfjs-node-gpu/dist/register_all_kernels.js");
  // The package's declarations require two classes that its code never uses, and declare narrower
  // types for arrays of values than its own kernels pass and read.
  const declared = binding as unknown as ConstructorParameters<typeof NodeJSKernelBackend>[0];
  const backend = new NodeJSKernelBackend(declared, "@tensorflow/tfjs-node-gpu");
  tf.registerBackend("tensorflow", () => backend, 3);
  replaceKernels(tf);
  guardSizes(tf);
  guardWindows(tf, "tensorflow");
  const { library, device, isGpu, threads } = context;
  return {
    name: "tensorflow",
    version: library.version,
    library: library.files.main,
    device,
    isGpu,
    threads,
    binding,
    ...noticeOf(context),
  };
}

/** Why no GPU is used although NVIDIA's libraries are installed. */
function noticeOf({ library, isGpu }: NativeContext): { notice?: string } {
  const { notice, hasLibraries } = library.gpuPlan;
  if (notice !== undefined) return { notice };
  if (isGpu || !hasLibraries) return {};
  const cure = "TF_CPP_MIN_LOG_LEVEL=0 ./denow task doctor shows TensorFlow's reasons";
  return { notice: gpuNotice("TensorFlow takes none of those that the driver has", cure) };
}

/** Restores two functions that Node removed but tfjs-node still calls. */
function restoreRemovedFunctions(): void {
  const legacy: Record<string, unknown> = util;
  legacy.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined;
  legacy.isArray ??= Array.isArray;
}

type About = Pick<Opened, "device" | "library"> & Partial<Opened>;

async function loadPackage(
  tf: typeof tfjs,
  name: Exclude<BackendName, "tensorflow">,
): Promise<About> {
  if (name === "cpu") return { device: "JavaScript", library: "@tensorflow/tfjs-backend-cpu" };
  if (name === "wasm") {
    await import("@tensorflow/tfjs-backend-wasm");
    replaceWasmKernels(tf);
    borrowKernels(tf, "wasm", WRONG_ON_WASM);
    guardWindows(tf, "wasm");
    return { device: "WebAssembly", library: "@tensorflow/tfjs-backend-wasm" };
  }
  // Checked first, because without an adapter TensorFlow.js writes a stack trace to the console.
  if (await requestAdapter() === null) throw new BackendError(NO_ADAPTER, { code: "UNAVAILABLE" });
  const device = await registerWebGpu(tf);
  guardWindows(tf, "webgpu");
  return { device, library: "@tensorflow/tfjs-backend-webgpu", isGpu: true };
}

/**
 * Whether to choose WebGPU by default: only on a real GPU, not with a driver that computes on the
 * processor.
 */
export async function isWebGpuWorthwhile(): Promise<boolean> {
  const adapter = await requestAdapter();
  return adapter !== null && !adapter.info.isFallbackAdapter;
}

/**
 * The graphics adapter, if there is one. Mesa has a layer that orders the devices by their screens.
 * Without a screen this layer is turned off, because it would write lines to the standard error.
 */
export async function requestAdapter(): Promise<GPUAdapter | null> {
  const hasScreen = Deno.env.get("XDG_RUNTIME_DIR") !== undefined;
  if (Deno.build.os === "linux" && !hasScreen) Deno.env.set("NODEVICE_SELECT", "1");
  return await navigator.gpu?.requestAdapter() ?? null;
}
