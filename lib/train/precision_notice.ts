import * as tf from "@tensorflow/tfjs";
import { lacksBfloat16 } from "lib/backend/mod.ts";
import type { RunConfig } from "./config.ts";

/** What the precision of a run depends on, of the machine. */
export interface PrecisionPlace {
  /** Whether TensorFlow's C library is used; other backends compute in float32 alone. */
  readonly isTensorFlow: boolean;
  /** Whether it computes on a GPU. */
  readonly isGpu: boolean;
  /** Whether the processor is known to have no instructions for bfloat16. */
  readonly lacksBfloat16: boolean;
}

/**
 * Gives what the user should know about a run's precision on this machine.
 *
 * @param compute The run's settings of section `compute`.
 * @param place Where it computes; default what is in use.
 * @returns A sentence; undefined where there is nothing to say.
 *
 * @example
 * ```ts
 * import { precisionNotice, runConfig } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(precisionNotice(runConfig().compute), undefined);
 * ```
 */
export function precisionNotice(
  { precision }: RunConfig["compute"],
  place?: PrecisionPlace,
): string | undefined {
  if (precision === "float32") return undefined;
  const { isTensorFlow, isGpu, lacksBfloat16 } = place ?? placeInUse();
  if (!isTensorFlow) {
    return `this backend computes in float32: the asked-for ${precision} needs TensorFlow's library`;
  }
  if (isGpu) return undefined;
  if (precision === "float16") {
    return "this processor emulates float16: products are computed in float32, their operands and " +
      "results rounded to float16. The numbers are those of float16, the speed is not";
  }
  return lacksBfloat16
    ? "this processor has no instructions for bfloat16: steps take longer than in float32"
    : undefined;
}

function placeInUse(): PrecisionPlace {
  const isTensorFlow = tf.getBackend() === "tensorflow";
  return { isTensorFlow, isGpu: isTensorFlow && isUsingGpu(), lacksBfloat16: lacksBfloat16() };
}

/** The binding that TensorFlow.js's backend was made with knows its device. */
function isUsingGpu(): boolean {
  const { isUsingGpuDevice } = tf.backend() as { readonly isUsingGpuDevice?: boolean };
  return isUsingGpuDevice === true;
}
