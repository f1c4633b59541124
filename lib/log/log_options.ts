/** How a log is opened. */
export interface LogOptions {
  /**
   * Position, in bytes, to go on from: what lies behind it is cut off. A resumed run takes it from
   * its checkpoint. By default a log goes on at its end.
   */
  readonly truncateTo?: number;
  /**
   * Told that the file was damaged, and what became of it: its good part stays, or it begins anew,
   * and the damaged one is kept beside it. Without this, damage is an error.
   */
  readonly onMend?: (message: string) => void;
}
