import type * as tfjs from "@tensorflow/tfjs";
import { type Elements, sizeOf } from "../arrays/elements.ts";
import { permute } from "../arrays/permute.ts";
import { addProduct, batchPlaces, productOf } from "../arrays/product.ts";
import { addSegments, type Segments, segmentSumShape } from "../arrays/segment_sum.ts";
import type { KernelCall, KernelFunc } from "./tensorflow_backend.ts";

/**
 * The methods used of plain JavaScript's backend. It gives out its own arrays without a copy, and
 * keeps the arrays that it gets.
 */
interface PlainBackend {
  readSync(dataId: tfjs.DataId): Elements;
  write(values: Elements, shape: readonly number[], dtype: tfjs.DataType): tfjs.DataId;
}

const done = new WeakSet<KernelFunc>();

/**
 * Replaces kernels of plain JavaScript that are needlessly slow:
 *
 * - `UnsortedSegmentSum`, the gradient of every embedding, compared all ids with each row of the
 *   table: with 1000 tokens it took half of a step's time.
 * - `BatchMatMul` read its operands column by column.
 *
 * @param tf The TensorFlow.js in use.
 */
export function replacePlainKernels(tf: typeof tfjs): void {
  const replacements: Record<string, (original: KernelFunc) => KernelFunc> = {
    BatchMatMul: (original) => (call) => isOfFloats(call) ? multiply(tf, call) : original(call),
    UnsortedSegmentSum: () => unsortedSegmentSum,
  };
  for (const [kernelName, replacement] of Object.entries(replacements)) {
    const config = tf.getKernel(kernelName, "cpu");
    if (done.has(config.kernelFunc)) continue;
    const kernelFunc = replacement(config.kernelFunc);
    done.add(kernelFunc);
    tf.unregisterKernel(kernelName, "cpu");
    tf.registerKernel({ ...config, kernelFunc });
  }
}

function plainOf(call: KernelCall): PlainBackend {
  return call.backend as PlainBackend; // only kernels of this backend call this
}

function isOfFloats({ inputs }: KernelCall): boolean {
  return Object.values(inputs).every((input) => input?.dtype === "float32");
}

function multiply(tf: typeof tfjs, call: KernelCall): tfjs.TensorInfo {
  const backend = plainOf(call);
  // The op always has these inputs and attributes.
  const { a, b } = call.inputs as Record<"a" | "b", tfjs.TensorInfo>;
  const transposes = call.attrs as Record<"transposeA" | "transposeB", boolean>;
  const product = productOf(a, b, transposes), { rows, inner, columns } = product;
  const ofA = a.shape.slice(0, -2), ofB = b.shape.slice(0, -2);
  const batch = tf.backend_util.assertAndGetBroadcastShape(ofA, ofB);
  const left = rowByRow(backend, a, transposes.transposeA);
  const right = rowByRow(backend, b, transposes.transposeB);
  const shape = [...batch, rows, columns], out = new Float32Array(sizeOf(shape));
  const aPlace = batchPlaces(ofA, batch), bPlace = batchPlaces(ofB, batch);
  for (let i = 0; i < sizeOf(batch); i++) {
    addProduct(product, {
      a: part(left, aPlace(i), rows * inner),
      b: part(right, bPlace(i), inner * columns),
      out: part(out, i, rows * columns),
    });
  }
  return { dataId: backend.write(out, shape, "float32"), shape, dtype: "float32" };
}

/** The matrices in the order in which the product reads them. */
function rowByRow(
  backend: PlainBackend,
  { dataId, shape }: tfjs.TensorInfo,
  isTransposed: boolean,
): Float32Array {
  const values = backend.readSync(dataId) as Float32Array; // the tensor is float32
  if (!isTransposed) return values;
  const order = shape.map((_, axis) => axis), result = new Float32Array(values.length);
  order.splice(-2, 2, shape.length - 1, shape.length - 2);
  permute(values, result, shape, order);
  return result;
}

function part(values: Float32Array, place: number, size: number): Float32Array {
  return values.subarray(place * size, (place + 1) * size);
}

function unsortedSegmentSum(call: KernelCall): tfjs.TensorInfo {
  const backend = plainOf(call);
  // The op always has these inputs and this attribute.
  const segments = { ...call.inputs, ...call.attrs } as unknown as Segments;
  const { x, segmentIds } = segments, shape = segmentSumShape(segments);
  const sums = x.dtype === "float32"
    ? new Float32Array(sizeOf(shape))
    : new Int32Array(sizeOf(shape));
  addSegments(backend.readSync(x.dataId), backend.readSync(segmentIds.dataId), { sums, shape });
  const dtype = x.dtype === "float32" ? "float32" : "int32";
  return { dataId: backend.write(sums, shape, dtype), shape, dtype };
}
