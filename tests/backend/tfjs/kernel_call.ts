import * as tf from "@tensorflow/tfjs";

/** The inputs of a kernel: by name, or in a row where it takes any number. */
export type KernelInputs = Record<string, tf.Tensor> | tf.Tensor[];

/** One call of one kernel, on tensors made anew each time it is asked for them. */
export interface KernelCall {
  readonly kernel: string;
  readonly inputs: () => KernelInputs;
  readonly attrs: Readonly<Record<string, unknown>>;
}

/** Makes one tensor. */
export type Make = () => tf.Tensor;

/** Numbers in (0, 1), all different: where every function of the table has a finite value. */
export function f(...shape: number[]): Make {
  return () => {
    const size = shape.reduce((product, length) => product * length, 1);
    return tf.tensor(Float32Array.from({ length: size }, (_, i) => ((i * 7) % 31 + 1) / 33), shape);
  };
}

/** Numbers from one up, so that no int32 made of them is a zero. */
export function up(...shape: number[]): Make {
  return () => tf.tidy(() => f(...shape)().mul(5).add(1));
}

export function i(values: number[], shape: number[] = [values.length]): Make {
  return () => tf.tensor(values, shape, "int32");
}

export function b(values: number[], shape: number[] = [values.length]): Make {
  return () => tf.tensor(values, shape, "bool");
}

export function call(
  kernel: string,
  inputs: Record<string, Make> | Make[],
  attrs = {},
): KernelCall {
  return {
    kernel,
    attrs,
    inputs: () =>
      Array.isArray(inputs)
        ? inputs.map((make) => make())
        : Object.fromEntries(Object.entries(inputs).map(([name, make]) => [name, make()])),
  };
}
