import * as tf from "@tensorflow/tfjs";

/**
 * Runs a layer that takes rows [N, in] on a tensor with any axes before its last one. These axes
 * are joined to N for the layer, and restored in the result.
 */
export function onRows(x: tf.Tensor, layer: (rows: tf.Tensor) => tf.Tensor): tf.Tensor {
  if (x.rank === 2) return layer(x);
  const axes = x.shape.slice(0, -1), fanIn = x.shape.at(-1);
  if (fanIn === undefined) {
    throw new TypeError("Cannot run a layer: expected an input [..., channels], got a scalar");
  }
  const count = axes.reduce((product, size) => product * size, 1);
  return tf.tidy(() => {
    const result = layer(x.reshape([count, fanIn]));
    return result.reshape([...axes, ...result.shape.slice(1)]);
  });
}
