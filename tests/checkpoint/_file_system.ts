/** The calls that change a disk, in the order in which they were made. */
export type Call = "mkdir" | "open" | "write" | "sync" | "rename" | "symlink" | "remove";

/**
 * Runs `act` with every call that changes the disk going through `before`, which may throw.
 *
 * Thrown from one call on, it is a kill at that call: nothing after it reaches the disk, and no
 * clean-up either. Thrown once, it is an error of the file system.
 */
export function watchDisk<T>(before: (call: Call) => void, act: () => T): T {
  const original = { ...Deno }, file = { ...methods() };
  const through = <Args extends unknown[], R>(call: Call, fn: (...args: Args) => R) =>
    function (this: unknown, ...args: Args): R {
      before(call);
      return fn.apply(this, args);
    };
  Object.assign(Deno, {
    mkdirSync: through("mkdir", original.mkdirSync),
    renameSync: through("rename", original.renameSync),
    symlinkSync: through("symlink", original.symlinkSync),
    removeSync: through("remove", original.removeSync),
    openSync: through("open", original.openSync),
  });
  Object.assign(Deno.FsFile.prototype, {
    writeSync: through("write", file.writeSync),
    syncSync: through("sync", file.syncSync),
  });
  try {
    return act();
  } finally {
    const { mkdirSync, renameSync, symlinkSync, removeSync, openSync } = original;
    Object.assign(Deno, { mkdirSync, renameSync, symlinkSync, removeSync, openSync });
    Object.assign(Deno.FsFile.prototype, file);
  }
}

function methods() {
  const { writeSync, syncSync } = Deno.FsFile.prototype;
  return { writeSync, syncSync };
}
