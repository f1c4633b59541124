import * as tf from "@tensorflow/tfjs";
import { Guards } from "./guards.ts";
import { tensorFlowBackend } from "../tfjs/tensorflow_backend.ts";
import { Graph, type GraphOutput } from "../c_library/graph.ts";
import { type CapturedTensor, Recorder, type RecorderOptions } from "./recorder.ts";
import type { OpPrecision } from "./op_precision.ts";
import { flatten, type Flattened, type TensorTree, unflatten } from "./tensor_tree.ts";
import { tensorFlowBinding } from "../use_backend.ts";

/** A step as a function of TensorFlow's context. */
export interface Program {
  /** What the context knows it by. */
  readonly functionName: string;
  /** How many tensors it gives. */
  readonly outputCount: number;
  /** Where they go in the result. */
  readonly result: TensorTree<number>;
  /** How many operations it has. */
  readonly operations: number;
  /** Its ops, and in which precision they are computed. */
  readonly precisions: readonly OpPrecision[];
  /** The tensors from outside that became constants. */
  readonly captured: readonly CapturedTensor[];
}

type Step = (input: TensorTree) => TensorTree;

let functionCount = 0;
let recording: Recorder | undefined;

/** The recording that is under way, if one is. */
export function recordingUnderWay(): Recorder | undefined {
  return recording;
}

/**
 * Runs a step once with stand-ins that have shapes and no values, and makes its ops a function.
 *
 * On every way out the sink in force is put back, and no tensor or handle is left.
 *
 * @throws {BackendError} If the step does what cannot be recorded.
 */
export function recordStep(step: Step, input: Flattened, options: RecorderOptions): Program {
  const binding = tensorFlowBinding();
  using graph = new Graph(binding.context);
  using recorder = new Recorder(graph, binding.native, options);
  recording = recorder;
  try {
    const { inputs, outputs, result } = binding.runThrough(
      recorder,
      () => trace(step, input, recorder),
    );
    const functionName = `${options.step.replace(/\W/g, "_")}_${functionCount++}`;
    graph.toFunction(functionName, inputs, outputs);
    const { operationCount: operations } = graph, { captured, precisions } = recorder;
    const outputCount = outputs.length;
    return { functionName, outputCount, result, operations, precisions, captured };
  } catch (error) {
    throw recorder.refusal ?? error; // what the step made of a refusal says less
  } finally {
    recording = undefined;
  }
}

/** What was written down, in terms of the graph. */
interface Trace {
  readonly inputs: readonly GraphOutput[];
  readonly outputs: readonly GraphOutput[];
  readonly result: TensorTree<number>;
}

function trace(step: Step, input: Flattened, recorder: Recorder): Trace {
  const backend = tensorFlowBackend();
  tf.engine().startScope("record");
  try {
    using guards = new Guards(recorder);
    const inputs = input.leaves.map(({ shape, dtype }) =>
      recorder.input(shape, backend.getDTypeInteger(dtype))
    );
    const standIns = inputs.map((metadata) => backend.createOutputTensor(metadata));
    const result = step(unflatten(input.tree, standIns));
    if (result instanceof Promise) refusePromise(recorder);
    guards.assertNothingKept();
    const { leaves, tree } = flatten(result, "the result");
    const outputs = backend.getInputTensorIds(leaves).map((id) => recorder.outputOf(id));
    if (recorder.refusal !== undefined) throw recorder.refusal; // it was caught by the step
    return { inputs: inputs.map(({ id }) => recorder.outputOf(id)), outputs, result: tree };
  } finally {
    tf.engine().endScope();
  }
}

function refusePromise(recorder: Recorder): never {
  throw recorder.refusal ?? recorder.refuse({
    expected: "tensors at once",
    got: "a promise",
    cure: "make the step a plain function, and await outside of it",
  });
}
