import process from "node:process";
import { FileError, reasonOf } from "./file_error.ts";

/**
 * Writes a whole file so that a reader, or a crash at any moment, meets the old content or the new
 * one, and never a part of either.
 *
 * The bytes go to a temporary file beside it and to the disk before the name changes hands; then
 * the folder goes to the disk too, so that the new name outlives a power cut.
 *
 * @param path The file; its folder must exist.
 * @param content Bytes, or text to be written as UTF-8.
 * @throws {FileError} If the disk is full or the folder cannot be written: the old file stays as it
 * was, and the temporary one is removed.
 *
 * @example
 * ```ts
 * import { writeFileAtomically } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const path = `${Deno.makeTempDirSync()}/config.json`;
 * writeFileAtomically(path, "{}");
 * assertEquals(Deno.readTextFileSync(path), "{}");
 * ```
 */
export function writeFileAtomically(path: string, content: Uint8Array | string): void {
  replaceAtomically(path, (temporary) => writeDurably(temporary, content));
}

/**
 * Writes a whole folder of files so that it appears complete or not at all.
 *
 * @param path The folder; it must not exist, its parent must.
 * @param files Contents by file name.
 * @throws {FileError} If the disk is full, the parent cannot be written or the folder exists: nothing
 * is left behind.
 *
 * @example
 * ```ts
 * import { writeFolderAtomically } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const path = `${Deno.makeTempDirSync()}/step-1`;
 * writeFolderAtomically(path, { "state.json": "{}", "weights.bin": new Uint8Array(4) });
 * assertEquals(Deno.statSync(`${path}/weights.bin`).size, 4);
 * ```
 */
export function writeFolderAtomically(
  path: string,
  files: Readonly<Record<string, Uint8Array | string>>,
): void {
  replaceAtomically(path, (temporary) => {
    removeIfThere(temporary);
    Deno.mkdirSync(temporary);
    for (const [name, content] of Object.entries(files)) {
      writeDurably(`${temporary}/${name}`, content);
    }
    syncFolder(temporary);
  });
}

/**
 * Points a symbolic link at another target in one move: it is never missing in between.
 *
 * @param path The link, new or old.
 * @param target What it names, relative to the link's folder.
 * @throws {FileError} If the folder cannot be written, or `path` is no link; the old link stays.
 *
 * @example
 * ```ts
 * import { linkAtomically } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const link = `${Deno.makeTempDirSync()}/last`;
 * linkAtomically(link, "step-1");
 * linkAtomically(link, "step-2");
 * assertEquals(Deno.readLinkSync(link), "step-2");
 * ```
 */
export function linkAtomically(path: string, target: string): void {
  replaceAtomically(path, (temporary) => {
    removeIfThere(temporary);
    Deno.symlinkSync(target, temporary);
  });
}

/**
 * Removes what killed writers left in a folder: entries named `*.tmp-PID` whose process is gone.
 *
 * @param folder Where to look; not below it.
 * @returns The names removed.
 *
 * @example
 * ```ts
 * import { removeLeftovers } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = Deno.makeTempDirSync();
 * Deno.writeTextFileSync(`${folder}/config.json.tmp-${Deno.pid}`, "{");
 * assertEquals(removeLeftovers(folder), [`config.json.tmp-${Deno.pid}`]);
 * ```
 */
export function removeLeftovers(folder: string): string[] {
  const removed: string[] = [];
  for (const { name } of [...Deno.readDirSync(folder)]) {
    const pid = /\.tmp-(\d+)$/.exec(name)?.[1];
    if (pid === undefined || isAnotherProcess(Number(pid))) continue;
    removeIfThere(`${folder}/${name}`);
    removed.push(name);
  }
  return removed;
}

/** Makes `temporary` with `make`, then gives it the name `path`; undoes everything on an error. */
function replaceAtomically(path: string, make: (temporary: string) => void): void {
  const temporary = `${path}.tmp-${Deno.pid}`;
  try {
    make(temporary);
    Deno.renameSync(temporary, path);
    syncFolder(path.slice(0, path.lastIndexOf("/") + 1) || ".");
  } catch (cause) {
    removeIfThere(temporary);
    throw new FileError(`Cannot write ${path}: ${reasonOf(cause)}`, { cause });
  }
}

/** Writes a file and waits until it is on the disk. */
function writeDurably(path: string, content: Uint8Array | string): void {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  using file = Deno.openSync(path, { write: true, create: true, truncate: true });
  for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
  file.syncSync();
}

/** A folder is a file of names: a rename is on the disk only once the folder is. */
function syncFolder(path: string): void {
  using folder = Deno.openSync(path, { read: true });
  folder.syncSync();
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    const isMissing = error instanceof Deno.errors.NotFound;
    if (!isMissing && !(error instanceof Deno.errors.NotADirectory)) throw error;
  }
}

/** Own leftovers count as dead: all writes here end before they return. */
function isAnotherProcess(pid: number): boolean {
  if (pid === Deno.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
