/**
 * One side of a comparison: a process that does its work when told to.
 *
 * The protocol, a line each: once it is ready, the process names its versions; for a number of
 * units it answers with the time of each. `bench/ours/_serve.ts` and `bench/peer/serve.py` speak it.
 *
 *     <- {"versions": "PyTorch 2.13.0, 2 threads"}
 *     -> 3
 *     <- {"ms": [64.1, 63.8, 65.0], "loss": 6.91}
 *
 * @module
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** How a side is started. */
export interface SideSpec {
  /** As the table names it. */
  readonly name: string;
  /** Program and arguments. */
  readonly command: readonly string[];
  /** What is added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What a side says of the units it was told to do. */
export interface Answer {
  /** Milliseconds of each unit. */
  readonly ms: readonly number[];
  /** The loss of the last one, where there is one. */
  readonly loss?: number;
  /** Milliseconds of each unit that were spent in an all-reduce, where there is one. */
  readonly exchangeMs?: readonly number[];
}

/** A side's memory in MB, as the kernel counts it. */
export interface Memory {
  /** Resident now. */
  readonly resident: number;
  /** The part of it that no file holds: what the process itself has made. */
  readonly own: number;
  /** The most that was resident. */
  readonly peak: number;
}

/** Thrown when a side cannot start or ends before its time; the bench goes on without it. */
export class SideError extends Error {
  override readonly name = "SideError";
}

/** How much of what a side writes to its standard error is kept for messages. */
const KEPT_CHARACTERS = 4000;

export class Side implements AsyncDisposable {
  /** What the figures come from: libraries, threads. */
  versions = "";
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  readonly #ended: Promise<void>;
  #lastWords = "";

  private constructor(readonly spec: SideSpec) {
    const [program = "", ...args] = spec.command;
    this.#child = spawn(program, args, { env: { ...Deno.env.toObject(), ...spec.env } });
    const reader = createInterface({ input: this.#child.stdout });
    this.#lines = reader[Symbol.asyncIterator]();
    this.#child.stdin.on("error", () => {}); // of a process that has ended: its silence tells
    this.#child.stderr.on("data", (bytes) => {
      this.#lastWords = `${this.#lastWords}${bytes}`.slice(-KEPT_CHARACTERS);
    });
    this.#ended = new Promise((resolve) => {
      this.#child.on("close", () => resolve());
      this.#child.on("error", (error) => {
        this.#lastWords = error.message;
        reader.close(); // there is no process that would end it
        resolve();
      });
    });
  }

  /** Starts the process and waits until it is ready. */
  static async start(spec: SideSpec): Promise<Side> {
    const side = new Side(spec);
    side.versions = (await side.#read<{ versions: string }>()).versions;
    return side;
  }

  /** Has it do so many units. */
  take(units: number): Promise<Answer> {
    this.#child.stdin.write(`${units}\n`);
    return this.#read<Answer>();
  }

  /** Reads its memory. */
  memory(): Memory {
    const path = `/proc/${this.#child.pid}/status`;
    try {
      return parseMemory(Deno.readTextFileSync(path));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      throw new SideError(`Cannot read the memory of "${this.spec.name}": expected ${path}`);
    }
  }

  /** Lets it end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.stdin.end();
    await this.#ended;
  }

  async #read<T>(): Promise<T> {
    const { value, done } = await this.#lines.next();
    if (!done) return JSON.parse(value) as T; // the programs write what the head comment says
    await this.#ended;
    const reason = this.#lastWords.trim().split("\n").at(-1) || "nothing on its standard error";
    throw new SideError(`Cannot time "${this.spec.name}": expected an answer, got ${reason}`);
  }
}

/** Finds the figures in the text that Linux gives of a process. */
export function parseMemory(status: string): Memory {
  const megabytes = (field: string) => {
    const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024 / 1e6;
    throw new SyntaxError(`Cannot read memory: expected ${field} in kB, got "${status}"`);
  };
  return {
    resident: megabytes("VmRSS"),
    own: megabytes("RssAnon"),
    peak: megabytes("VmHWM"),
  };
}
