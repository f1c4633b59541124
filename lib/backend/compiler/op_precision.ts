import { largest } from "lib/core/mod.ts";

/** The precision of the ops of one name in a recorded step. */
export interface OpPrecision {
  /** TensorFlow's name of the op. */
  readonly op: string;
  /** The precision, in words: `float32`, or how operands and result are rounded. */
  readonly computedIn: string;
  /** How many such ops the step has. */
  readonly count: number;
}

/** Counts ops by name and precision while a step is recorded. */
export class OpPrecisionCounter {
  readonly #counts = new Map<string, OpPrecision>();

  /** Counts one op. */
  add(op: string, computedIn: string): void {
    const key = `${op} ${computedIn}`, count = (this.#counts.get(key)?.count ?? 0) + 1;
    this.#counts.set(key, { op, computedIn, count });
  }

  /**
   * The counts: ops that are not computed in float32 come first, then the most frequent ones.
   */
  list(): OpPrecision[] {
    const isPlain = ({ computedIn }: OpPrecision) => Number(!/float16/.test(computedIn));
    return [...this.#counts.values()].sort((a, b) =>
      isPlain(a) - isPlain(b) || b.count - a.count || (a.op < b.op ? -1 : 1)
    );
  }
}

/**
 * Describes the precision of each op of a compiled step, one line per entry.
 *
 * @param ops The `precisions` of a {@linkcode CompileEvent}.
 * @returns Lines for a user: count, op, precision.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { compile, describePrecisions, useBackend } from "lib/backend/mod.ts";
 * import { assertMatch } from "@std/assert";
 *
 * await useBackend();
 * let list = "";
 * const square = compile((x: tf.Tensor) => x.matMul(x).relu(), {
 *   precision: "bfloat16",
 *   onCompile: ({ precisions }) => list = describePrecisions(precisions),
 * });
 * square(tf.ones([2, 2]));
 * if (tf.getBackend() === "tensorflow") {
 *   assertMatch(list, /1 {2}BatchMatMulV2 +operands in bfloat16[^]*1 {2}Relu +float32/);
 * }
 * ```
 */
export function describePrecisions(ops: readonly OpPrecision[]): string {
  const width = largest(ops.map(({ op }) => op.length), 0);
  return ops.map(({ op, computedIn, count }) =>
    `${String(count).padStart(4)}  ${op.padEnd(width)}  ${computedIn}`
  ).join("\n");
}
