import type { TensorData } from "./safetensors.ts";

/** A value that JSON can hold. JSON has no `NaN` and no infinity: a store refuses them. */
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

/** Everything that training needs to continue as if it had never stopped. */
export interface Checkpoint {
  /** Optimizer updates done so far. */
  readonly step: number;
  /**
   * Weights by name, and nothing else, so that other programs can read the file as a state
   * dictionary.
   */
  readonly model: ReadonlyMap<string, TensorData>;
  /** Moments by name; empty for an optimizer without state. */
  readonly optimizer: ReadonlyMap<string, TensorData>;
  /** The settings that the weights fit. */
  readonly modelConfig: JsonObject;
  /** The rest: cursor, generator states, early stopping, log positions. */
  readonly state: JsonObject;
  /**
   * Texts for other programs, by file name, such as `tokenizer.json`; missing if there are none. A
   * text that has changed since it was written is left out when the checkpoint is read; the rest
   * stays valid.
   */
  readonly documents?: Readonly<Record<string, string>>;
}

/** The names under which a store keeps checkpoints. */
export type CheckpointName = "last" | "previous" | "best";

/** A checkpoint that was read from the disk; its checksums have shown that it is whole. */
export interface LoadedCheckpoint extends Checkpoint {
  /** The name under which it was found: `previous` or `best` if `last` was damaged. */
  readonly loadedFrom: CheckpointName;
  /** Its folder. */
  readonly path: string;
  /** Which newer checkpoints were ignored, and why; empty if none. Show them to the user. */
  readonly warnings: readonly string[];
}

/** Where a checkpoint was saved. */
export interface SavedCheckpoint {
  /** Optimizer updates done when it was taken. */
  readonly step: number;
  /** Its folder. */
  readonly path: string;
  /**
   * What could not be removed, which does no harm; empty if everything was. Show them to the user.
   */
  readonly warnings: readonly string[];
}

/** How a checkpoint is loaded. */
export interface LoadOptions {
  /** Throws a {@linkcode CheckpointError} for a checkpoint that is whole but cannot be used. */
  readonly check?: (checkpoint: Checkpoint) => void;
}
