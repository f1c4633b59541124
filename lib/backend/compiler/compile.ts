import * as tf from "@tensorflow/tfjs";
import { BackendError } from "lib/core/mod.ts";
import { AttributeType } from "../c_library/attributes.ts";
import { returnFreedMemory } from "../c_library/free_memory.ts";
import { type Program, recordingUnderWay, recordStep } from "./record_step.ts";
import type { HalfProducts } from "./half_product.ts";
import type { OpPrecision } from "./op_precision.ts";
import { explainFailure } from "./step_failure.ts";
import { tensorFlowBackend } from "../tfjs/tensorflow_backend.ts";
import { removeFunction } from "../c_library/graph.ts";
import type { CapturedTensor, Precision } from "./recorder.ts";
import { flatten, leavesOf, type TensorTree, unflatten } from "./tensor_tree.ts";
import { tensorFlowBinding } from "../use_backend.ts";

/** How a recorded step runs. */
export type CompileMode = "xla" | "graph" | "off";

const MODES: readonly CompileMode[] = ["xla", "graph", "off"];
const PRECISIONS: readonly Precision[] = ["float32", "bfloat16", "float16"];
const DEFAULT_MAX_PROGRAMS = 64;

/** Describes a program that was recorded because inputs had a new structure, shape or dtype. */
export interface CompileEvent {
  /** The step's name. */
  readonly name: string;
  /** How it will run. */
  readonly mode: CompileMode;
  /** How many operations it has. */
  readonly operations: number;
  /** Its ops and the precision of each, before TensorFlow fuses some of them. */
  readonly precisions: readonly OpPrecision[];
  /** The tensors from outside the step that became constants. */
  readonly captured: readonly CapturedTensor[];
  /** How many programs the step has now, this one included. */
  readonly programs: number;
  /** The time of the recording; XLA compiles in the first run, right after this event. */
  readonly seconds: number;
}

/** Options of {@linkcode compile}. */
export interface CompileOptions {
  /** `xla` (default) compiles to machine code, `graph` optimises the graph, `off` runs op by op. */
  readonly mode?: CompileMode;
  /**
   * The type to which the operands of matrix products are rounded; default `float32`. The results
   * are rounded too, except in bfloat16 by `xla` on a processor, where the sums stay float32. A
   * processor computes float16 as float32 with rounded operands and results: this emulation gives
   * the numbers of a device with float16, but not its speed.
   */
  readonly precision?: Precision;
  /** The step's name in messages and profiles; by default the function's own. */
  readonly name?: string;
  /** How many programs are kept; the least recently used one is removed first; default 64. */
  readonly maxPrograms?: number;
  /** Called after each recording. */
  readonly onCompile?: (event: CompileEvent) => void;
}

type Step = (input: TensorTree) => TensorTree;
type Settings = Required<Omit<CompileOptions, "onCompile">> & Pick<CompileOptions, "onCompile">;

/**
 * Compiles a pure function of tensors, so that it runs as one call to TensorFlow.
 *
 * At the first call with inputs of some structure, shapes and dtypes, the function runs once with
 * placeholders, which have shapes but no values, and its ops are recorded as a TensorFlow function.
 * From then on each call is one call of that function. So its results may depend on its inputs
 * only:
 *
 * - Any other tensor that it uses becomes a constant of the program, and {@linkcode CompileEvent}
 *   lists it. A tensor's values never change, so this constant is never out of date. A
 *   `tf.Variable` is refused, because its value can change.
 * - What cannot be recorded is refused, and the error names the cure: reading a value inside the
 *   step, an unseeded random draw, an op that keeps state, an op whose output shape depends on
 *   values, a tensor kept by `tf.keep`. JavaScript numbers that change, such as the time, are not
 *   allowed either, but this cannot be detected.
 * - Take gradients inside the step; a gradient through a call of the compiled function is refused.
 * - A compiled step that is called inside another one becomes a part of that one.
 *
 * Equal programs are one function of TensorFlow, which optimises and compiles it once in a process,
 * whichever call of `compile` they come from: a second run of the same model starts at once.
 *
 * XLA does not check values: if an index is outside a table, TensorFlow refuses it, but XLA takes
 * the nearest row. Its `max` and `min` over an axis ignore NaN, unlike the other modes and
 * backends: the largest of 1, NaN and 2 is 2. (`maximum` and `minimum` of two tensors give NaN.) To
 * detect NaN, compute a sum. XLA also keeps the machine code of a program until the process ends,
 * even if the program is removed: about 20 KB per op, 6 MB for the loss of the exercise's model.
 * Keep the number of shapes small, for example by length buckets.
 *
 * @param step A function from a tree of tensors (nested arrays and records) to another tree, by ops
 *   of TensorFlow.js.
 * @param options Mode, precision, size of the cache.
 * @returns A function of the same type; the caller owns its outputs and still owns the inputs.
 *   Inside `tf.tidy`, the scope owns the outputs, like those of an op. If TensorFlow is not in use,
 *   or in mode `off`, the function runs op by op in float32.
 * @throws {RangeError} If an option has a value that is not allowed.
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
  const settings = checkedSettings(step.name, options);
  // The casts are safe: the input and output trees have the types that `step` declares.
  const anyStep = step as unknown as Step;
  const runEagerly = (input: TensorTree) => runOpByOp(anyStep, input);
  const run = settings.mode === "off" ? runEagerly : compiled(anyStep, settings);
  return ((input) => tf.getBackend() === "tensorflow" ? run(input) : runEagerly(input)) as (
    input: In,
  ) => Out;
}

function compiled(step: Step, settings: Settings): Step {
  const programs = new Map<string, Program>();
  return (input) => {
    const outer = recordingUnderWay();
    if (outer !== undefined) {
      assertSamePrecision(settings, outer);
      return runOpByOp(step, input);
    }
    assertNoGradient(settings.name);
    const { leaves, key } = leavesOf(input, "the input");
    const known = programs.get(key);
    if (known !== undefined) {
      programs.delete(key); // so that it becomes the last: a map keeps its order
      programs.set(key, known);
    }
    if (known !== undefined) return execute(known, leaves, { step, input, settings });
    const program = recordNew(step, input, { settings, programs, key });
    const output = execute(program, leaves, { step, input, settings });
    if (settings.mode === "xla") returnFreedMemory(tensorFlowBinding().context.library);
    return output;
  };
}

function recordNew(
  step: Step,
  input: TensorTree,
  { settings, programs, key }: { settings: Settings; programs: Map<string, Program>; key: string },
): Program {
  const { name, mode, precision, maxPrograms, onCompile } = settings;
  const start = performance.now();
  const halfProducts = halfProductsOf(mode, precision);
  const options = { step: name, precision, halfProducts } as const;
  const program = recordStep(step, flatten(input, "the input"), options);
  const seconds = (performance.now() - start) / 1000;
  for (const [oldest, { functionName }] of programs) {
    if (programs.size < maxPrograms) break;
    programs.delete(oldest); // the first of the map is the least recently used
    removeFunction(tensorFlowBinding().context, functionName);
  }
  programs.set(key, program);
  const { operations, precisions, captured } = program;
  onCompile?.({ name, mode, operations, precisions, captured, programs: programs.size, seconds });
  return program;
}

function halfProductsOf(mode: CompileMode, precision: Precision): HalfProducts {
  if (tensorFlowBinding().isUsingGpuDevice()) return "op";
  if (precision === "float16") return mode === "xla" ? "kept-cast" : "cast";
  return mode === "xla" ? "dot" : "op";
}

function execute(
  program: Program,
  leaves: readonly tf.Tensor[],
  { step, input, settings }: { step: Step; input: TensorTree; settings: Settings },
): TensorTree {
  const backend = tensorFlowBackend(), { functionName, outputCount, result } = program;
  const attributes = settings.mode === "xla" ? [COMPILED] : [];
  const inputs = backend.getInputTensorIds(leaves);
  try {
    const outputs = tensorFlowBinding().executeOp(functionName, attributes, inputs, outputCount);
    return unflatten(result, outputs.map((output) => backend.createOutputTensor(output)));
  } catch (error) {
    throw explainFailure(error, { ...settings, runOpByOp: () => runOpByOp(step, input) });
  }
}

/** This attribute makes XLA compile the program. */
const COMPILED = { name: "_XlaMustCompile", type: AttributeType.BOOL, value: true };

/** Works like a program: intermediate tensors are freed, and all outputs are new tensors. */
function runOpByOp(step: Step, input: TensorTree): TensorTree {
  return tf.tidy(() => {
    const { leaves, tree } = flatten(step(withoutRepetitions(input)), "the result");
    const scope = tf.engine().state.activeScope.id, seen = new Set<tf.Tensor>();
    const owned = leaves.map((leaf) => {
      const isNew = leaf.scopeId === scope && !seen.has(leaf);
      seen.add(leaf);
      return isNew ? leaf : leaf.clone();
    });
    return unflatten(tree, owned) as tf.TensorContainer; // a container may hold more than a tree
  }) as TensorTree;
}

/**
 * Clones repeated tensors, so that a tensor at two places gets a gradient at each place, like its
 * two placeholders in a recording.
 */
function withoutRepetitions(input: TensorTree): TensorTree {
  const { leaves, tree } = flatten(input, "the input");
  if (new Set(leaves).size === leaves.length) return input;
  return unflatten(
    tree,
    leaves.map((leaf, place) => leaves.indexOf(leaf) === place ? leaf : leaf.clone()),
  );
}

/**
 * Refuses calls under a gradient tape: a program records nothing on it, so its part of the gradient
 * would be missing.
 */
function assertNoGradient(name: string): void {
  const { gradientDepth, kernelDepth } = tf.engine().state;
  if (gradientDepth === 0 || kernelDepth > 0) return; // inside tf.customGrad no tape runs
  throw new BackendError(
    `Cannot run the step "${name}": expected no gradient to be taken through it, got a call inside ` +
      "one\nCure: take the gradient inside the step, or compile the function that takes it",
    { code: "FAILED_PRECONDITION" },
  );
}

function assertSamePrecision({ name, precision }: Settings, outer: {
  step: string;
  precision: Precision;
}): void {
  if (precision === outer.precision) return;
  throw new BackendError(
    `Cannot record the step "${outer.step}": expected steps inside it to be of ${outer.precision}, ` +
      `got "${name}" of ${precision}\nCure: compile both with the same precision`,
    { code: "FAILED_PRECONDITION" },
  );
}

function checkedSettings(functionName: string, options: CompileOptions): Settings {
  const { mode = "xla", precision = "float32", maxPrograms = DEFAULT_MAX_PROGRAMS } = options;
  const { name = functionName || "step", onCompile } = options;
  if (!MODES.includes(mode)) throw unfit("mode", MODES.join(", "), mode);
  if (!PRECISIONS.includes(precision)) throw unfit("precision", PRECISIONS.join(", "), precision);
  if (mode === "off" && precision !== "float32") {
    throw unfit("precision", 'float32 in mode "off", where nothing is recorded', precision);
  }
  if (!Number.isInteger(maxPrograms) || maxPrograms < 1) {
    throw unfit("maxPrograms", "a whole number from 1 on", maxPrograms);
  }
  return { mode, precision, maxPrograms, name, ...(onCompile && { onCompile }) };
}

function unfit(option: string, allowed: string, got: unknown): RangeError {
  return new RangeError(
    `Cannot compile: expected ${option} to be ${allowed}, got ${JSON.stringify(got)}`,
  );
}
