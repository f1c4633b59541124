import * as tf from "@tensorflow/tfjs";
import { type AnyFunction, isRecord, tensorsIn, withTensors } from "lib/grade/mod.ts";

/** The shape and the dtype of a tensor: all that a trace needs to know. */
export interface TensorForm {
  /** The size of each axis. */
  readonly shape: readonly number[];
  /** The kind of its numbers. */
  readonly dtype: tf.DataType;
}

/** Where an operation's input comes from. */
export type Source =
  /** The index of a tensor that was given. */
  | { readonly given: number }
  /** A result of an earlier operation. */
  | { readonly step: number; readonly output: number }
  /** A tensor that the function makes itself. */
  | { readonly constant: tf.Tensor };

/** One operation of TensorFlow.js. */
export interface TracedStep {
  /** Its name. */
  readonly kernel: string;
  /** Its inputs by their names; a list if it takes any number of them. */
  readonly inputs: Readonly<Record<string, Source>> | readonly Source[];
  /** Its settings. */
  readonly settings: Readonly<Record<string, unknown>>;
}

/** The operations of a function of tensors. */
export interface Trace {
  /** The operations in their order. */
  readonly steps: readonly TracedStep[];
  /** The result, in which each tensor is replaced by its index. */
  readonly result: unknown;
  /** Where the result's tensors come from. */
  readonly outputs: readonly Source[];
}

/**
 * Records the operations of a function of tensors. The function runs once, on zeros, so it must not read
 * values.
 *
 * @param traced The function.
 * @param args Its arguments, as {@linkcode withoutTensors} gives them: an index in place of each tensor.
 * @param forms The forms of the tensors, as {@linkcode formsOf} gives them.
 * @returns The operations; the caller disposes of the constants.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { formsOf, replay, trace, withoutTensors } from "lib/remote/mod.ts";
 * import * as tf from "@tensorflow/tfjs";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend({ onNotice: () => {} });
 * const twice = (x: tf.Tensor) => x.add(x);
 * const x = tf.tensor1d([1, 5]);
 * const noted = trace(twice, [withoutTensors(x)], formsOf(x));
 * assertEquals(noted.steps.map(({ kernel }) => kernel), ["Add"]);
 * const result = replay(noted, [x]) as tf.Tensor;
 * assertEquals([...result.dataSync()], [2, 10]);
 * ```
 */
export function trace(
  traced: AnyFunction,
  args: readonly unknown[],
  forms: readonly TensorForm[],
): Trace {
  const given = forms.map(({ shape, dtype }) => tf.zeros([...shape], dtype));
  const notes = new Notes(given), found: Trace[] = [];
  try {
    tf.tidy(() => {
      // The other side knows the argument types.
      const result = notes.during(() => traced(...withForms(args, given) as never[]));
      const outputs = tensorsIn(result).map((one) => notes.sourceOf(one));
      found.push({ steps: notes.steps, outputs, result: withoutTensors(result) });
    });
  } finally {
    tf.dispose(given);
  }
  const [noted] = found;
  if (noted === undefined) throw new RangeError("Cannot trace: expected a result, got none");
  return noted;
}

/** Records operations, and where each tensor comes from. */
class Notes {
  readonly steps: TracedStep[] = [];
  readonly #sources: Map<number, Source>;

  constructor(given: readonly tf.Tensor[]) {
    this.#sources = new Map(given.map(({ id }, i) => [id, { given: i }]));
  }

  /** Where a tensor comes from; an unknown tensor is a constant, and a copy of it is kept. */
  sourceOf(tensor: tf.Tensor): Source {
    return this.#sources.get(tensor.id) ?? { constant: tf.keep(tensor.clone()) };
  }

  /** Runs a function and records its operations; operations inside an operation are not recorded. */
  during<T>(act: () => T): T {
    const engine = tf.engine(), { runKernel } = engine;
    const noting: typeof runKernel = (kernel, inputs, settings) => {
      engine.runKernel = runKernel;
      try {
        const sources = this.#sourcesOf(inputs);
        const result = runKernel.call(engine, kernel, inputs, settings);
        for (const [output, { id }] of [result].flat().entries()) {
          this.#sources.set(id, { step: this.steps.length, output });
        }
        this.steps.push({ kernel, inputs: sources, settings: { ...settings } });
        return result as never; // the engine's own result; the caller chooses the type
      } finally {
        engine.runKernel = noting;
      }
    };
    engine.runKernel = noting;
    try {
      return act();
    } finally {
      engine.runKernel = runKernel;
    }
  }

  #sourcesOf(inputs: tf.NamedTensorMap): TracedStep["inputs"] {
    const named = Object.entries(inputs).flatMap(([name, input]: [string, unknown]) =>
      input instanceof tf.Tensor ? [[name, this.sourceOf(input)] as const] : []
    );
    return Array.isArray(inputs) ? named.map(([, one]) => one) : Object.fromEntries(named);
  }
}

/**
 * Runs the operations of a trace on tensors: gradients flow, and a compiled step can record them.
 *
 * @param traced The recorded operations; their constants are not disposed of.
 * @param given The tensors.
 * @returns What the function would have returned.
 */
export function replay({ steps, result, outputs }: Trace, given: readonly tf.Tensor[]): unknown {
  const made: tf.Tensor[][] = [];
  const tensorOf = (source: Source): tf.Tensor => {
    if ("constant" in source) return source.constant;
    const tensor = "given" in source ? given[source.given] : made[source.step]?.[source.output];
    if (tensor === undefined) throw new RangeError("Cannot replay: expected a tensor, got none");
    return tensor;
  };
  for (const { kernel, inputs, settings } of steps) {
    const tensors = Array.isArray(inputs)
      ? inputs.map(tensorOf)
      : Object.fromEntries(Object.entries(inputs).map(([name, one]) => [name, tensorOf(one)]));
    // Kernels with any number of inputs take a list, which the type of `runKernel` does not allow.
    const results = tf.engine().runKernel<tf.Tensor | tf.Tensor[]>(
      kernel,
      tensors as unknown as tf.NamedTensorMap,
      settings as unknown as tf.NamedAttrMap, // as the engine had them on the other side
    );
    made.push([results].flat());
  }
  return withForms(result, outputs.map(tensorOf));
}

/** A tensor is replaced by a record with this one member: its index among the tensors. */
const PLACE = "the tensor's place";

/**
 * Copies a value, with an index in place of each tensor.
 *
 * @param value Tensors, lists and records of them, and other data.
 */
export function withoutTensors(value: unknown): unknown {
  const places = tensorsIn(value).map((_, place) => ({ [PLACE]: place }));
  return withTensors(value, places as unknown as tf.Tensor[]); // records in the places of the tensors
}

/**
 * The forms of the tensors in a value, in the order of their indices.
 *
 * @param value Tensors, lists and records of them, and other data.
 */
export function formsOf(value: unknown): TensorForm[] {
  return tensorsIn(value).map(({ shape, dtype }) => ({ shape: [...shape], dtype }));
}

/** Puts a tensor in place of each index. */
function withForms(value: unknown, tensors: readonly tf.Tensor[]): unknown {
  if (Array.isArray(value)) return value.map((part) => withForms(part, tensors));
  if (!isRecord(value)) return value;
  const place = value[PLACE];
  if (typeof place === "number") return tensors[place];
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, withForms(part, tensors)]),
  );
}
