/** Signals that ask a program to stop, and the exit code of a program that did: 128 + their number. */
export const STOP_SIGNALS = [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const;

/** Signals that come within this time are one press of Ctrl-C. */
export const SAME_PRESS_MS = 200;
