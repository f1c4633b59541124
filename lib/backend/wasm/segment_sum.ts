import type * as tfjs from "@tensorflow/tfjs";
import { addSegments, type Segments, segmentSumShape } from "../arrays/segment_sum.ts";
import type { KernelCall } from "../tfjs/tensorflow_backend.ts";
import { elements, wasmOf } from "./wasm_heap.ts";

/**
 * The kernel `UnsortedSegmentSum`, which the package lacks: it is the gradient of `tf.gather`, and so of
 * every embedding.
 */
export function unsortedSegmentSum(call: KernelCall): tfjs.TensorInfo {
  const backend = wasmOf(call);
  // The op always has these inputs and this attribute.
  const segments = { ...call.inputs, ...call.attrs } as unknown as Segments;
  const shape = segmentSumShape(segments);
  const out = backend.makeOutput(shape, segments.x.dtype), { x, segmentIds } = segments;
  addSegments(elements(backend, x), elements(backend, segmentIds), {
    sums: elements(backend, out),
    shape,
  });
  return out;
}
