/** How a log is opened. */
export interface LogOptions {
  /**
   * Position, in bytes, to go on from: what lies behind it is cut off. A resumed run takes it from
   * its checkpoint. By default a log goes on at its end.
   */
  readonly truncateTo?: number;
}
