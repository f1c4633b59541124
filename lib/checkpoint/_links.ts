import { CheckpointError, explainFile, readPointer } from "lib/core/mod.ts";

const STEP_FOLDER = /^step-(\d{8,})(\.\d+)?$/;

/** The folder that a link names; undefined if there is no such link. */
export function readLink(path: string): string | undefined {
  let target: string;
  try {
    target = readPointer(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotFound) return undefined;
    throw new CheckpointError(
      `${path}: expected a link, got something else; ` +
        "remove it, and copy checkpoints with their links, as `cp -a` does",
      { cause },
    );
  }
  if (STEP_FOLDER.test(target)) return target;
  throw new CheckpointError(
    `${path}: expected a link such as step-00000846, got one to ${target}; remove it`,
  );
}

/** The folder that a link names; undefined also if the link is damaged. */
export function soundLink(path: string): string | undefined {
  try {
    return readLink(path);
  } catch (error) {
    if (error instanceof CheckpointError) return undefined;
    throw error;
  }
}

/** Renames a folder that has a link's name, because a link cannot replace a folder. */
export function setFolderAside(path: string): void {
  if (modifiedAt(path) === undefined || !Deno.lstatSync(path).isDirectory) return;
  let free = `${path}.damaged`;
  for (let i = 2; modifiedAt(free) !== undefined; i++) free = `${path}.damaged-${i}`;
  Deno.renameSync(path, free);
}

/**
 * When a link was last moved or a folder last changed, in milliseconds; undefined if there is none.
 */
export function modifiedAt(path: string): number | undefined {
  try {
    return Deno.lstatSync(path).mtime?.getTime() ?? 0;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Names of the folders in a folder; none if it does not exist. */
export function listFolders(path: string): string[] {
  return explainFile(`look into ${path}`, () => {
    try {
      return [...Deno.readDirSync(path)].filter((entry) => entry.isDirectory)
        .map((entry) => entry.name).sort();
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  });
}

/** The name of a step's folder; the second and later folders of a step have a number at the end. */
export function stepFolder(step: number, attempt: number): string {
  return `step-${String(step).padStart(8, "0")}` + (attempt === 1 ? "" : `.${attempt}`);
}

/** The step in a folder's name; undefined if the folder is not a step's. */
export function stepOf(folder: string): number | undefined {
  const digits = STEP_FOLDER.exec(folder)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
