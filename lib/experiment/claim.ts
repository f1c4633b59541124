import { clearInterval, setInterval } from "node:timers";
import { isProcessAlive, readText } from "lib/core/mod.ts";

/** Who works on something. */
export interface Claimant {
  /** A number that only this claim has. */
  readonly id: string;
  /** The machine. */
  readonly host: string;
  /** The process on it. */
  readonly pid: number;
}

/** How {@linkcode Claim.take} decides that a claim was abandoned. */
export interface ClaimOptions {
  /** A claim that was not renewed for this long counts as abandoned; default 60 seconds. */
  readonly staleMs?: number;
  /** The time between two renewals; default a tenth of `staleMs`. */
  readonly renewMs?: number;
}

const STALE_MS = 60_000, SETTLE_MS = 50;

/**
 * The right to do one piece of work, for processes that share a folder: a file that only one of
 * them can create. It is renewed while the work goes on.
 *
 * A process that was killed leaves its file behind. On the same machine the claim is taken over at
 * once, since one can see that the process is gone; on another machine, when it was not renewed for
 * a minute.
 *
 * @example
 * ```ts
 * import { Claim } from "lib/experiment/claim.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const path = `${Deno.makeTempDirSync()}/cell.claim`;
 * using claim = await Claim.take(path);
 * assertEquals(claim !== null, true);
 * assertEquals(await Claim.take(path), null); // somebody has it
 * ```
 */
export class Claim implements Disposable {
  readonly #path: string;
  readonly #claimant: Claimant;
  readonly #timer: ReturnType<typeof setInterval>;

  private constructor(path: string, claimant: Claimant, renewMs: number) {
    this.#path = path;
    this.#claimant = claimant;
    this.#timer = setInterval(() => this.#renew(), renewMs);
    this.#timer.unref(); // the timer alone must not keep the process alive
  }

  /**
   * Takes a claim, if nobody has it.
   *
   * @param path The claim's file; its folder must exist.
   * @param options When a claim counts as abandoned.
   * @returns The claim, to be disposed of when the work is done; null if another process has it.
   */
  static async take(path: string, options: ClaimOptions = {}): Promise<Claim | null> {
    const { staleMs = STALE_MS, renewMs = staleMs / 10 } = options;
    const claimant = { id: crypto.randomUUID(), host: Deno.hostname(), pid: Deno.pid };
    const isMine = create(path, claimant) || await takeOver(path, claimant, staleMs);
    return isMine ? new Claim(path, claimant, renewMs) : null;
  }

  /** Gives the claim back. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    if (read(this.#path)?.id === this.#claimant.id) remove(this.#path);
  }

  #renew(): void {
    if (read(this.#path)?.id !== this.#claimant.id) return;
    const now = Date.now() / 1000;
    try {
      Deno.utimeSync(this.#path, now, now);
    } catch (error) {
      // A folder that cannot be written fails the saving of the result too, with a better error.
      if (!(error instanceof Error)) throw error;
    }
  }
}

function create(path: string, claimant: Claimant): boolean {
  try {
    Deno.writeTextFileSync(path, JSON.stringify(claimant), { createNew: true });
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return false;
    throw error;
  }
}

/**
 * Takes over an abandoned claim. If several processes try, only one of them can create the mark.
 * The mark is named after the old claim, so a new claim is never taken over by mistake.
 */
async function takeOver(path: string, claimant: Claimant, staleMs: number): Promise<boolean> {
  const former = read(path);
  if (former === undefined || !isLeft(path, former, staleMs)) return false;
  // If the process that takes over is killed too, others may try again after `staleMs`.
  const turn = Math.floor(Date.now() / staleMs), mark = `${path}.${former.id}-${turn}`;
  if (!create(mark, claimant)) return false;
  try {
    if (read(path)?.id !== former.id) return false;
    const written = `${path}.${claimant.id}`;
    Deno.writeTextFileSync(written, JSON.stringify(claimant));
    Deno.renameSync(written, path);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    return read(path)?.id === claimant.id;
  } finally {
    remove(mark);
  }
}

function isLeft(path: string, { host, pid }: Claimant, staleMs: number): boolean {
  if (host === Deno.hostname() && !isProcessAlive(pid)) return true;
  try {
    const { mtime } = Deno.statSync(path);
    return mtime === null || Date.now() - mtime.getTime() > staleMs;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false; // given back just now
    throw error;
  }
}

/**
 * A claim whose file is incomplete: its process is still writing it, or was killed meanwhile. Only
 * the file's age tells which.
 */
const UNNAMED: Claimant = { id: "unnamed", host: "", pid: 0 };

/** Reads who has a claim; undefined if nobody has it. */
function read(path: string): Claimant | undefined {
  try {
    return JSON.parse(readText(path));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    if (error instanceof SyntaxError) return UNNAMED;
    throw error;
  }
}

function remove(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
