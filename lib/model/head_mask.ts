import * as tf from "@tensorflow/tfjs";
import type { ModelConfig } from "./config.ts";

/** One attention head of a model; both numbers count from 0. */
export interface HeadPlace {
  /** The block it is in. */
  readonly layer: number;
  /** Its number in that block. */
  readonly head: number;
}

/**
 * Makes the mask that switches attention heads off, for `forward`: 0 where a head is off, 1 elsewhere.
 *
 * A head that is off adds nothing to the residual stream ("zero ablation"). Its attention weights are
 * still computed, so that they can be looked at.
 *
 * @param config The model's settings.
 * @param off The heads to switch off.
 * @returns float32 [layers, H]; the caller owns it.
 * @throws {RangeError} If the model has no such head.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { headMask, modelConfig } from "lib/model/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const mask = headMask(modelConfig({ layers: 2, heads: 4 }), [{ layer: 1, head: 2 }]);
 * assertEquals(mask.arraySync(), [[1, 1, 1, 1], [1, 1, 0, 1]]);
 * ```
 */
export function headMask(config: ModelConfig, off: readonly HeadPlace[]): tf.Tensor {
  const { layers, heads } = config, values = new Float32Array(layers * heads).fill(1);
  for (const { layer, head } of off) {
    checkPlace("layer", layer, layers);
    checkPlace("head", head, heads);
    values[layer * heads + head] = 0;
  }
  return tf.tensor2d(values, [layers, heads]);
}

function checkPlace(what: string, place: number, count: number): void {
  if (Number.isInteger(place) && place >= 0 && place < count) return;
  throw new RangeError(
    `Cannot switch a head off: expected a ${what} from 0 to ${count - 1}, got ${place}`,
  );
}
