import * as tf from "@tensorflow/tfjs";
import type { Params } from "./params.ts";

/** What the forward pass of a {@linkcode differentiable} function gives. */
export interface Forward<Saved extends tf.Tensor[]> {
  /** The function's value. */
  readonly value: tf.Tensor;
  /** The tensors that the backward pass needs; they are kept until it has run. */
  readonly saved: readonly [...Saved];
}

/**
 * Makes a function of tensors that brings its own gradient.
 *
 * TensorFlow.js can find the gradient of any chain of its operations by itself. Where the
 * derivative has a shorter closed form, writing it down saves operations and memory: this is the
 * one way in which the layers of this library do so.
 *
 * @param forward From the inputs to the value and what `backward` needs of it.
 * @param backward From the gradient of the loss by the value (same shape as the value) to the
 *   gradient by each input, in their order and of their shapes.
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
    // tf.customGrad passes the inputs and, last, the function that saves; its type knows no order.
    const save = inputsAndSave.at(-1) as tf.GradSaveFunc;
    const inputs = inputsAndSave.slice(0, -1) as unknown as Inputs;
    const { value, saved } = forward(...inputs);
    save([...saved]);
    return {
      value,
      // What comes back is what was saved, in the same order.
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
  /** The derivative of the value by each parameter, of that parameter's shape. */
  readonly gradients: Params;
}

/**
 * Computes a scalar function of named tensors, and its gradient by each of them.
 *
 * @param params The tensors to differentiate by.
 * @param fn From the tensors to a scalar, by operations of TensorFlow.js; it must use each of them.
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
  // Unlike tf.valueAndGrads, the engine can be asked to leave gaps, so that the message names them.
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
