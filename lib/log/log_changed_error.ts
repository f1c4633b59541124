import { FileError } from "lib/core/mod.ts";

/** Thrown when another program has changed a log while it was written. */
export class LogChangedError extends FileError {
  /** Identifies the class where `instanceof` cannot, such as across realms. */
  override readonly name = "LogChangedError";
}
