import type { Verdict } from "lib/remote/mod.ts";
import type { Limits } from "./limits.ts";

/** A cell to run. */
export interface Job {
  /** The cell's id. */
  readonly id: string;
  /** The cell's text. */
  readonly source: string;
  /** How long it took, in seconds. */
  readonly seconds: number;
  /** The exercise that is checked there; undefined for other cells. */
  readonly check?: string;
  /** Whose it is: a check does not run again when a new kernel takes over. */
  readonly role: "given" | "answer" | "check" | "extra";
}

/** What a cell put out, as notebook files have it. */
export interface Output {
  /** The kind of output. */
  readonly output_type: string;
  /** What else the output has. */
  readonly [key: string]: unknown;
}

/** What became of a cell. */
export interface CellRun {
  /** The cell's id. */
  readonly id: string;
  /** What became of it. */
  readonly status: "ok" | "error" | "time" | "limit" | "output" | "dead" | "skipped";
  /** Why, in a few words; empty if nothing is to be said. */
  readonly reason: string;
  /** What it put out. */
  readonly outputs: readonly Output[];
  /** How long it took, in seconds. */
  readonly seconds: number;
  /** What the check said; null where none was asked. */
  readonly verdict: Verdict | null;
}

/** How the cells run. */
export interface RunOptions {
  /** The process that executes cells. */
  readonly executor: Executor;
  /** The command of the kernel. */
  readonly kernel: readonly string[];
  /** The command of the checker. */
  readonly checker: readonly string[];
  /** The command of the process that has the course's own modules; undefined where none is needed. */
  readonly modules?: readonly string[];
  /** The folder of the connection file and of the pipes. */
  readonly exchange: string;
  /** Where the kernel starts; the sandbox has a place of its own. */
  readonly folder: string;
  /** How much it may use. */
  readonly limits: Limits;
}

/** What a job is, beside its cells. */
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
   * Runs the cells of a submission in order, in one kernel after the other where one is lost.
   *
   * @param cells What runs.
   * @param options How it runs.
   * @returns What became of each cell; those after the process's own end are left out.
   */
  async run(cells: readonly Job[], options: JobOptions): Promise<CellRun[]> {
    const { kernel, checker, modules, exchange, folder, limits } = options, runs: CellRun[] = [];
    const { child, lines } = this.#start();
    const writer = child.stdin.getWriter();
    const job = { cells, limits, command: kernel, checker, modules, exchange, folder };
    await writer.write(new TextEncoder().encode(`${JSON.stringify(job)}\n`));
    writer.releaseLock();
    for (let next = await lines.next(); !next.done; next = await lines.next()) {
      const event: CellRun & { readonly event: string } = JSON.parse(next.value); // our program's
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

  /** Ends the process, and all that it started. */
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
