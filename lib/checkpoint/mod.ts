/**
 * Checkpoints that survive a kill at any moment: safetensors files, checksums, best and last.
 *
 * Rank 2: imports `core`; only `tensor_bytes.ts` imports TensorFlow.js.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs";
 * import { CheckpointStore, toBytes, toTensors } from "lib/checkpoint/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const store = CheckpointStore.open(`${Deno.makeTempDirSync()}/plain-001`);
 * store.save({
 *   step: 846,
 *   model: toBytes({ "norm.weight": tf.ones([256]) }),
 *   optimizer: toBytes({ "m.norm.weight": tf.zeros([256]) }),
 *   modelConfig: { hiddenSize: 256 },
 *   state: { cursor: { epoch: 6, batch: 0 } },
 * }, { isBest: true });
 *
 * const { step, model } = store.load("last");
 * assertEquals(step, 846);
 * assertEquals(toTensors(model)["norm.weight"]?.shape, [256]);
 * ```
 *
 * @module
 */
export { checkFits } from "./check_fits.ts";
export type {
  Checkpoint,
  CheckpointName,
  JsonObject,
  JsonValue,
  LoadedCheckpoint,
  LoadOptions,
  SavedCheckpoint,
} from "./checkpoint.ts";
export { decodeSafetensors, type Safetensors } from "./decode_safetensors.ts";
export { encodeSafetensors } from "./encode_safetensors.ts";
export {
  type Dtype,
  SafetensorsError,
  type SafetensorsErrorCode,
  type TensorData,
} from "./safetensors.ts";
export { CheckpointStore } from "./store.ts";
export { toBytes, toTensors } from "./tensor_bytes.ts";
