import type * as tfjs from "@tensorflow/tfjs";
import type { KernelCall } from "../tfjs/tensorflow_backend.ts";
import { elements, sizeOf, wasmOf } from "./wasm_heap.ts";

/**
 * The kernel `UnsortedSegmentSum`, which the package lacks: each row of `x` is added to the row of the
 * result that its id names. It is the gradient of `tf.gather`, and so of every embedding. A row whose id
 * is negative or too large is left out, as in plain JavaScript.
 */
export function unsortedSegmentSum(call: KernelCall): tfjs.TensorInfo {
  const backend = wasmOf(call);
  // The op always has these inputs and this attribute.
  const { x, segmentIds } = call.inputs as Record<"x" | "segmentIds", tfjs.TensorInfo>;
  const { numSegments } = call.attrs as { numSegments: number };
  const rank = segmentIds.shape.length, rowShape = x.shape.slice(rank);
  const isFit = segmentIds.shape.every((length, axis) => x.shape[axis] === length);
  if (!isFit || segmentIds.dtype !== "int32") {
    throw new TypeError(
      `Cannot add up segments: expected ids int32 of the first axes of [${x.shape}], got ` +
        `${segmentIds.dtype} [${segmentIds.shape}]`,
    );
  }
  const out = backend.makeOutput([numSegments, ...rowShape], x.dtype);
  const from = elements(backend, x),
    ids = elements(backend, segmentIds),
    rowSize = sizeOf(rowShape);
  const to = elements(backend, out);
  to.fill(0);
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row]!;
    if (id < 0 || id >= numSegments) continue;
    const start = row * rowSize, target = id * rowSize;
    for (let i = 0; i < rowSize; i++) to[target + i] = to[target + i]! + from[start + i]!;
  }
  return out;
}
