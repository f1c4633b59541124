import type * as tfjs from "@tensorflow/tfjs";
import { borrowKernel, borrowKernels } from "../tfjs/borrowed_kernels.ts";
import type { KernelFunc } from "../tfjs/tensorflow_backend.ts";
import { type OpenedDevice, RemoteBackend } from "./remote_backend.ts";

/**
 * Kernels that fail on Deno's WebGPU, or that read values which the device has not computed yet.
 */
const UNFIT = ["DenseBincount", "NonMaxSuppressionV3", "NonMaxSuppressionV5"];

/**
 * Registers the backend `webgpu`, on a device in its own thread. It has all kernels that plain
 * JavaScript has: those that TensorFlow.js has for graphics devices, and the other ones borrowed
 * from plain JavaScript.
 *
 * An input without elements also goes to plain JavaScript's kernel, because a device refuses to
 * start zero threads.
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
      // Only kernels of this backend are registered here.
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
