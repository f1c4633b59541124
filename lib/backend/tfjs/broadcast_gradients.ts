import type * as tfjs from "@tensorflow/tfjs";

/**
 * Operations of two tensors whose gradients always have the result's shape, even if the operand's
 * shape differs.
 */
const NAMES = ["BatchMatMul", "Maximum", "Minimum", "SquaredDifference"];

const done = new Set<string>();

/**
 * Completes gradients that TensorFlow.js has only for operands of equal shapes. If an operand was
 * broadcast over some axes of the other, its gradient is the sum over these axes. TensorFlow.js
 * refused this case.
 *
 * @param tf The TensorFlow.js in use.
 */
export function completeBroadcastGradients(tf: typeof tfjs): void {
  for (const kernelName of NAMES) {
    const config = tf.getGradient(kernelName);
    if (config === undefined || done.has(kernelName)) continue;
    done.add(kernelName);
    tf.unregisterGradient(kernelName);
    tf.registerGradient({
      ...config,
      gradFunc: (dy, saved, attrs) => {
        const gradients = config.gradFunc(dy, saved, attrs);
        const [a, b] = saved; // all of them save their operands
        return {
          ...gradients,
          a: () => summedTo(gradients.a?.(), a),
          b: () => summedTo(gradients.b?.(), b),
        };
      },
    });
  }
}

function summedTo(
  gradient: tfjs.Tensor | undefined,
  operand: tfjs.Tensor | undefined,
): tfjs.Tensor {
  if (gradient === undefined || operand === undefined) {
    throw new TypeError("Cannot take a gradient: expected two operands, got fewer");
  }
  const { shape } = operand, missing = gradient.rank - shape.length;
  const axes = gradient.shape.flatMap((length, axis) => {
    const own = axis < missing ? undefined : shape[axis - missing];
    return own === length ? [] : [axis];
  });
  return axes.length === 0 ? gradient : gradient.sum(axes).reshape(shape);
}
