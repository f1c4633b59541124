import type * as tf from "@tensorflow/tfjs";

/**
 * Checks a tensor's shape against the expected sizes of its named axes.
 *
 * @param tensor The tensor to check.
 * @param axes One entry per axis: its letter and size, as in `{ B: 2, T: 7 }`; null for any size.
 * @param what The tensor's name in the message.
 * @throws {TypeError} If the number of axes or one of the sizes differs.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { assertShape } from "lib/tensor/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * await useBackend();
 * assertThrows(
 *   () => assertShape(tf.zeros([2, 7]), { B: 2, T: 6 }, "ids"),
 *   TypeError,
 *   "Cannot use ids: expected shape [B 2, T 6], got [2, 7]",
 * );
 * ```
 */
export function assertShape(
  tensor: tf.Tensor,
  axes: Readonly<Record<string, number | null>>,
  what: string,
): void {
  const sizes = Object.values(axes);
  const fits = sizes.length === tensor.shape.length &&
    sizes.every((size, axis) => size === null || size === tensor.shape[axis]);
  if (fits) return;
  const expected = Object.entries(axes).map(([axis, size]) =>
    size === null ? axis : `${axis} ${size}`
  );
  throw new TypeError(
    `Cannot use ${what}: expected shape [${expected.join(", ")}], got [${tensor.shape.join(", ")}]`,
  );
}
