/**
 * The folder that a grader works in: gone with the process, however that ends.
 *
 * @module
 */
import process from "node:process";

/** Signals that end a program, and the exit code: 128 + their number. */
const SIGNALS = [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const;

/**
 * Makes a folder for this process, and removes those that dead processes of this machine left behind.
 * It goes at every exit: at the end, on an error, and on Ctrl-C, SIGTERM and SIGHUP, which end the process
 * here. What SIGKILL leaves behind goes at the next start.
 *
 * @param root The folder in which such folders lie.
 * @returns The folder's path.
 */
export function openWorkplace(root: string): string {
  Deno.mkdirSync(root, { recursive: true });
  for (const { name } of Deno.readDirSync(root)) {
    if (isLeftBehind(name)) remove(`${root}/${name}`);
  }
  const folder = `${root}/${nameOf(Deno.pid)}`;
  remove(folder); // of a process that had the same number
  Deno.mkdirSync(folder);
  globalThis.addEventListener("unload", () => remove(folder));
  for (const [signal, code] of SIGNALS) {
    Deno.addSignalListener(signal, () => {
      remove(folder); // whatever else listens to the end
      Deno.exit(code);
    });
  }
  return folder;
}

function nameOf(pid: number): string {
  return `run-${Deno.hostname()}-${pid}`;
}

/** Another machine may share the folder: of its processes nothing is known here. */
function isLeftBehind(name: string): boolean {
  const pid = Number(/-(\d+)$/.exec(name)?.[1]);
  return name === nameOf(pid) && !isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM"; // another user's
  }
}

function remove(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
