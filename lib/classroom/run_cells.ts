import type { Verdict } from "lib/remote/mod.ts";
import type { Limits } from "./sandbox.ts";

/** A cell to run. */
export interface Job {
  readonly id: string;
  readonly source: string;
  readonly seconds: number;
  /** The exercise that is checked there; undefined for other cells. */
  readonly check?: string;
  /** Whether it runs again when a new kernel takes over. */
  readonly keep: boolean;
}

/** What a cell put out, as notebook files have it. */
export interface Output {
  readonly output_type: string;
  readonly [key: string]: unknown;
}

/** What became of a cell. */
export interface CellRun {
  readonly id: string;
  readonly status: "ok" | "error" | "time" | "limit" | "output" | "dead" | "skipped";
  readonly reason: string;
  readonly outputs: readonly Output[];
  readonly seconds: number;
  readonly verdict: Verdict | null;
}

/** How the cells run. */
export interface RunOptions {
  /** The program that executes cells, with its arguments. */
  readonly executor: readonly string[];
  /** The command of the kernel. */
  readonly kernel: readonly string[];
  /** The command of the checker. */
  readonly checker: readonly string[];
  /** The folder of the connection file and of the pipes. */
  readonly exchange: string;
  /** Where the kernel starts; the sandbox has a place of its own. */
  readonly folder: string;
  readonly limits: Limits;
  /** Ends the run. */
  readonly signal?: AbortSignal;
}

/**
 * Runs the cells of a submission in order, in one kernel after the other where one is lost.
 *
 * @param cells What runs.
 * @param options How it runs.
 * @returns What became of each cell; those after the executor's own end are left out.
 */
export async function runCells(cells: readonly Job[], options: RunOptions): Promise<CellRun[]> {
  const { executor, kernel, checker, exchange, folder, limits, signal } = options;
  const [program = "", ...args] = executor;
  const child = new Deno.Command(program, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
    ...signal !== undefined && { signal },
  }).spawn();
  const job = { cells, limits, command: kernel, checker, exchange, folder };
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(`${JSON.stringify(job)}\n`));
  await writer.close();
  const runs: CellRun[] = [];
  for await (const line of linesOf(child.stdout)) {
    const event: CellRun & { readonly event: string } = JSON.parse(line); // our program wrote it
    if (event.event === "cell") runs.push(event);
  }
  await child.status;
  return runs;
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  for await (
    const text of stream.pipeThrough(new TextDecoderStream() as never) as AsyncIterable<string>
  ) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}
