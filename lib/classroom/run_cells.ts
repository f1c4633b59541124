import type { Verdict } from "lib/remote/mod.ts";
import type { Limits } from "./limits.ts";

/** A cell to run. */
export interface Job {
  /** The cell's id. */
  readonly id: string;
  /** The cell's text. */
  readonly source: string;
  /** How long it may take, in seconds. */
  readonly seconds: number;
  /** The exercise that the cell checks; undefined for other cells. */
  readonly check?: string;
  /** The kind of cell: a check does not run again when a new kernel replaces a lost one. */
  readonly role: "given" | "answer" | "check" | "extra";
}

/** An output of a cell, in the form of notebook files. */
export interface Output {
  /** The kind of output. */
  readonly output_type: string;
  /** Other members of the output. */
  readonly [key: string]: unknown;
}

/** The result of running a cell. */
export interface CellRun {
  /** The cell's id. */
  readonly id: string;
  /** How it ended. */
  readonly status: "ok" | "error" | "time" | "limit" | "output" | "dead" | "skipped";
  /** Why, in a few words; may be empty. */
  readonly reason: string;
  /** Its outputs. */
  readonly outputs: readonly Output[];
  /** How long it took, in seconds. */
  readonly seconds: number;
  /** The result of the check; null if there is none. */
  readonly verdict: Verdict | null;
}

/** How the cells run. */
export interface RunOptions {
  /** The process that executes cells. */
  readonly executor: Executor;
  /** The command that starts the kernel. */
  readonly kernel: readonly string[];
  /** The command that starts the checker. */
  readonly checker: readonly string[];
  /** The command of the process that has the course's own modules; undefined if none is needed. */
  readonly modules?: readonly string[];
  /** The folder of the connection file and of the pipes. */
  readonly exchange: string;
  /** The folder in which the kernel's command starts; the sandbox then changes to its own folder. */
  readonly folder: string;
  /** How much the notebook may use. */
  readonly limits: Limits;
}

/** The options of one run: all but the process. */
export type JobOptions = Omit<RunOptions, "executor">;

/** A process that runs the cells of one submission after the other. */
export class Executor {
  readonly #command: readonly string[];
  #child: Deno.ChildProcess | undefined;
  #lines: AsyncGenerator<string> | undefined;

  /**
   * Prepares a process; it starts with the first job.
   *
   * @param command The program that executes cells, with its arguments.
   */
  constructor(command: readonly string[]) {
    this.#command = command;
  }

  /**
   * Runs the cells of a submission in order; if a kernel is lost, a new one takes its place.
   *
   * @param cells The cells to run.
   * @param options How they run.
   * @returns The result of each cell; if the process itself ends, the cells after that are left out.
   */
  async run(cells: readonly Job[], options: JobOptions): Promise<CellRun[]> {
    const { kernel, checker, modules, exchange, folder, limits } = options, runs: CellRun[] = [];
    const { child, lines } = this.#start();
    const writer = child.stdin.getWriter();
    const job = { cells, limits, command: kernel, checker, modules, exchange, folder };
    await writer.write(new TextEncoder().encode(`${JSON.stringify(job)}\n`));
    writer.releaseLock();
    for (let next = await lines.next(); !next.done; next = await lines.next()) {
      const event: CellRun & { readonly event: string } = JSON.parse(next.value); // by our own program
      if (event.event === "end") return runs;
      runs.push(event);
    }
    await this.end();
    return runs;
  }

  #start(): { child: Deno.ChildProcess; lines: AsyncGenerator<string> } {
    const [program = "", ...args] = this.#command;
    this.#child ??= new Deno.Command(program, {
      args,
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#lines ??= linesOf(this.#child.stdout);
    return { child: this.#child, lines: this.#lines };
  }

  /** Ends the process and all processes that it started. */
  async end(): Promise<void> {
    const child = this.#child;
    if (child === undefined) return;
    this.#child = this.#lines = undefined;
    await child.stdin.close().catch(() => {}); // it may have ended by itself
    await child.status;
  }
}

async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
