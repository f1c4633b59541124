/** How a log is opened. */
export interface LogOptions {
  /**
   * The position, in bytes, from which to continue: everything after it is removed. A resumed run
   * takes it from its checkpoint. By default a log continues at its end.
   */
  readonly truncateTo?: number;
  /**
   * Called with a message if the file was damaged: its good part is kept, or a new file is begun,
   * and the damaged file is kept beside it. Without this function, damage is an error.
   */
  readonly onMend?: (message: string) => void;
}
