/**
 * The base of all other folders: typed errors, seeded random numbers, statistics, settings.
 *
 * Rank 0: imports no other folder, and not TensorFlow.
 *
 * @example
 * ```ts
 * import { deriveSeed, Random } from "lib/core/mod.ts";
 * import { assert } from "@std/assert";
 *
 * assert(new Random(deriveSeed(1, "shuffle")).integer(10) < 10);
 * ```
 *
 * @module
 */
export {
  pointAtomically,
  readPointer,
  removeLeftovers,
  writeFileAtomically,
  writeFolderAtomically,
} from "./atomic_write.ts";
export { parseConfig } from "./config.ts";
export { describeError, type Failure } from "./describe_error.ts";
export {
  BackendError,
  CheckpointError,
  ClusterError,
  ConfigError,
  NonFiniteLossError,
} from "./errors.ts";
export { explainFile, FileError, isSystemError, reasonOf } from "./file_error.ts";
export { lockFile } from "./file_lock.ts";
export {
  type Flag,
  flagsOf,
  formatFlags,
  type ParsedFlags,
  parseFlags,
  readFlag,
} from "./flags.ts";
export { emptyFolder, foreignEntry } from "./own_folder.ts";
export { isProcessAlive } from "./process_alive.ts";
export { parseJson } from "./parse_json.ts";
export { bytesField, doubleField, floatField, intField, joinBytes } from "./protobuf.ts";
export { plain, quote } from "./quote.ts";
export { deriveSeed, Random } from "./random.ts";
export {
  confidenceInterval95,
  Ema,
  type EmaState,
  type Interval,
  mean,
  quantile,
  variance,
} from "./statistics.ts";
export { tProbability, tQuantile } from "./t_distribution.ts";
export { standardError } from "./statistics.ts";
export { largest, smallest } from "./extremes.ts";
export { flatSettings } from "./flat_settings.ts";
export { fitsFloat32, float32 } from "./float32.ts";
export { readBytes, readText } from "./read_text.ts";
export { onSignal, packageFolders, programPath, type System, systemOf } from "./system.ts";
export { VERSION } from "./version.ts";
