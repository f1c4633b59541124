import * as tf from "@tensorflow/tfjs";
import type { Params } from "./params.ts";

/** What the forward pass of a {@linkcode differentiable} function returns. */
export interface Forward<Saved extends tf.Tensor[]> {
  /** The function's value. */
  readonly value: tf.Tensor;
  /** The tensors that the backward pass needs; they are kept until it has run. */
  readonly saved: readonly [...Saved];
}

/**
 * Makes a function of tensors that has its own gradient.
 *
 * TensorFlow.js can find the gradient of any chain of its operations by itself. If the derivative
 * has a shorter closed form, using that form saves operations and memory. The layers of this
 * library do this only with this function.
 *
 * @param forward Computes the value from the inputs, and gives the tensors that `backward` needs.
 * @param backward Computes, from the gradient of the loss with respect to the value (same shape as
 *   the value), the gradient with respect to each input, in their order and of their shapes.
 * @returns A function of the same inputs, to be used like any operation; the caller owns its value.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { differentiable } from "lib/tensor/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const cube = differentiable(
 *   (x: tf.Tensor) => ({ value: x.mul(x).mul(x), saved: [x] }),
 *   (dy, x) => [dy.mul(x).mul(x).mul(3)],
 * );
 * assertEquals([...tf.grad((x) => cube(x))(tf.tensor1d([1, 2])).dataSync()], [3, 12]);
 * ```
 */
export function differentiable<
  Inputs extends readonly tf.Tensor[],
  Saved extends tf.Tensor[],
>(
  forward: (...inputs: Inputs) => Forward<Saved>,
  backward: (dy: tf.Tensor, ...saved: Saved) => { [K in keyof Inputs]: tf.Tensor },
): (...inputs: Inputs) => tf.Tensor {
  const op = tf.customGrad((...inputsAndSave) => {
    // tf.customGrad passes the inputs and, last, the function that saves; its type does not give
    // this order.
    const save = inputsAndSave.at(-1) as tf.GradSaveFunc;
    const inputs = inputsAndSave.slice(0, -1) as unknown as Inputs;
    const { value, saved } = forward(...inputs);
    save([...saved]);
    return {
      value,
      // TensorFlow.js passes back the saved tensors, in the same order.
      gradFunc: (dy: tf.Tensor, kept: tf.Tensor[]) => [
        ...backward(dy, ...(kept as unknown as Saved)),
      ],
    };
  });
  return (...inputs) => op(...inputs);
}

/** A value and its gradients, as {@linkcode valueAndGradients} gives them. */
export interface ValueAndGradients {
  /** The value, a scalar. */
  readonly value: tf.Tensor;
  /** The derivative of the value with respect to each parameter, of that parameter's shape. */
  readonly gradients: Params;
}

/**
 * Computes a scalar function of named tensors, and its gradient with respect to each of them.
 *
 * @param params The tensors with respect to which to differentiate.
 * @param fn Computes a scalar from the tensors with operations of TensorFlow.js; it must use each
 *   tensor.
 * @returns Value and gradients; the caller owns both.
 * @throws {RangeError} If the value does not depend on one of the parameters.
 * @throws {TypeError} If the value is not a scalar.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { param, valueAndGradients } from "lib/tensor/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const params = { x: tf.tensor1d([1, 2]) };
 * const { value, gradients } = valueAndGradients(params, (p) => param(p, "x").square().sum());
 * assertEquals(value.arraySync(), 5);
 * assertEquals(param(gradients, "x").arraySync(), [2, 4]);
 * ```
 */
export function valueAndGradients(
  params: Params,
  fn: (params: Params) => tf.Tensor,
): ValueAndGradients {
  const scalarOf = () => {
    const result = fn(params);
    if (result.rank !== 0) {
      throw new TypeError(`Cannot differentiate: expected a scalar, got shape [${result.shape}]`);
    }
    return result;
  };
  // Unlike tf.valueAndGrads, the engine can leave out missing gradients, so that the message can
  // name them.
  const { value, grads } = tf.engine().gradients(scalarOf, Object.values(params), undefined, true);
  const gradients: Record<string, tf.Tensor> = {}, unused: string[] = [];
  for (const [i, name] of Object.keys(params).entries()) {
    const gradient = grads[i];
    if (gradient) gradients[name] = gradient;
    else unused.push(name);
  }
  if (unused.length === 0) return { value, gradients };
  tf.dispose([value, ...Object.values(gradients)]);
  throw new RangeError(
    `Cannot differentiate: expected a value that depends on every parameter, got one that ` +
      `does not on ${unused.join(", ")}`,
  );
}
