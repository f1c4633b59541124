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

/** How a recorded step is carried out. */
export type CompileMode = "xla" | "graph" | "off";

const MODES: readonly CompileMode[] = ["xla", "graph", "off"];
const PRECISIONS: readonly Precision[] = ["float32", "bfloat16", "float16"];
const DEFAULT_MAX_PROGRAMS = 64;

/** A program was recorded, because inputs of these shapes came for the first time. */
export interface CompileEvent {
  /** The step's name. */
  readonly name: string;
  /** How it will be carried out. */
  readonly mode: CompileMode;
  /** How many operations it has. */
  readonly operations: number;
  /** Its ops before TensorFlow joins some of them, and in which precision they are computed. */
  readonly precisions: readonly OpPrecision[];
  /** The tensors from outside the step that became constants. */
  readonly captured: readonly CapturedTensor[];
  /** How many programs the step has now, this one included. */
  readonly programs: number;
  /** What the recording took; XLA's own work comes with the first run, right after this event. */
  readonly seconds: number;
}

/** Options of {@linkcode compile}. */
export interface CompileOptions {
  /** `xla` (default) makes machine code, `graph` optimises the graph, `off` runs op by op. */
  readonly mode?: CompileMode;
  /**
   * Whether the operands of matrix products are cut to bfloat16 or float16; default `float32`. So are the
   * results, except in bfloat16 by `xla` on a processor, where nothing is lost after the products are
   * summed up. A processor computes float16 as float32 with rounded operands and results: an emulation,
   * with the numbers of a device that has it, and without its speed.
   */
  readonly precision?: Precision;
  /** The step's name in messages and profiles; default the function's own. */
  readonly name?: string;
  /** How many programs are kept, the least recently used goes first; default 64. */
  readonly maxPrograms?: number;
  /** Called with each recording. */
  readonly onCompile?: (event: CompileEvent) => void;
}

type Step = (input: TensorTree) => TensorTree;
type Settings = Required<Omit<CompileOptions, "onCompile">> & Pick<CompileOptions, "onCompile">;

/**
 * Makes a pure function of tensors run as one call to TensorFlow.
 *
 * The first time inputs of some structure, shapes and dtypes come, the function runs once with
 * stand-ins that have shapes and no values, and its ops are written down as a TensorFlow function;
 * from then on each call is one call of that. So what it computes may depend on its inputs only:
 *
 * - Another tensor that it uses becomes a constant of the program, and {@linkcode CompileEvent}
 *   lists it. A tensor's values never change, so this is never a stale value; a `tf.Variable`, whose
 *   value does, is refused.
 * - What cannot be recorded is refused with the cure: a value read inside, an unseeded random draw,
 *   an op with a memory or of a shape that depends on values, a tensor kept by `tf.keep`. The same
 *   holds for numbers of JavaScript that change, a clock's for example, but nobody can see those.
 * - Gradients are taken inside the step; one that would have to flow through a call is refused.
 * - A compiled step that is called in another one becomes a part of it.
 *
 * XLA checks no values: where TensorFlow refuses an index outside a table, it takes the nearest one.
 * Its `max` and `min` over an axis pass over NaN, unlike all others here: of 1, NaN and 2 the largest is
 * 2. (`maximum` and `minimum` of two tensors hand it on.) To look for NaN, add up.
 * And it keeps the machine code of a program for the life of the process, removed or not: about 20 KB
 * an op, 6 MB for the loss of the exercise's model. Keep the number of shapes small, by length buckets
 * for example.
 *
 * @param step From a tree of tensors (arrays and records, nested) to one, by ops of TensorFlow.js.
 * @param options Mode, precision, bound of the cache.
 * @returns A function of the same type; the caller owns its outputs and still owns the inputs. Inside
 *   `tf.tidy`, the scope owns the outputs, as it does an op's. Where TensorFlow is not in use, and in
 *   mode `off`, it runs op by op in float32.
 * @throws {RangeError} If an option is none of those allowed.
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
  // The trees that go in and come out have the types that `step` gives them.
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
      programs.delete(key); // to become the last: a map keeps the order
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

/** XLA makes machine code of the program. */
const COMPILED = { name: "_XlaMustCompile", type: AttributeType.BOOL, value: true };

/** As a program would: what the step made on the way is freed, and all that it gives is new. */
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

/** One tensor at two places gets a gradient at each, as its two stand-ins in a recording do. */
function withoutRepetitions(input: TensorTree): TensorTree {
  const { leaves, tree } = flatten(input, "the input");
  if (new Set(leaves).size === leaves.length) return input;
  return unflatten(
    tree,
    leaves.map((leaf, place) => leaves.indexOf(leaf) === place ? leaf : leaf.clone()),
  );
}

/** A tape on which a program leaves no trace would miss its part of the gradient. */
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
