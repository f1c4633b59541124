/**
 * Folders in which the checks of notebook 3 let answers write, and power cuts while they do.
 *
 * @module
 */

/** Runs something in two folders that are gone afterwards; a path without a folder leads beside them. */
export function inFolders<T>(act: (folder: string, other: string) => T): T {
  const root = Deno.makeTempDirSync({ prefix: "checkpoints-" });
  const folders = [`${root}/one`, `${root}/two`] as const;
  const former = Deno.cwd();
  try {
    for (const folder of folders) Deno.mkdirSync(folder);
    Deno.chdir(root);
    return act(...folders);
  } finally {
    Deno.chdir(former);
    Deno.removeSync(root, { recursive: true });
  }
}

/** Copies the files of a folder: what is not in them is lost, as when a machine is changed. */
export function copyFiles(from: string, to: string): void {
  for (const { name, isFile } of Deno.readDirSync(from)) {
    if (isFile) Deno.copyFileSync(`${from}/${name}`, `${to}/${name}`);
  }
}

/**
 * Lets the power fail while something writes files: after so many of them half a file is written, and
 * nothing behind it.
 *
 * @param writes Files that are written to their end.
 * @param act What writes, by `Deno.writeFileSync` or `Deno.writeTextFileSync`.
 * @returns Whether it came to its end before the power failed.
 */
export function cutPower(writes: number, act: () => void): boolean {
  const { writeFileSync, writeTextFileSync } = Deno;
  let left = writes;
  const failing = <Data extends Uint8Array | string>(
    write: (path: string | URL, data: Data, options?: Deno.WriteFileOptions) => void,
  ) =>
  (path: string | URL, data: Data, options?: Deno.WriteFileOptions) => {
    if (left-- > 0) return write(path, data, options);
    write(path, data.slice(0, data.length / 2) as Data, options); // a part of the same kind
    throw new PowerCut();
  };
  Object.assign(Deno, {
    writeFileSync: failing(writeFileSync),
    writeTextFileSync: failing(writeTextFileSync),
  });
  try {
    act();
    return true;
  } catch (error) {
    if (error instanceof PowerCut) return false;
    throw error;
  } finally {
    Object.assign(Deno, { writeFileSync, writeTextFileSync });
  }
}

class PowerCut extends Error {}

/** Whether something throws. */
export function isThrown(act: () => unknown): boolean {
  try {
    act();
    return false;
  } catch {
    return true;
  }
}
