import { dirname } from "node:path";
import { FileError, reasonOf } from "./file_error.ts";
import { isProcessAlive } from "./process_alive.ts";
import { type System, systemOf } from "./system.ts";

/**
 * Writes a whole file atomically: a reader sees either the old content or the new content, never a
 * part, even after a crash at any moment.
 *
 * The bytes are written to a temporary file beside it and synced to the disk before the rename.
 * Then the folder is synced too, so that the new name survives a power cut. Windows cannot sync
 * folders: there the file system's journal must keep the name.
 *
 * @param path The file; its folder must exist.
 * @param content Bytes, or text, which is written as UTF-8.
 * @param system What the system can do; by default the one that this process runs on.
 * @throws {FileError} If the disk is full or the folder cannot be written: the old file is
 *   unchanged, and the temporary one is removed.
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
export function writeFileAtomically(
  path: string,
  content: Uint8Array | string,
  system: System = systemOf(),
): void {
  replaceAtomically(path, (temporary) => writeDurably(temporary, content), system);
}

/**
 * Writes a whole folder of files so that it appears complete or not at all.
 *
 * @param path The folder; it must not exist, but its parent must.
 * @param files Contents by file name.
 * @param system As for {@linkcode writeFileAtomically}.
 * @throws {FileError} If the disk is full, the parent cannot be written or the folder exists: no
 *   part of the folder is left.
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
  system: System = systemOf(),
): void {
  replaceAtomically(path, (temporary) => {
    removeIfThere(temporary);
    Deno.mkdirSync(temporary);
    for (const [name, content] of Object.entries(files)) {
      writeDurably(`${temporary}/${name}`, content);
    }
    syncFolder(temporary, system);
  }, system);
}

/**
 * Points a link at another target in one step, so that the link is never missing in between. It is
 * a symbolic link. If not every user may make symbolic links on the system, or the file system has
 * none, it is a small file with the target's name. {@linkcode readPointer} reads both.
 *
 * @param path The link, new or old.
 * @param target The target, relative to the link's folder.
 * @param system As for {@linkcode writeFileAtomically}.
 * @throws {FileError} If the folder cannot be written, or `path` is a folder; the old link stays.
 *
 * @example
 * ```ts
 * import { pointAtomically, readPointer } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const link = `${Deno.makeTempDirSync()}/last`;
 * pointAtomically(link, "step-1");
 * pointAtomically(link, "step-2");
 * assertEquals(readPointer(link), "step-2");
 * ```
 */
export function pointAtomically(path: string, target: string, system: System = systemOf()): void {
  replaceAtomically(path, (temporary) => {
    removeIfThere(temporary);
    if (system.hasLinks && linkIfPossible(target, temporary)) return;
    writeDurably(temporary, `${target}\n`);
  }, system);
}

/** The error codes of file systems without symbolic links, such as those of memory cards. */
const NO_LINKS = ["EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP"];

/** Makes a symbolic link; false if the file system has none. */
function linkIfPossible(target: string, path: string): boolean {
  try {
    Deno.symlinkSync(target, path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && NO_LINKS.includes(`${error.code}`)) {
      return false;
    }
    throw error;
  }
}

/** More bytes than the name of a folder has. */
const POINTER_BYTES = 1024;

/**
 * Reads a link that {@linkcode pointAtomically} made, here or on another system.
 *
 * @param path The link.
 * @returns The target.
 * @throws {Deno.errors.NotFound} If `path` does not exist.
 * @throws {TypeError} If `path` is not a link, but for example a folder.
 *
 * @example
 * ```ts
 * import { readPointer } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const path = `${Deno.makeTempDirSync()}/last`;
 * Deno.writeTextFileSync(path, "step-2\n");
 * assertEquals(readPointer(path), "step-2");
 * ```
 */
export function readPointer(path: string): string {
  const { isSymlink, isFile, size } = Deno.lstatSync(path);
  if (isSymlink) return Deno.readLinkSync(path);
  if (isFile && size <= POINTER_BYTES) return Deno.readTextFileSync(path).trimEnd();
  throw new TypeError(
    `Cannot read ${path}: expected a link or a file with a folder's name, got ` +
      (isFile ? `a file of ${size} bytes` : "a folder"),
  );
}

/**
 * Removes what killed writers left in a folder: entries named `*.tmp-PID` whose process has ended.
 *
 * @param folder Where to look; its subfolders are not searched.
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
    if (pid === undefined || isOfAnother(Number(pid))) continue;
    removeIfThere(`${folder}/${name}`);
    removed.push(name);
  }
  return removed;
}

/** Makes `temporary` with `make`, then renames it to `path`; removes `temporary` on an error. */
function replaceAtomically(
  path: string,
  make: (temporary: string) => void,
  system: System,
): void {
  const temporary = `${path}.tmp-${Deno.pid}`;
  try {
    make(temporary);
    rename(temporary, path, system);
    syncFolder(dirname(path), system);
  } catch (cause) {
    removeIfThere(temporary);
    throw new FileError(`Cannot write ${path}: ${reasonOf(cause)}`, { cause });
  }
}

function rename(from: string, to: string, { renameWaitsMs }: System): void {
  for (const waitMs of renameWaitsMs) {
    try {
      return Deno.renameSync(from, to);
    } catch (error) {
      if (!(error instanceof Deno.errors.PermissionDenied)) throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, waitMs);
  }
  Deno.renameSync(from, to);
}

/** Writes a file and waits until it is on the disk. */
function writeDurably(path: string, content: Uint8Array | string): void {
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  using file = Deno.openSync(path, { write: true, create: true, truncate: true });
  for (let done = 0; done < bytes.length;) done += file.writeSync(bytes.subarray(done));
  file.syncSync();
}

/**
 * A folder contains the names of its files, so a rename is on the disk only after the folder is.
 */
function syncFolder(path: string, { syncsFolders }: System): void {
  if (!syncsFolders) return;
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

/**
 * This process's own leftovers count as dead, because each write ends before its function returns.
 */
function isOfAnother(pid: number): boolean {
  return pid !== Deno.pid && isProcessAlive(pid);
}
