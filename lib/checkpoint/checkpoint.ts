import type { TensorData } from "./safetensors.ts";

/** What JSON can hold. `NaN` and infinity are not among it: a store refuses them. */
export type JsonValue =
  | string
  | number
  | boolean
  | null
  | readonly JsonValue[]
  | JsonObject;

/** A JSON object: settings, counters, positions. */
export interface JsonObject {
  /** A value by its key. */
  readonly [key: string]: JsonValue;
}

/** Everything that training needs to go on as if it had never stopped. */
export interface Checkpoint {
  /** Optimizer updates done so far. */
  readonly step: number;
  /** Weights by name, and nothing else: the file opens as a state dictionary elsewhere. */
  readonly model: ReadonlyMap<string, TensorData>;
  /** Moments by name; empty for an optimizer without state. */
  readonly optimizer: ReadonlyMap<string, TensorData>;
  /** The settings that the weights fit. */
  readonly modelConfig: JsonObject;
  /** The rest: cursor, generator states, early stopping, log positions. */
  readonly state: JsonObject;
  /**
   * Texts for other programs, by file name, such as `tokenizer.json`; none where there is nothing to
   * say. What has changed since it was written is left out when it is read: the rest stays good.
   */
  readonly documents?: Readonly<Record<string, string>>;
}

/** The names under which a store keeps checkpoints. */
export type CheckpointName = "last" | "previous" | "best";

/** A checkpoint as it was found on the disk, proven whole by its checksums. */
export interface LoadedCheckpoint extends Checkpoint {
  /** The name that it was found under: `previous` or `best` where `last` was damaged. */
  readonly loadedFrom: CheckpointName;
  /** Its folder. */
  readonly path: string;
  /** Which newer checkpoints were ignored, and why; empty if none. Show them. */
  readonly warnings: readonly string[];
}

/** Where a checkpoint was saved. */
export interface SavedCheckpoint {
  /** Optimizer updates done when it was taken. */
  readonly step: number;
  /** Its folder. */
  readonly path: string;
  /** What could not be tidied up, which harms nothing; empty if all could. Show them. */
  readonly warnings: readonly string[];
}

/** How a checkpoint is loaded. */
export interface LoadOptions {
  /** Throws a {@linkcode CheckpointError} for one that is whole and still of no use. */
  readonly check?: (checkpoint: Checkpoint) => void;
}
