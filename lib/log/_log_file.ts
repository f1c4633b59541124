import { explainFile, writeFileAtomically } from "lib/core/mod.ts";
import { LogChangedError } from "./log_changed_error.ts";
import type { LogOptions } from "./log_options.ts";

/** What a kind of log knows of its bytes. */
export interface LogFormat {
  /** Says what is wrong with the bytes that are to stay; undefined if nothing is. */
  readonly problemOf: (kept: Uint8Array) => string | undefined;
  /** Gives what of damaged bytes can stay. */
  readonly mend: (kept: Uint8Array) => Uint8Array;
}

/** A file that only grows, but for the cut when a run is resumed. */
export class LogFile implements Disposable {
  readonly path: string;
  readonly #file: Deno.FsFile;
  #position: number;

  private constructor(path: string, file: Deno.FsFile, position: number) {
    this.path = path;
    this.#file = file;
    this.#position = position;
  }

  /** Opens a file; where the bytes that stay are damaged, mends them or refuses. */
  static open(path: string, { truncateTo, onMend }: LogOptions, format: LogFormat): LogFile {
    return explainFile(`write ${path}`, () => {
      if (onMend !== undefined) setAsideNoFile(path, onMend);
      const found = readIfThere(path), wanted = truncateTo ?? found.length;
      const problem = problemOf(found, wanted, format);
      if (problem !== undefined && onMend === undefined) {
        throw new RangeError(
          `Cannot append to ${path}: ${problem}; move it away, and it is begun anew`,
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

  /** Appends in one write, so that a reader, or a kill, does not meet half a record. */
  append(bytes: Uint8Array): void {
    explainFile(`write ${this.path}`, () => {
      this.#checkSize();
      for (let done = 0; done < bytes.length;) done += this.#file.writeSync(bytes.subarray(done));
    });
    this.#position += bytes.length;
  }

  /** Cuts off what lies behind a position. */
  truncate(position: number): void {
    explainFile(`write ${this.path}`, () => {
      this.#checkSize();
      this.#file.truncateSync(position);
      this.#file.seekSync(position, Deno.SeekMode.Start);
    });
    this.#position = position;
  }

  /** Waits until all is on the disk, under the file's name. */
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

  /** Written on at the old place, a file that was cut would be filled up with zeros. */
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

/** Puts the good part in the file's place; what was there stays beside it. */
function mend(path: string, found: Uint8Array, good: Uint8Array): Uint8Array {
  if (found.length > 0) writeFileAtomically(damagedPath(path), found);
  writeFileAtomically(path, good);
  return good;
}

function describeMend(path: string, problem: string, { length }: Uint8Array): string {
  const what = length === 0 ? "begun anew" : `mended: ${length} bytes of it stay`;
  return `${path} is damaged (${problem}) and was ${what}`;
}

/** A folder or a pipe in the file's place would fail, or never end, to be read. */
export function setAsideNoFile(path: string, onMend: (message: string) => void): void {
  try {
    if (Deno.statSync(path).isFile) return;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    try {
      Deno.lstatSync(path); // a link that leads nowhere
    } catch {
      return;
    }
  }
  Deno.renameSync(path, damagedPath(path));
  onMend(`${path} is no file, was renamed to ${damagedPath(path)}, and is begun anew`);
}

/** TensorBoard reads whatever has "tfevents" in its name. */
function damagedPath(path: string): string {
  const name = path.lastIndexOf("/") + 1;
  return `${path.slice(0, name)}${path.slice(name).replace("tfevents", "events")}.damaged`;
}

function readIfThere(path: string): Uint8Array {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return new Uint8Array();
    throw error;
  }
}
