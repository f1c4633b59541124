import { basename, dirname, join } from "node:path";
import { readText } from "./read_text.ts";

/** The locks of this process, by path; each may be held several times. */
const held = new Map<string, { readonly file: Deno.FsFile; count: number }>();

/**
 * Takes the system's lock on a file, which is created for it, so that other processes cannot take
 * the lock. The lock ends with the process, even if that is killed. The same process may take it
 * again; other processes get it after every holder has released it.
 *
 * @param path The lock's file; its folder must exist. It names the holder, and is removed with the
 *   lock.
 * @param refuse Makes the error for a lock that another process holds, from a description of that
 *   process.
 * @returns The lock; dispose it to release it.
 *
 * @example
 * ```ts
 * import { lockFile } from "lib/core/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * const path = `${Deno.makeTempDirSync()}/.lock`;
 * {
 *   using _lock = lockFile(path, (holder) => new Error(`got ${holder}`));
 *   Deno.statSync(path);
 * }
 * assertThrows(() => Deno.statSync(path), Deno.errors.NotFound);
 * ```
 */
export function lockFile(path: string, refuse: (holder: string) => Error): Disposable {
  const place = join(Deno.realPathSync(dirname(path)), basename(path));
  const lock = held.get(place) ?? { file: open(place, refuse), count: 0 };
  held.set(place, lock);
  lock.count++;
  let isMine = true;
  return {
    [Symbol.dispose]() {
      if (!isMine) return;
      isMine = false;
      if (--lock.count > 0) return;
      held.delete(place);
      release(place, lock.file);
    },
  };
}

function open(path: string, refuse: (holder: string) => Error): Deno.FsFile {
  while (true) {
    const file = Deno.openSync(path, { read: true, write: true, create: true });
    if (!file.tryLockSync(true)) {
      file.close();
      throw refuse(describeHolder(path));
    }
    // The former holder may have removed the file between these two calls; then this lock does not
    // count.
    if (isStill(path, file)) {
      nameHolder(path, file);
      return file;
    }
    file.close();
  }
}

/** Writes who holds the lock; where that fails, as on a full disk, nobody does. */
function nameHolder(path: string, file: Deno.FsFile): void {
  const holder = { pid: Deno.pid, host: Deno.hostname(), since: new Date().toISOString() };
  try {
    file.truncateSync();
    file.writeSync(new TextEncoder().encode(`${JSON.stringify(holder)}\n`));
  } catch (error) {
    release(path, file); // else this process would take itself for another one at its next try
    throw error;
  }
}

/** Removes the file before the lock ends, unless its folder was replaced meanwhile. */
function release(path: string, file: Deno.FsFile): void {
  try {
    if (isStill(path, file)) Deno.removeSync(path);
  } catch {
    // A file that cannot be removed, as in a folder that is now read-only, does not lock anything.
  }
  file.close();
}

function isStill(path: string, file: Deno.FsFile): boolean {
  try {
    return Deno.statSync(path).ino === file.statSync().ino;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function describeHolder(path: string): string {
  try {
    const { pid, host, since } = JSON.parse(readText(path));
    return `process ${pid} on ${host}, at work since ${since}`;
  } catch {
    // The holder may not have written its description yet, and on Windows others cannot read a
    // locked file.
    return "another process";
  }
}
