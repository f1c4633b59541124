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
  /** Its name in the context. */
  readonly functionName: string;
  /** How many output tensors it has. */
  readonly outputCount: number;
  /** The result's tree, with the index of an output at each place. */
  readonly result: TensorTree<number>;
  /** How many operations it has. */
  readonly operations: number;
  /** Its ops and the precision of each. */
  readonly precisions: readonly OpPrecision[];
  /** The tensors from outside that became constants. */
  readonly captured: readonly CapturedTensor[];
}

type Step = (input: TensorTree) => TensorTree;

let recording: Recorder | undefined;

/** The current recording, or undefined. */
export function recordingUnderWay(): Recorder | undefined {
  return recording;
}

/**
 * Runs a step once with placeholders, which have shapes but no values, and turns its ops into a
 * function.
 *
 * On every exit the former sink is restored, and no tensor or handle is left.
 *
 * @throws {BackendError} If the step does something that cannot be recorded.
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
    // Equal programs have one name, so that TensorFlow optimises and compiles them once in a process,
    // such as those of a sweep's runs. It refuses another program of the same name.
    const name = options.step.replace(/\W/g, "_");
    const functionName = graph.toFunction(name, inputs, outputs, { addHash: true });
    const { operationCount: operations } = graph, { captured, precisions } = recorder;
    const outputCount = outputs.length;
    return { functionName, outputCount, result, operations, precisions, captured };
  } catch (error) {
    throw recorder.refusal ?? error; // the refusal says more
  } finally {
    recording = undefined;
  }
}

/** What was recorded: the inputs and outputs in the graph. */
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
    if (recorder.refusal !== undefined) throw recorder.refusal; // the step caught it
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
