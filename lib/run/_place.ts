import { CheckpointStore } from "lib/checkpoint/mod.ts";
import { ConfigError } from "lib/core/mod.ts";
import { readCsv } from "lib/log/mod.ts";
import { checkRunName, createRunFolder, nextRunName } from "./run_folder.ts";
import { checkIdleFolder, holdForTraining } from "lib/train/mod.ts";

/** The folders of all runs. */
export interface Roots {
  readonly runs: string;
  readonly checkpoints: string;
}

/** The name and the places of a new run; its store stays locked until the run is trained. */
export interface Place {
  readonly name: string;
  readonly folder: string;
  readonly store: CheckpointStore;
}

/** Takes the first free name of a series, even if other processes take names at the same time. */
export function takeFreeName(roots: Roots, stem: string): Place {
  while (true) {
    const name = nextRunName([roots.runs, roots.checkpoints], stem);
    try {
      return takeName(roots, name, false);
    } catch (error) {
      // Another process was faster: try the next name.
      if (!exists(`${roots.runs}/${name}`) && !exists(`${roots.checkpoints}/${name}`)) throw error;
    }
  }
}

/** Takes a name for a new run; a run of that name is replaced only if this is asked for. */
export function takeName(roots: Roots, name: string, overwrite: boolean): Place {
  checkRunName(name);
  const store = CheckpointStore.at(`${roots.checkpoints}/${name}`);
  const foreign = store.foreignEntry();
  if (foreign !== undefined) {
    throw new ConfigError(
      `Cannot begin run "${name}": expected nothing but checkpoints in ${store.path}, got ` +
        `${foreign}; choose another with --name`,
    );
  }
  checkIdleFolder(store.path);
  const isNew = !exists(store.path), lock = store.hold();
  try {
    const isEmpty = !store.has();
    const isUnborn = isEmpty && neverTrained(`${roots.runs}/${name}`);
    if (!overwrite && !isUnborn) checkFree(roots, store);
    const folder = createRunFolder(roots.runs, name, { overwrite: overwrite || isUnborn });
    store.clear();
    holdForTraining(store, lock);
    return { name, folder, store };
  } catch (error) {
    lock[Symbol.dispose]();
    if (isNew) removeIfEmpty(store.path);
    throw error;
  }
}

function checkFree(roots: Roots, store: CheckpointStore): void {
  const { name, path } = store, folder = `${roots.runs}/${name}`;
  if (!exists(folder) && !store.has()) return;
  const got = !store.has()
    ? `${folder}, which has no checkpoint`
    : exists(folder)
    ? "one that exists"
    : `one with checkpoints in ${path}`;
  const goOn = store.has() ? "go on with it by --resume, or " : "or ";
  throw new ConfigError(
    `Cannot begin run "${name}": expected a new name, got ${got}; choose another with --name, ` +
      `${goOn}replace it by --overwrite`,
  );
}

/** Whether a run died before it had learned anything: then there is nothing in its folder to lose. */
function neverTrained(folder: string): boolean {
  if (isEmptyFolder(folder)) return true; // killed before it wrote its settings
  if (!exists(`${folder}/config.json`) || exists(`${folder}/report.html`)) return false;
  try {
    return readCsv(`${folder}/metrics.csv`).rows.every(({ step }) => step === 0);
  } catch (error) {
    return error instanceof Deno.errors.NotFound;
  }
}

function isEmptyFolder(path: string): boolean {
  try {
    return Deno.readDirSync(path)[Symbol.iterator]().next().done === true;
  } catch {
    return false; // nothing there, or no folder: told where it is used
  }
}

function removeIfEmpty(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // Then it stays: the error to report is the earlier one.
  }
}

/** Whether anything has that name, even a broken link. */
export function exists(path: string): boolean {
  try {
    return Deno.lstatSync(path) !== undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
