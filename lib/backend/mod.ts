/**
 * What carries out the tensor work: TensorFlow's C library under TensorFlow.js's kernels, or, where
 * there is none, a backend of TensorFlow.js's own.
 *
 * Nothing is opened by importing this: {@linkcode useBackend} does it, once a process.
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
export * from "./binding.ts";
export * from "./c_string.ts";
export * from "./compile.ts";
export * from "./doctor.ts";
export * from "./find_library.ts";
export * from "./graph.ts";
export * from "./native_context.ts";
export * from "./native_library.ts";
export * from "./native_tensors.ts";
export * from "./op_sink.ts";
export * from "./philox.ts";
export * from "./recorder.ts";
export * from "./signatures.ts";
export * from "./tensor_tree.ts";
export * from "./use_backend.ts";
