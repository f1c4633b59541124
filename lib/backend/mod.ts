/**
 * Runs all tensor operations: by TensorFlow's C library under TensorFlow.js's kernels, or, if that
 * library is missing, by one of TensorFlow.js's own backends.
 *
 * Importing this module opens nothing: {@linkcode useBackend} does, once per process.
 *
 * Its folders: `c_library` finds and opens TensorFlow's C library and contains its tensors, ops and
 * graphs; `tfjs` connects TensorFlow.js to it and adds our own kernels; `compiler` records steps
 * and turns them into functions; `doctor` checks that all of it works. `wasm` and `webgpu` complete
 * the other backends, with computations on plain arrays from `arrays`. `use_backend.ts` is the
 * entry point, and `cluster_link.ts` joins several processes.
 *
 * Rank 2: may import core, tensor, data, tokenizer, schedule, log and plot.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { useBackend } from "lib/backend/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * assertEquals(tf.add(1, 2).dataSync()[0], 3);
 * ```
 *
 * @module
 */
export { ClusterLink, type ClusterSpec, type LinkLimits } from "./cluster_link.ts";
export {
  compile,
  type CompileEvent,
  type CompileMode,
  type CompileOptions,
} from "./compiler/compile.ts";
export {
  diagnose,
  type DiagnoseOptions,
  type Diagnosis,
  type Finding,
  type PreparedStep,
  type StepProbe,
  type StepProbeOptions,
} from "./doctor/doctor.ts";
export { adviseSpeed, type SpeedFacts } from "./doctor/advice.ts";
export { type FamilyResult, runSelfTest, type SelfTestOptions } from "./doctor/self_test.ts";
export { type NvidiaDriver, type NvidiaGpu, readGpus } from "./c_library/nvidia_driver.ts";
export { MOST_THREADS } from "./c_library/native_context.ts";
export { describePrecisions, type OpPrecision } from "./compiler/op_precision.ts";
export type { CapturedTensor, Precision } from "./compiler/recorder.ts";
export type { TensorTree } from "./compiler/tensor_tree.ts";
export { type Presence, presentBackends } from "./present_backends.ts";
export {
  lacksBfloat16,
  processorInstructions,
  processorName,
  vectorInstructions,
} from "./processor.ts";
export {
  type BackendInfo,
  type BackendName,
  type BackendOptions,
  BACKENDS,
  handleCount,
  useBackend,
} from "./use_backend.ts";

// For your own programs:
export { philoxUniform } from "./tfjs/philox.ts";
