import * as tf from "@tensorflow/tfjs";
import { compile } from "lib/backend/mod.ts";
import { type AnyFunction, tensorsIn, withTensors } from "lib/grade/mod.ts";
import type { Operation } from "./wire.ts";

/** What the other process can ask for when it calls a function of this process. */
export const OPERATIONS: Record<Operation, (own: AnyFunction, args: unknown[]) => unknown> = {
  call: (own, args) => own(...args as never[]), // the other side knows the argument types
  compiled: (own, [name, ...args]) => callCompiled(own, String(name), args),
  gradients: (own, [place, dy, ...args]) =>
    gradientsOf(own, { place: Number(place), dy: dy as tf.Tensor | null, args }),
};

/** Records a function while it runs once, and calls what was recorded. */
function callCompiled(own: AnyFunction, name: string, args: unknown[]): unknown {
  let skeleton: unknown;
  const step = compile((tensors) => {
    skeleton = own(...withTensors(args, tensors as tf.Tensor[]) as never[]); // a list was passed
    return tensorsIn(skeleton);
  }, { mode: "graph", name });
  const results = step(tensorsIn(args));
  return withTensors(skeleton, results as tf.Tensor[]); // a list is returned
}

interface GradientsOptions {
  /** The index of the tensor among the tensors of the result. */
  readonly place: number;
  /** The gradient of the loss with respect to this tensor; null means all ones. */
  readonly dy: tf.Tensor | null;
  readonly args: readonly unknown[];
}

/** The gradient with respect to each float tensor among the arguments; null where none flows. */
function gradientsOf(own: AnyFunction, { place, dy, args }: GradientsOptions): unknown {
  const output = () => {
    const tensor = tensorsIn(own(...args as never[]))[place];
    if (tensor === undefined) throw new RangeError(`Cannot derive: expected a tensor ${place}`);
    return tensor;
  };
  const derive = (inputs: tf.Tensor[]): (tf.Tensor | null)[] => {
    const seed = dy ?? undefined; // the type asks for a scalar; any gradient of the output's shape works
    const { grads } = tf.engine().gradients(output, inputs, seed as tf.Scalar | undefined, true);
    const gradients: readonly (tf.Tensor | undefined)[] = grads; // the type omits the missing ones
    return gradients.map((gradient) => gradient ?? null);
  };
  const groups = args.map(floatsIn);
  try {
    return derive(groups.flat());
  } catch (error) {
    return deriveApart(derive, groups, error);
  }
}

function floatsIn(arg: unknown): tf.Tensor[] {
  return tensorsIn(arg).filter(({ dtype }) => dtype === "float32");
}

/** Some arguments, such as a mask, may have no gradient: then each argument is tried alone. */
function deriveApart(
  derive: (inputs: tf.Tensor[]) => (tf.Tensor | null)[],
  groups: readonly tf.Tensor[][],
  error: unknown,
): (tf.Tensor | null)[] {
  let isAny = false;
  const gradients = groups.flatMap((group) => {
    try {
      const found = derive(group);
      isAny ||= found.some((gradient) => gradient !== null);
      return found;
    } catch {
      return group.map(() => null);
    }
  });
  if (!isAny) throw error;
  return gradients;
}
