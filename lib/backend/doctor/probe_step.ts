import type * as tf from "@tensorflow/tfjs";
import type { CompileEvent, CompileMode } from "../compiler/compile.ts";
import { leavesOf, type TensorTree } from "../compiler/tensor_tree.ts";
import type { BackendInfo } from "../use_backend.ts";

/**
 * A step that a diagnosis runs in each mode.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { compile, diagnose, type StepProbe } from "lib/backend/mod.ts";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const probe: StepProbe = {
 *   subject: "square",
 *   prepare: () => {
 *     const input = { x: tf.scalar(3) };
 *     return {
 *       input,
 *       compile: (options) => {
 *         const step = compile(({ x }: typeof input) => ({ y: x.square() }), options);
 *         return () => step(input);
 *       },
 *     };
 *   },
 * };
 * const { findings } = await diagnose({ seconds: 0, steps: [probe] });
 * assertStringIncludes(findings.at(-1)?.detail ?? "", "op by op gives y 9.0000");
 * ```
 */
export interface StepProbe {
  /** Its name in the findings, such as `training step`. */
  readonly subject: string;
  /** Makes everything that the step needs; called after the backend is open. */
  readonly prepare: () => PreparedStep;
}

/** A step that is ready to run. */
export interface PreparedStep {
  /** All input tensors; the diagnosis frees them. */
  readonly input: TensorTree;
  /**
   * Makes a function that runs the step in a mode. Each call starts from the same input and gives
   * new tensors by name; their scalars are compared between modes.
   */
  readonly compile: (options: StepProbeOptions) => () => Readonly<Record<string, TensorTree>>;
}

/** How to compile a step for a diagnosis. */
export interface StepProbeOptions {
  /** How the step runs. */
  readonly mode: CompileMode;
  /** Called after each recording. */
  readonly onCompile: (event: CompileEvent) => void;
}

/** What was measured for a step in one mode. */
interface Trial {
  readonly mode: CompileMode;
  /** The programs that were compiled for it; empty if the backend is not TensorFlow. */
  readonly programs: readonly CompileEvent[];
  /** The first run, without the recording but with XLA's compilation. */
  readonly firstSeconds: number;
  readonly nextSeconds: number;
  readonly scalars: ReadonlyMap<string, number>;
}

/** Op by op comes last: the other modes are compared with it. */
const MODES: readonly CompileMode[] = ["xla", "graph", "off"];

/**
 * The largest allowed difference between a scalar and the value op by op, relative to that value,
 * or absolute if the value is below 1. Modes add float32 numbers in different orders, and if TF32
 * is allowed, a GPU's products keep only three digits.
 */
const TOLERANCE = { cpu: 1e-4, gpu: 1e-2 };

/**
 * Runs a step twice in each mode, and reports what was compiled, how long it took, which tensors
 * from outside became constants, and whether the modes agree.
 */
export function probeStep(
  { prepare }: StepProbe,
  { name, isGpu }: BackendInfo,
): { detail: string; problem?: string } {
  const step = prepare(), inputs = leavesOf(step.input).leaves;
  try {
    const modes = name === "tensorflow" ? MODES : MODES.slice(-1); // only TensorFlow compiles
    const trials = modes.map((mode) => tryStep(step, mode));
    const results = [...trials.at(-1)?.scalars ?? []].map(([name, value]) =>
      `${name} ${value.toPrecision(5)}`
    );
    const detail = [
      `inputs: ${inputs.length}; op by op gives ${results.join(", ")}`,
      ...trials.flatMap(describe),
    ].join("\n");
    const problem = disagreement(trials, isGpu ? TOLERANCE.gpu : TOLERANCE.cpu);
    return { detail, ...(problem !== undefined && { problem }) };
  } finally {
    for (const tensor of inputs) tensor.dispose();
  }
}

function tryStep({ compile }: PreparedStep, mode: CompileMode): Trial {
  const programs: CompileEvent[] = [];
  const run = compile({ mode, onCompile: (event) => programs.push(event) });
  const first = timed(run), { seconds: nextSeconds, scalars } = timed(run);
  const recording = programs.reduce((sum, { seconds }) => sum + seconds, 0);
  return { mode, programs, firstSeconds: first.seconds - recording, nextSeconds, scalars };
}

function timed(run: () => Readonly<Record<string, TensorTree>>) {
  const start = performance.now(), output = run();
  // Reading waits until the step is done.
  const scalars = new Map(
    Object.entries(output).flatMap(([name, value]): [string, number][] =>
      isScalar(value) ? [[name, value.dataSync()[0] ?? NaN]] : []
    ),
  );
  const seconds = (performance.now() - start) / 1000;
  for (const tensor of leavesOf(output).leaves) tensor.dispose();
  return { seconds, scalars };
}

function isScalar(value: TensorTree): value is tf.Tensor {
  return "rank" in value && value.rank === 0;
}

/** One line for the mode, and one per program that was compiled for it. */
function describe({ mode, programs, firstSeconds, nextSeconds }: Trial): string[] {
  const compiled = programs.map((event) => {
    const constants = event.captured.map(({ dtype, shape }) => `${dtype} [${shape}]`);
    const by = event.mode === mode ? "" : ` by ${event.mode}`;
    return `- ${event.name}: ${event.operations} operations${by}, recorded in ` +
      `${event.seconds.toFixed(2)} s; constants from outside: ${constants.join(", ") || "none"}`;
  });
  const times = `first run ${firstSeconds.toFixed(2)} s, then ${nextSeconds.toFixed(3)} s`;
  return [`${nameOf(mode)}: ${times}`, ...compiled];
}

/** The problem if a mode gives a different scalar than op by op; undefined if all agree. */
function disagreement(trials: readonly Trial[], tolerance: number): string | undefined {
  for (const { mode, scalars } of trials) {
    for (const [name, expected] of trials.at(-1)?.scalars ?? []) {
      const got = scalars.get(name) ?? NaN;
      const isNear = Math.abs(got - expected) <= tolerance * Math.max(1, Math.abs(expected));
      if (isNear) continue; // a NaN is near nothing
      return `Cannot trust this step: expected ${name} ${expected} as op by op, ` +
        `got ${got} ${nameOf(mode)}\nCure: train op by op, with compile "off"`;
    }
  }
  return undefined;
}

function nameOf(mode: CompileMode): string {
  return mode === "off" ? "op by op" : `by ${mode}`;
}
