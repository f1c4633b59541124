import type * as tfjs from "@tensorflow/tfjs";
import type { KernelFunc } from "../tfjs/tensorflow_backend.ts";
import { floats, wasmOf } from "./wasm_heap.ts";

/**
 * Makes the kernel `Conv2DBackpropFilter`, which the package lacks: the gradient of a convolution
 * with respect to its filter. For each position of the filter it is a product of two matrices: the
 * inputs at that position, [channels in, outputs], by the gradient, [outputs, channels out].
 */
export function filterGradient(tf: typeof tfjs): KernelFunc {
  return (call) => {
    const backend = wasmOf(call);
    // The op always has these inputs and attributes.
    const { x, dy } = call.inputs as Record<"x" | "dy", tfjs.TensorInfo>;
    const { strides, pad, dataFormat, dimRoundingMode, filterShape } = call
      .attrs as unknown as tfjs.Conv2DBackpropFilterAttrs;
    const info = tf.backend_util.computeConv2DInfo(
      ...[x.shape as Four, filterShape, strides, 1, pad, dimRoundingMode, false] as const,
      tf.backend_util.convertConv2DDataFormat(dataFormat),
    );
    if (info.dataFormat !== "channelsLast") {
      throw new RangeError(
        `Cannot take the gradient of a filter: expected the data format NHWC, got ${dataFormat}`,
      );
    }
    const { filterHeight, filterWidth, inChannels, outChannels } = info;
    const outputs = info.batchSize * info.outHeight * info.outWidth;
    return tf.tidy(() => {
      // A kernel always gets tensors, although its type declares only `TensorInfo`.
      const dyRows = tf.reshape(dy as tfjs.Tensor, [outputs, outChannels]);
      const parts: tfjs.Tensor[] = [];
      for (let row = 0; row < filterHeight; row++) {
        for (let column = 0; column < filterWidth; column++) {
          const seen = tf.zeros([inChannels, outputs]);
          collectSeen(floats(backend, x), floats(backend, seen), info, { row, column });
          parts.push(tf.matMul(seen, dyRows));
          seen.dispose();
        }
      }
      return tf.stack(parts).reshape(filterShape);
    });
  };
}

type Four = [number, number, number, number];

/** Writes, for each output, the input at the filter's position `row`, `column`; 0 for padding. */
function collectSeen(
  x: Float32Array,
  seen: Float32Array,
  info: ReturnType<typeof tfjs.backend_util.computeConv2DInfo>,
  { row, column }: { readonly row: number; readonly column: number },
): void {
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth } = info;
  const { strideHeight, strideWidth, padInfo: { top, left } } = info;
  const outputs = batchSize * outHeight * outWidth;
  let output = 0;
  for (let image = 0; image < batchSize; image++) {
    for (let outY = 0; outY < outHeight; outY++) {
      const y = outY * strideHeight + row - top;
      for (let outX = 0; outX < outWidth; outX++, output++) {
        const inX = outX * strideWidth + column - left;
        if (y < 0 || y >= inHeight || inX < 0 || inX >= inWidth) continue;
        const start = ((image * inHeight + y) * inWidth + inX) * inChannels;
        for (let c = 0; c < inChannels; c++) seen[c * outputs + output] = x[start + c]!;
      }
    }
  }
}
