import type { LogOptions } from "./log_options.ts";

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

  /** Opens a file; `check` may refuse the bytes that stay, before anything is cut off. */
  static open(
    path: string,
    { truncateTo }: LogOptions,
    check: (kept: Uint8Array) => void = () => {},
  ): LogFile {
    const found = readIfThere(path), position = truncateTo ?? found.length;
    if (!Number.isSafeInteger(position) || position < 0 || position > found.length) {
      throw new RangeError(
        `Cannot resume ${path}: expected ${position} bytes or more, got ${found.length}; ` +
          "it is not the file that the checkpoint was made with, start a new run",
      );
    }
    check(found.subarray(0, position));
    const file = Deno.openSync(path, { write: true, create: true });
    file.truncateSync(position);
    file.seekSync(position, Deno.SeekMode.Start);
    return new LogFile(path, file, position);
  }

  /** Bytes written so far, earlier runs included. */
  get position(): number {
    return this.#position;
  }

  /** Appends in one write, so that a reader, or a kill, does not meet half a record. */
  append(bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length;) done += this.#file.writeSync(bytes.subarray(done));
    this.#position += bytes.length;
  }

  /** Cuts off what lies behind a position. */
  truncate(position: number): void {
    this.#file.truncateSync(position);
    this.#file.seekSync(position, Deno.SeekMode.Start);
    this.#position = position;
  }

  /** Waits until all is on the disk. */
  sync(): void {
    this.#file.syncSync();
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

function readIfThere(path: string): Uint8Array {
  try {
    return Deno.readFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return new Uint8Array();
    throw error;
  }
}
