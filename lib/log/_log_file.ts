import { explainFile, readBytes, writeFileAtomically } from "lib/core/mod.ts";
import { LogChangedError } from "./log_changed_error.ts";
import type { LogOptions } from "./log_options.ts";

/** How one kind of log checks and mends its bytes. */
export interface LogFormat {
  /** Says what is wrong with the bytes to keep; undefined if nothing is wrong. */
  readonly problemOf: (kept: Uint8Array) => string | undefined;
  /** Gives the part of damaged bytes that can be kept. */
  readonly mend: (kept: Uint8Array) => Uint8Array;
}

/** A file that only grows, except that its end is cut off when a run is resumed. */
export class LogFile implements Disposable {
  readonly path: string;
  readonly #file: Deno.FsFile;
  #position: number;

  private constructor(path: string, file: Deno.FsFile, position: number) {
    this.path = path;
    this.#file = file;
    this.#position = position;
  }

  /** Opens a file; if the bytes to keep are damaged, mends them (with `onMend`) or throws. */
  static open(path: string, { truncateTo, onMend }: LogOptions, format: LogFormat): LogFile {
    return explainFile(`write ${path}`, () => {
      if (onMend !== undefined) setAsideNoFile(path, onMend);
      const found = readIfThere(path), wanted = truncateTo ?? found.length;
      const problem = problemOf(found, wanted, format);
      if (problem !== undefined && onMend === undefined) {
        throw new RangeError(
          `Cannot append to ${path}: ${problem}; move it away, and a new one is begun`,
        );
      }
      const kept = problem === undefined
        ? found.subarray(0, wanted)
        : mend(path, found, format.mend(found.subarray(0, wanted)));
      if (problem !== undefined) onMend?.(describeMend(path, problem, kept));
      const file = Deno.openSync(path, { write: true, create: true });
      file.truncateSync(kept.length);
      file.seekSync(kept.length, Deno.SeekMode.Start);
      return new LogFile(path, file, kept.length);
    });
  }

  /** Bytes written so far, earlier runs included. */
  get position(): number {
    return this.#position;
  }

  /**
   * Appends in one write, so that a reader sees no half record, and a killed process leaves none.
   */
  append(bytes: Uint8Array): void {
    explainFile(`write ${this.path}`, () => {
      this.#checkSize();
      for (let done = 0; done < bytes.length;) done += this.#file.writeSync(bytes.subarray(done));
    });
    this.#position += bytes.length;
  }

  /** Removes all bytes after a position. */
  truncate(position: number): void {
    explainFile(`write ${this.path}`, () => {
      this.#checkSize();
      this.#file.truncateSync(position);
      this.#file.seekSync(position, Deno.SeekMode.Start);
    });
    this.#position = position;
  }

  /** Waits until all bytes are on the disk, and checks that the path still names this file. */
  sync(): void {
    explainFile(`write ${this.path}`, () => {
      this.#checkSize();
      this.#file.syncSync();
      if (Deno.statSync(this.path).ino === this.#file.statSync().ino) return;
      throw new LogChangedError(
        `Cannot write ${this.path}: expected the file that was opened, got another of that name`,
      );
    });
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }

  /**
   * If another program has cut the file, a write at the old position would fill the gap with zeros.
   */
  #checkSize(): void {
    const { size } = this.#file.statSync();
    if (size === this.#position) return;
    throw new LogChangedError(
      `Cannot write ${this.path}: expected the ${this.#position} bytes that were written, ` +
        `got ${size}: another program has changed it`,
    );
  }
}

function problemOf(found: Uint8Array, wanted: number, format: LogFormat): string | undefined {
  if (Number.isSafeInteger(wanted) && wanted >= 0 && wanted <= found.length) {
    return format.problemOf(found.subarray(0, wanted));
  }
  return `expected ${wanted} bytes or more, got ${found.length}`;
}

/** Replaces the file by its good part; the damaged file is kept beside it. */
function mend(path: string, found: Uint8Array, good: Uint8Array): Uint8Array {
  if (found.length > 0) writeFileAtomically(damagedPath(path), found);
  writeFileAtomically(path, good);
  return good;
}

function describeMend(path: string, problem: string, { length }: Uint8Array): string {
  const cure = length === 0 ? "a new one is begun" : `${length} good bytes of it are kept`;
  return `${path} is damaged (${problem}): ${cure}`;
}

/** Renames a folder or a pipe that has the file's name: reading it would fail or never end. */
export function setAsideNoFile(path: string, onMend: (message: string) => void): void {
  try {
    if (Deno.statSync(path).isFile) return;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    try {
      Deno.lstatSync(path); // a link to a missing file
    } catch {
      return;
    }
  }
  Deno.renameSync(path, damagedPath(path));
  onMend(`${path} is not a file: it was renamed to ${damagedPath(path)}, and a new file is begun`);
}

/** The new name of a damaged file: TensorBoard would read any file with "tfevents" in its name. */
function damagedPath(path: string): string {
  const name = path.lastIndexOf("/") + 1;
  return `${path.slice(0, name)}${path.slice(name).replace("tfevents", "events")}.damaged`;
}

function readIfThere(path: string): Uint8Array {
  try {
    return readBytes(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return new Uint8Array();
    throw error;
  }
}
