/** The methods of a console that can write. */
const WRITERS = [
  ...["log", "info", "debug", "table", "dir", "dirxml", "warn", "error", "trace", "assert"],
  ...["count", "countReset", "time", "timeLog", "timeEnd"],
  ...["group", "groupCollapsed", "groupEnd"],
] as const;

/** A console; its methods that write are replaced. */
export type Writers = Record<string, (...values: never[]) => void>;

/** The kernel's function that runs last in every cell that ends without an error. */
export interface CellEnd {
  broadcastResult: (count: number, result: unknown) => Promise<void>;
}

/** What the drain replaces, and how it waits. */
export interface DrainOptions {
  readonly console: Writers;
  /** Undefined if the kernel has no such function: then only the console is changed. */
  readonly kernel: CellEnd | undefined;
  /**
   * Makes a console like the kernel's that writes with `print`; undefined if the kernel offers
   * none. Then only what is written with `log` is counted, and the rest may be lost.
   */
  readonly makeConsole: ((print: (text: string) => void) => Writers) | undefined;
  /** Other output to count; undefined if there is none. */
  readonly jupyter?: { display(...args: never[]): Promise<void> } | undefined;
  /** Called when a cell ended without an error. */
  readonly onCellEnd?: () => void;
  /** Waits for some milliseconds. */
  readonly wait?: (ms: number) => Promise<void>;
}

/** The milliseconds that a result needs, a message, and a message among very many. */
const RESULT_MS = 10, MESSAGE_MS = 2, CROWD_MS = 0.5;

/** From this number on, messages come so close together that each needs less time. */
const CROWD = 1000;

/** The end of a cell waits for at most this many messages: 11.5 seconds. */
const MOST_MESSAGES = 20_000;

/** The notice in a cell that writes more messages than that. */
const TOO_MANY = `Cannot show all that this cell writes: expected at most ${MOST_MESSAGES} ` +
  "lines, got more; what follows may be lost. Write it into a file instead";

/**
 * Keeps a cell's output from being lost, and off the standard error.
 *
 * Deno 2.9's kernel says that a cell has ended while its last messages still wait in a queue, and
 * front ends drop what comes later. So the end of each cell is delayed until they are sent. Text on
 * standard error would make nbgrader give 0 points, so warnings become ordinary text.
 */
export function drainOutput(options: DrainOptions): void {
  const { kernel, jupyter, wait = sleep } = options;
  const log = bound(options.console, "log");
  const messages = new MessageCount((text) => log(text as never));
  countWriters(options, messages);
  if (jupyter !== undefined) {
    const display = jupyter.display.bind(jupyter);
    jupyter.display = (...args) => {
      messages.add();
      return display(...args);
    };
  }
  if (kernel === undefined) return;
  const broadcastResult = kernel.broadcastResult.bind(kernel);
  kernel.broadcastResult = async (count, result) => {
    await broadcastResult(count, result);
    await wait(RESULT_MS + messages.takeMs());
    options.onCellEnd?.();
  };
}

/** Counts the messages of the running cell. */
class MessageCount {
  #messages = 0;
  readonly #say: (text: string) => void;

  constructor(say: (text: string) => void) {
    this.#say = say;
  }

  add(): void {
    this.#messages++;
    // Printed now and not at the end, where it would be lost with the rest.
    if (this.#messages === MOST_MESSAGES) this.#say(TOO_MANY);
  }

  /** The time that the messages since the last call need. */
  takeMs(): number {
    const most = Math.min(this.#messages, MOST_MESSAGES), few = Math.min(most, CROWD);
    this.#messages = 0;
    return MESSAGE_MS * few + CROWD_MS * (most - few);
  }
}

/** Counts everything that a console writes, and makes it ordinary text. */
function countWriters(
  { console: writers, makeConsole }: DrainOptions,
  messages: MessageCount,
): void {
  const log = bound(writers, "log");
  let line = "";
  const own = makeConsole?.((text) => {
    line += text; // a stack trace comes in two pieces
    if (!line.endsWith("\n")) return;
    messages.add();
    log(line.slice(0, -1) as never);
    line = "";
  });
  for (const name of WRITERS) {
    const isWarning = name === "warn" || name === "error";
    const write = own !== undefined ? bound(own, name) : isWarning ? log : bound(writers, name);
    writers[name] = (...values: never[]) => {
      if (own === undefined) messages.add();
      write(...values);
    };
  }
}

function bound(writers: Writers, name: string): Writers[string] {
  return writers[name]?.bind(writers) ?? (() => {});
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
