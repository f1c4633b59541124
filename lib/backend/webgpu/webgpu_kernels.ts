import type * as tfjs from "@tensorflow/tfjs";
import { borrowKernel, borrowKernels } from "../tfjs/borrowed_kernels.ts";
import type { KernelFunc } from "../tfjs/tensorflow_backend.ts";
import { type OpenedDevice, RemoteBackend } from "./remote_backend.ts";

/** Kernels that Deno's WebGPU refuses, and that want to read what the device has not computed yet. */
const UNFIT = ["DenseBincount", "NonMaxSuppressionV3", "NonMaxSuppressionV5"];

/**
 * Registers the backend `webgpu`, on a device in a thread of its own, with all kernels of plain
 * JavaScript: those that TensorFlow.js has for graphics devices, and the others borrowed.
 *
 * A kernel with an input of no elements is plain JavaScript's too: a device refuses to start nothing.
 *
 * @param tf The TensorFlow.js in use.
 * @returns The adapter's name.
 * @throws {BackendError} With the code `UNAVAILABLE`, if there is no device.
 */
export async function registerWebGpu(tf: typeof tfjs): Promise<string> {
  const opened: OpenedDevice = await RemoteBackend.open();
  tf.registerBackend("webgpu", () => opened.backend, 2);
  for (const kernelName of opened.kernels) {
    if (tf.getKernel(kernelName, "webgpu") !== undefined) continue;
    const remote: KernelFunc = (call) => {
      // The kernels that ask are registered for this one.
      const outputs = (call.backend as RemoteBackend).runKernel(kernelName, call);
      const [output] = outputs;
      return outputs.length === 1 && output !== undefined ? output : outputs;
    };
    const plain = borrowKernel(tf, kernelName) ?? remote;
    const kernelFunc: KernelFunc = (call) => hasEmptyInput(call) ? plain(call) : remote(call);
    tf.registerKernel({ kernelName, backendName: "webgpu", kernelFunc });
  }
  borrowKernels(tf, "webgpu", UNFIT);
  return opened.device;
}

function hasEmptyInput({ inputs }: Parameters<KernelFunc>[0]): boolean {
  return Object.values(inputs).some((input) => input?.shape.includes(0));
}
