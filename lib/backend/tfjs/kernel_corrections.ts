import type * as tfjs from "@tensorflow/tfjs";
import type { KernelCall, KernelFunc } from "./tensorflow_backend.ts";

/** The windows along one axis: their number, size and stride, and where the first begins. */
interface Axis {
  readonly size: number;
  readonly windows: number;
  readonly window: number;
  readonly stride: number;
  readonly before: number;
}

/**
 * Corrects kernels of TensorFlow.js's own packages:
 *
 * - `BatchMatMul` of a batch that is broadcast over some axes, such as [2, 1] over [2, 3]: plain
 *   JavaScript took the wrong matrices, and WebGPU refused.
 * - `AvgPoolGrad` and `AvgPool3DGrad`: a window at the edge is averaged over its elements without
 *   the padding, but its gradient was divided by the whole window's size.
 * - `ResizeBilinearGrad` of plain JavaScript had height and width exchanged in its shape, and
 *   `ResizeNearestNeighborGrad` in its values.
 *
 * @param tf The TensorFlow.js in use.
 * @param backend The name of the backend; all of its kernels are registered.
 */
export function correctKernels(tf: typeof tfjs, backend: string): void {
  replace(
    tf,
    { kernel: "BatchMatMul", backend },
    (original) => (call) => original({ ...call, inputs: withOneBatch(tf, call) }),
  );
  replace(
    tf,
    { kernel: "AvgPoolGrad", backend },
    (original) => (call) => original({ ...call, inputs: withShares(tf, call, axesOf2d(tf, call)) }),
  );
  replace(
    tf,
    { kernel: "AvgPool3DGrad", backend },
    (original) => (call) => original({ ...call, inputs: withShares(tf, call, axesOf3d(tf, call)) }),
  );
  if (backend !== "cpu") return;
  replace(tf, { kernel: "ResizeBilinearGrad", backend }, (original) => (call) => {
    const { images } = call.inputs as Record<"images", tfjs.TensorInfo>; // the op's first input
    const result = original(call);
    return Array.isArray(result) ? result : { ...result, shape: images.shape };
  });
  replace(tf, { kernel: "ResizeNearestNeighborGrad", backend }, () => nearestGradient);
}

/** Each element of the gradient goes to the pixel that it was copied from. */
function nearestGradient(call: KernelCall): tfjs.TensorInfo {
  // Every backend reads and writes; the op always has these inputs and this attribute.
  const backend = call.backend as PlainBackend;
  const { images, dy } = call.inputs as Record<"images" | "dy", tfjs.TensorInfo>;
  const { alignCorners } = call.attrs as { alignCorners: boolean };
  const [batch = 0, height = 0, width = 0, depth = 0] = images.shape;
  const [, rows = 0, columns = 0] = dy.shape;
  const from = backend.readSync(dy.dataId), to = new Float32Array(batch * height * width * depth);
  const yOf = nearest(height, rows, alignCorners), xOf = nearest(width, columns, alignCorners);
  let place = 0;
  for (let image = 0; image < batch; image++) {
    for (const y of yOf) {
      for (const x of xOf) {
        const start = ((image * height + y) * width + x) * depth;
        for (let c = 0; c < depth; c++) to[start + c] = to[start + c]! + from[place++]!;
      }
    }
  }
  const dataId = backend.write(to, images.shape, "float32");
  return { dataId, shape: images.shape, dtype: "float32" };
}

/**
 * For each of `count` new pixels, the index (below `size`) of the pixel from which the op copied
 * it.
 */
function nearest(size: number, count: number, alignCorners: boolean): number[] {
  const isAligned = alignCorners && count > 1;
  const scale = isAligned ? (size - 1) / (count - 1) : size / count;
  return Array.from({ length: count }, (_, i) => {
    const place = alignCorners ? Math.round(i * scale) : Math.floor(i * scale);
    return Math.min(place, size - 1);
  });
}

/** The methods used of plain JavaScript's backend. */
interface PlainBackend {
  readSync(dataId: tfjs.DataId): Float32Array;
  write(values: Float32Array, shape: readonly number[], dtype: "float32"): tfjs.DataId;
}

const done = new WeakSet<KernelFunc>();

function replace(
  tf: typeof tfjs,
  { kernel, backend }: { kernel: string; backend: string },
  replacement: (original: KernelFunc) => KernelFunc,
): void {
  const config = tf.getKernel(kernel, backend);
  if (config === undefined || done.has(config.kernelFunc)) return;
  const kernelFunc = replacement(config.kernelFunc);
  done.add(kernelFunc);
  tf.unregisterKernel(kernel, backend);
  tf.registerKernel({ ...config, kernelFunc });
}

/** The attributes of the gradients of pooling. */
interface Pool {
  readonly filterSize: number;
  readonly strides: number;
  readonly pad: "valid" | "same";
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
}

function poolOf({ inputs, attrs }: KernelCall) {
  // The ops always have these inputs and attributes.
  const { dy, input } = inputs as Record<"dy" | "input", tfjs.Tensor>;
  const { filterSize, strides, pad, dimRoundingMode } = attrs as unknown as Pool;
  return { dy, shape: input.shape, filterSize, strides, pad, dimRoundingMode };
}

function axesOf2d(tf: typeof tfjs, call: KernelCall): Axis[] {
  const { shape, filterSize, strides, pad, dimRoundingMode } = poolOf(call);
  const info = tf.backend_util.computePool2DInfo(
    ...[shape as [number, number, number, number], filterSize, strides] as const,
    ...[1, pad, dimRoundingMode] as const,
  );
  return [
    axis(info.inHeight, info.outHeight, [info.filterHeight, info.strideHeight, info.padInfo.top]),
    axis(info.inWidth, info.outWidth, [info.filterWidth, info.strideWidth, info.padInfo.left]),
  ];
}

function axesOf3d(tf: typeof tfjs, call: KernelCall): Axis[] {
  const { shape, filterSize, strides, pad, dimRoundingMode } = poolOf(call);
  const info = tf.backend_util.computePool3DInfo(
    ...[shape as [number, number, number, number, number], filterSize, strides] as const,
    ...[1, pad, dimRoundingMode] as const,
  );
  const { front, top, left } = info.padInfo;
  return [
    axis(info.inDepth, info.outDepth, [info.filterDepth, info.strideDepth, front]),
    axis(info.inHeight, info.outHeight, [info.filterHeight, info.strideHeight, top]),
    axis(info.inWidth, info.outWidth, [info.filterWidth, info.strideWidth, left]),
  ];
}

function axis(
  size: number,
  windows: number,
  [window, stride, before]: readonly [number, number, number],
): Axis {
  return { size, windows, window, stride, before };
}

/** For each window, its size divided by the size of its part inside the input. */
function shares({ size, windows, window, stride, before }: Axis): number[] {
  return Array.from({ length: windows }, (_, i) => {
    const start = i * stride - before, inside = Math.min(start + window, size) - Math.max(start, 0);
    return window / Math.max(inside, 1);
  });
}

/** The inputs, with the gradient scaled so that the packages' kernels give the right result. */
function withShares(
  tf: typeof tfjs,
  call: KernelCall,
  axes: readonly Axis[],
): KernelCall["inputs"] {
  const { dy } = poolOf(call), perAxis = axes.map(shares);
  if (perAxis.flat().every((share) => share === 1)) return call.inputs;
  const scaled = tf.tidy(() =>
    perAxis.reduce<tfjs.Tensor>((x, factors, place) => {
      const shape = axes.map((_, other) => other === place ? factors.length : 1);
      return x.mul(tf.tensor(factors, [1, ...shape, 1]));
    }, dy)
  );
  return { ...call.inputs, dy: scaled };
}

/** The inputs with both batches expanded to one shape, if one is broadcast; otherwise unchanged. */
function withOneBatch(tf: typeof tfjs, { inputs }: KernelCall): KernelCall["inputs"] {
  // The op always has these inputs. A kernel always gets tensors, although its type declares less.
  const { a, b } = inputs as Record<"a" | "b", tfjs.Tensor>;
  const ofA = a.shape.slice(0, -2), ofB = b.shape.slice(0, -2);
  const whole = tf.backend_util.assertAndGetBroadcastShape(ofA, ofB);
  const isPart = [ofA, ofB].some((batch) => {
    const count = tf.util.sizeFromShape(batch);
    return count > 1 && count < tf.util.sizeFromShape(whole);
  });
  if (!isPart) return inputs;
  const spread = (x: tfjs.Tensor) => tf.broadcastTo(x, [...whole, ...x.shape.slice(-2)]);
  return { ...inputs, a: spread(a), b: spread(b) };
}
