import * as tf from "@tensorflow/tfjs";

/**
 * Draws uniform numbers from a seed that is itself a tensor.
 *
 * The seed is an input and not a constant, so that a step that was recorded once draws new numbers
 * at each call. The numbers depend only on seed, stream and position: they are those of Philox
 * 4x32-10 (Salmon and others, "Parallel random numbers: as easy as 1, 2, 3", 2011) on every
 * backend, bit for bit. They are multiples of 2⁻¹⁶, because more bits would make a draw slower.
 *
 * @param shape The shape of the result.
 * @param seed int32 [2], for example one number for the run and one for the step.
 * @param stream A whole number from 0 on: draws with the same seed and different streams are
 *   independent.
 * @returns float32 in [0, 1); the caller owns it.
 * @throws {RangeError} If the stream is not a whole number from 0 on.
 * @throws {TypeError} If the seed is not int32 [2].
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { seededUniform } from "lib/tensor/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const seed = tf.tensor1d([1, 7], "int32");
 * const first = seededUniform([3], seed, 0), second = seededUniform([3], seed, 0);
 * assertEquals(first.dataSync(), second.dataSync());
 * ```
 */
export function seededUniform(
  shape: readonly number[],
  seed: tf.Tensor,
  stream: number,
): tf.Tensor {
  if (seed.dtype !== "int32" || seed.size !== 2 || seed.rank !== 1) {
    throw new TypeError(
      `Cannot draw: expected a seed of int32 [2], got ${seed.dtype} [${seed.shape}]`,
    );
  }
  if (!Number.isInteger(stream) || stream < 0) {
    throw new RangeError(`Cannot draw: expected a stream from 0 on, got ${stream}`);
  }
  // The engine gives one tensor for a kernel with one output.
  return tf.engine().runKernel("SeededUniform", { seed }, {
    shape: [...shape],
    stream,
  }) as tf.Tensor;
}
