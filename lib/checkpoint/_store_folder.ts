import {
  CheckpointError,
  emptyFolder,
  foreignEntry,
  isSystemError,
  lockFile,
  reasonOf,
} from "lib/core/mod.ts";
import { stepOf } from "./_links.ts";
import type { CheckpointName } from "./checkpoint.ts";

/** The links of a store. */
export const NAMES: readonly CheckpointName[] = ["last", "previous", "best"];

/** The file that a process locks while it writes to the store. */
const LOCK = ".lock";

/** Makes the folder, and keeps other processes from writing to it. */
export function holdStore(path: string): Disposable {
  const refuse = (holder: string) =>
    new InUseError(
      `Cannot write to ${path}: expected no other process at work on it, got ${holder}; ` +
        "wait for its end, or choose another name",
    );
  return explain(`write to ${path}`, () => {
    Deno.mkdirSync(path, { recursive: true });
    return lockFile(`${path}/${LOCK}`, refuse);
  });
}

/** Names an entry of the folder that does not belong to a store; undefined if there is none. */
export function foreignToStore(path: string): string | undefined {
  const isOwn = (name: string) =>
    [...NAMES, LOCK].includes(name) || stepOf(name) !== undefined ||
    /\.tmp-\d+$/.test(name) || /^(last|previous|best)\.damaged(-\d+)?$/.test(name);
  return explain(`look into ${path}`, () => foreignEntry(path, isOwn));
}

/** Removes all checkpoints, but keeps a lock. */
export function clearStore(path: string): void {
  const foreign = foreignToStore(path);
  if (foreign !== undefined) {
    throw new CheckpointError(
      `Cannot remove the checkpoints in ${path}: expected nothing else there, got ${foreign}; ` +
        "remove it by hand, or choose another name",
    );
  }
  explain(`remove the checkpoints in ${path}`, () => {
    if (!isThere(path)) return;
    using _lock = holdStore(path);
    emptyFolder(path, [LOCK]);
  });
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/**
 * Removes a folder that is not needed, or gives a warning: a failure here must not stop the caller.
 */
export function removeIfPossible(path: string): string[] {
  try {
    Deno.removeSync(path, { recursive: true });
    return [];
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return [`Cannot remove ${path}, which is not needed any more: ${reasonOf(error)}`];
  }
}

/** Runs `act`; if the file system refuses, the error says what was being done. */
export function explain<T>(what: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    if (cause instanceof TypeError || cause instanceof InUseError) throw cause;
    throw new CheckpointError(`Cannot ${what}: ${reasonOf(cause)}`, { cause });
  }
}

/**
 * Thrown if another process holds the store; `explain` passes it on, because its message is
 * complete.
 */
class InUseError extends CheckpointError {}
