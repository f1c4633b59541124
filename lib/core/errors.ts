/** Thrown when the tensor library refuses an operation, or cannot be opened. */
export class BackendError extends Error {
  /** Identifies the class where `instanceof` fails, such as across realms. */
  override readonly name = "BackendError";
  /**
   * TensorFlow's own error code, such as `INVALID_ARGUMENT`; `UNAVAILABLE` if no backend could be
   * opened.
   */
  readonly code: string;
  /** The operation that failed, such as `MatMul`; empty if no operation was running. */
  readonly op: string;

  /**
   * Makes the error.
   *
   * @param message What failed, what was expected, and the cure.
   * @param options TensorFlow's code, the operation, and the cause.
   *
   * @example
   * ```ts
   * import { BackendError } from "lib/core/mod.ts";
   * import { assertEquals } from "@std/assert";
   *
   * const error = new BackendError("Cannot run MatMul", { code: "INVALID_ARGUMENT", op: "MatMul" });
   * assertEquals(error.op, "MatMul");
   * ```
   */
  constructor(message: string, options: ErrorOptions & { code?: string; op?: string } = {}) {
    super(message, options);
    this.code = options.code ?? "UNKNOWN";
    this.op = options.op ?? "";
  }
}

/** Thrown when a checkpoint cannot be written or found, is not valid, or does not fit the model. */
export class CheckpointError extends Error {
  /** Identifies the class where `instanceof` fails, such as across realms. */
  override readonly name = "CheckpointError";
}

/** Thrown when a rank of a data-parallel run is lost, late, or different from the other ranks. */
export class ClusterError extends Error {
  /** Identifies the class where `instanceof` fails, such as across realms. */
  override readonly name = "ClusterError";
}

/** Thrown when a setting is unknown or impossible: the message names what is allowed. */
export class ConfigError extends Error {
  /** Identifies the class where `instanceof` fails, such as across realms. */
  override readonly name = "ConfigError";
}

/** Thrown when a loss, a gradient or a weight is not a finite number, before it is used. */
export class NonFiniteLossError extends Error {
  /** Identifies the class where `instanceof` fails, such as across realms. */
  override readonly name = "NonFiniteLossError";
}
