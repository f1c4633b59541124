import * as tf from "@tensorflow/tfjs";
import { BackendError } from "lib/core/mod.ts";
import { AttributeType } from "./_attributes.ts";
import type { Binding } from "./binding.ts";
import { Graph } from "./graph.ts";
import type { TensorMetadata } from "./op_sink.ts";
import { type Precision, Recorder } from "./recorder.ts";
import { flatten, type TensorTree, unflatten } from "./tensor_tree.ts";
import { tensorFlowBinding } from "./use_backend.ts";

/** How a recorded step is carried out. */
export type CompileMode = "xla" | "graph" | "off";

/** A program was recorded, because inputs of these shapes came for the first time. */
export interface CompileEvent {
  /** The step's name. */
  readonly name: string;
  /** How it will be carried out. */
  readonly mode: CompileMode;
  /** How many operations it has. */
  readonly operations: number;
  /** How many tensors from outside the step became constants. */
  readonly captured: number;
  /** Programs that the step has now. */
  readonly programs: number;
}

/** What {@linkcode compile} may be told. */
export interface CompileOptions {
  /** `xla` (default) makes machine code, `graph` optimises the graph, `off` runs op by op. */
  readonly mode?: CompileMode;
  /** Whether matrix products are computed in bfloat16; default `float32`. */
  readonly precision?: Precision;
  /** The step's name in messages and profiles; default the function's own. */
  readonly name?: string;
  /** How many programs are kept, the least recently used goes first; default 64. */
  readonly maxPrograms?: number;
  /** Told of each recording. */
  readonly onCompile?: (event: CompileEvent) => void;
}

/** What of tfjs-node's backend a compiled step uses. */
interface TensorFlowBackend {
  getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
  getDTypeInteger(dtype: tf.DataType): number;
  createOutputTensor(metadata: TensorMetadata): tf.Tensor;
}

interface Program {
  readonly functionName: string;
  readonly outputCount: number;
  /** Where the outputs go in the result. */
  readonly result: TensorTree<number>;
}

let functionCount = 0;
const DEFAULT_MAX_PROGRAMS = 64;

/**
 * Makes a pure function of tensors run as one call to TensorFlow.
 *
 * The first time inputs of some shapes come, the function runs once with stand-ins that have shapes
 * and no values, and its ops are written down as a TensorFlow function; from then on each call is
 * one call of that. What it computes may depend on its inputs only: other tensors that it uses
 * become constants, and whatever cannot be recorded is refused with the cure.
 *
 * @param step From a tree of tensors (arrays and records, nested) to one, by ops of TensorFlow.js.
 * @param options Mode, precision, bound of the cache.
 * @returns A function of the same type; the caller owns its outputs and still owns the inputs. Where
 *   TensorFlow is not in use, and in mode `off`, it runs op by op.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { compile, useBackend } from "lib/backend/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const distance = compile(({ a, b }: { a: tf.Tensor; b: tf.Tensor }) => a.sub(b).square().sum());
 * assertEquals(distance({ a: tf.tensor1d([1, 2]), b: tf.tensor1d([4, 6]) }).arraySync(), 25);
 * ```
 */
export function compile<In extends TensorTree, Out extends TensorTree>(
  step: (input: In) => Out,
  options: CompileOptions = {},
): (input: In) => Out {
  const { mode = "xla", maxPrograms = DEFAULT_MAX_PROGRAMS } = options;
  const programs = new Map<string, Program>();
  const runOpByOp = (input: In) => tf.tidy(() => step(input) as tf.TensorContainer) as Out;
  if (mode === "off") return runOpByOp;
  return (input) => {
    if (tf.getBackend() !== "tensorflow") return runOpByOp(input);
    const { leaves, key } = flatten(input);
    let program = programs.get(key);
    if (program === undefined) {
      program = record(step, input, { ...options, programs: programs.size + 1 });
    }
    programs.delete(key); // a map keeps the order of insertion: the oldest is the least used
    programs.set(key, program);
    if (programs.size > maxPrograms) removeOldest(programs);
    // The recorded result has the shape that `step` gave it.
    return run(program, leaves, mode) as Out;
  };
}

function run(program: Program, leaves: readonly tf.Tensor[], mode: CompileMode): unknown {
  const backend = tf.backend() as unknown as TensorFlowBackend; // the backend is "tensorflow"
  const outputs = tensorFlowBinding().executeOp(
    program.functionName,
    mode === "xla" ? [{ name: "_XlaMustCompile", type: AttributeType.BOOL, value: true }] : [],
    backend.getInputTensorIds(leaves),
    program.outputCount,
  );
  const tensors = outputs.map((output) => backend.createOutputTensor(output));
  return unflatten(program.result, tensors);
}

function removeOldest(programs: Map<string, Program>): void {
  const [oldest] = programs;
  if (oldest === undefined) return;
  const [key, { functionName }] = oldest;
  using graph = new Graph(tensorFlowBinding().context);
  graph.removeFunction(functionName);
  programs.delete(key);
}

function record<In extends TensorTree, Out extends TensorTree>(
  step: (input: In) => Out,
  input: In,
  options: CompileOptions & { programs: number },
): Program {
  const { mode = "xla", precision = "float32", programs, onCompile } = options;
  const name = options.name ?? (step.name || "step");
  const binding = tensorFlowBinding();
  using graph = new Graph(binding.context);
  const recorder = new Recorder(graph, binding.native, precision);
  const { inputs, result, outputs } = recordInto(recorder, binding, step, input);
  const functionName = `${name.replace(/\W/g, "_")}_${functionCount++}`;
  const places = outputs.map((id) => recorder.outputOf(id));
  graph.toFunction(functionName, inputs.map((id) => recorder.outputOf(id)), places);
  refuseVariables(recorder.captured);
  recorder.finish();
  const { operationCount: operations } = graph;
  onCompile?.({ name, mode, operations, captured: recorder.captured.length, programs });
  return { functionName, outputCount: places.length, result };
}

function recordInto<In extends TensorTree, Out extends TensorTree>(
  recorder: Recorder,
  binding: Binding,
  step: (input: In) => Out,
  input: In,
) {
  const backend = tf.backend() as unknown as TensorFlowBackend; // the backend is "tensorflow"
  const { leaves, tree } = flatten(input);
  return binding.runThrough(recorder, () =>
    withoutRandom(() =>
      tf.tidy(() => {
        const metadata = leaves.map((leaf) =>
          recorder.input(leaf.shape, backend.getDTypeInteger(leaf.dtype))
        );
        const standIns = metadata.map((one) => backend.createOutputTensor(one));
        const result = flatten(step(unflatten(tree, standIns) as In));
        return {
          inputs: metadata.map(({ id }) => id),
          outputs: backend.getInputTensorIds(result.leaves),
          result: result.tree,
        } as unknown as tf.TensorContainer; // numbers only: tidy has nothing to keep
      })
    )) as unknown as { inputs: number[]; outputs: number[]; result: TensorTree<number> };
}

/** Makes JavaScript's unseeded random numbers an error: recorded, a draw would never change again. */
function withoutRandom<T>(work: () => T): T {
  const { random } = Math;
  Math.random = () => {
    throw new BackendError(
      "Cannot record a step: expected no random draw of JavaScript inside it, got one\n" +
        "Cure: draw by seededUniform(), whose seed is an input, or outside the step",
      { code: "FAILED_PRECONDITION" },
    );
  };
  try {
    return work();
  } finally {
    Math.random = random;
  }
}

/** A variable's value is meant to change; as a constant it could not. */
function refuseVariables(captured: readonly number[]): void {
  const backend = tf.backend() as unknown as TensorFlowBackend; // the backend is "tensorflow"
  const variables = Object.values(tf.engine().registeredVariables);
  const ids = new Set(captured);
  const used = variables.find((variable) => ids.has(backend.getInputTensorIds([variable])[0] ?? 0));
  if (used === undefined) return;
  throw new BackendError(
    `Cannot record a step: expected its inputs as arguments, got the variable "${used.name}" from ` +
      "outside\nCure: pass its value as an input",
    { code: "FAILED_PRECONDITION" },
  );
}
