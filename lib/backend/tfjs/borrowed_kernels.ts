import type * as tfjs from "@tensorflow/tfjs";
import type { KernelCall, KernelFunc } from "./tensorflow_backend.ts";

/** The methods used of a backend that lends or borrows kernels. */
interface ReadableBackend {
  readSync(dataId: tfjs.DataId): tfjs.BackendValues;
  write(values: tfjs.BackendValues, shape: number[], dtype: tfjs.DataType): tfjs.DataId;
  disposeData(dataId: tfjs.DataId, force?: boolean): boolean;
}

/**
 * Kernels that are not lent: those of complex numbers, which are two tensors each, and one that
 * draws on a canvas.
 */
const NOT_LENT: ReadonlySet<string> = new Set([
  ...["Complex", "ComplexAbs", "Real", "Imag", "FFT", "IFFT"],
  "Draw",
]);

/**
 * Gives a backend each kernel that it lacks but plain JavaScript has: the inputs are copied to
 * plain JavaScript, and the results are copied back. So no operation and no gradient is missing.
 * These kernels are slow, but there are only a few.
 *
 * @param tf The TensorFlow.js in use, with all kernels of the backend registered.
 * @param backendName The backend; its values can be read synchronously.
 * @param wrong Kernels of the backend that give wrong numbers.
 */
export function borrowKernels(
  tf: typeof tfjs,
  backendName: string,
  wrong: readonly string[] = [],
): void {
  for (const { kernelName } of tf.getKernelsForBackend("cpu")) {
    const own = tf.getKernel(kernelName, backendName), kernelFunc = borrowKernel(tf, kernelName);
    if (kernelFunc === undefined || own !== undefined && !wrong.includes(kernelName)) continue;
    if (own !== undefined) tf.unregisterKernel(kernelName, backendName);
    tf.registerKernel({ kernelName, backendName, kernelFunc });
  }
}

/**
 * Plain JavaScript's kernel, for a backend whose values can be read synchronously; undefined if it
 * is not lent.
 */
export function borrowKernel(tf: typeof tfjs, kernelName: string): KernelFunc | undefined {
  const plain = tf.getKernel(kernelName, "cpu");
  if (plain === undefined || NOT_LENT.has(kernelName)) return undefined;
  return borrowed(tf, plain.kernelFunc);
}

function borrowed(tf: typeof tfjs, kernel: KernelFunc): KernelFunc {
  return ({ inputs, backend, attrs }: KernelCall) => {
    // Every backend of TensorFlow.js has the methods to read, write and dispose.
    const here = backend as ReadableBackend, plain = tf.findBackend("cpu") as ReadableBackend;
    const lent: tfjs.DataId[] = [];
    const lend = ({ dataId, shape, dtype }: tfjs.TensorInfo): tfjs.TensorInfo => {
      const copy = plain.write(here.readSync(dataId), shape, dtype);
      lent.push(copy);
      // Some kernels also read `rank`, which the type of inputs does not declare.
      return Object.assign({ dataId: copy, shape, dtype }, { rank: shape.length });
    };
    const takeBack = ({ dataId, shape, dtype }: tfjs.TensorInfo): tfjs.TensorInfo => {
      const result = { dataId: here.write(plain.readSync(dataId), shape, dtype), shape, dtype };
      plain.disposeData(dataId);
      return result;
    };
    try {
      const copies: tfjs.NamedTensorInfoMap = Object.assign(Array.isArray(inputs) ? [] : {});
      for (const [name, input] of Object.entries(inputs)) {
        if (input !== undefined && input !== null) copies[name] = lend(input);
      }
      const result = kernel({ inputs: copies, backend: plain, ...(attrs && { attrs }) });
      return Array.isArray(result) ? result.map(takeBack) : takeBack(result);
    } finally {
      for (const copy of lent) plain.disposeData(copy);
    }
  };
}
