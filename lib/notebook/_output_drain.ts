/** The methods of the console that write; `log` after those that are turned into it. */
const WRITERS = ["warn", "error", "log", "info", "debug", "table", "dir"] as const;

/** A console: what writes is replaced. */
export type Writers = Record<typeof WRITERS[number], (...values: never[]) => void>;

/** The kernel's function that every cell which ends well passes, as the last one. */
export interface CellEnd {
  broadcastResult: (count: number, result: unknown) => Promise<void>;
}

/** What the drain replaces, and how it waits. */
export interface DrainOptions {
  readonly console: Writers;
  /** Undefined in a kernel that has no such function: then only the console is changed. */
  readonly kernel: CellEnd | undefined;
  /** Whatever else puts out messages, to be counted; undefined for nothing. */
  readonly jupyter?: { display(...args: never[]): Promise<void> } | undefined;
  /** Told when a cell ended well. */
  readonly onCellEnd?: () => void;
  /** Waits some milliseconds. */
  readonly wait?: (ms: number) => Promise<void>;
}

/** Milliseconds that let a result through, and that each further message needs. */
const RESULT_MS = 10, MESSAGE_MS = 2, LONGEST_MS = 2000;

/**
 * Keeps a cell's output from being lost, and off the standard error.
 *
 * Deno 2.9's kernel says that a cell has ended while its last messages still wait in a queue, and
 * front ends drop what comes later. So the end of each cell is held back until they are through. What
 * goes to the standard error would make nbgrader give 0 points: warnings become ordinary text.
 */
export function drainOutput(options: DrainOptions): void {
  const { console: writers, kernel, jupyter, wait = sleep } = options;
  let messages = 0;
  for (const name of WRITERS) {
    const isWarning = name === "warn" || name === "error";
    const write = writers[isWarning ? "log" : name].bind(writers);
    writers[name] = (...values: never[]) => {
      messages++;
      write(...values);
    };
  }
  if (jupyter !== undefined) {
    const display = jupyter.display.bind(jupyter);
    jupyter.display = (...args) => {
      messages++;
      return display(...args);
    };
  }
  if (kernel === undefined) return;
  const broadcastResult = kernel.broadcastResult.bind(kernel);
  kernel.broadcastResult = async (count, result) => {
    await broadcastResult(count, result);
    await wait(RESULT_MS + Math.min(LONGEST_MS, MESSAGE_MS * messages));
    messages = 0;
    options.onCellEnd?.();
  };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
