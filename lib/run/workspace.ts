import { CheckpointStore } from "lib/checkpoint/mod.ts";
import { CheckpointError, ConfigError, explainFile, readText } from "lib/core/mod.ts";
import { checkRunName, createRunFolder, openRunFolder, writeConfig } from "./run_folder.ts";
import {
  checkIdleFolder,
  createRun,
  holdForTraining,
  type ResumedRun,
  type ResumeOptions,
  resumeRun,
  type Run,
  type RunConfig,
  type RunOptions,
} from "lib/train/mod.ts";
import { exists, type Roots, takeFreeName, takeName } from "./_place.ts";

/** A run and the places of its files. */
export interface PlacedRun {
  /** Its name: that of its folders. */
  readonly name: string;
  /** Its folder under `runs/`. */
  readonly folder: string;
  /** The run, with a store under `checkpoints/`. */
  readonly run: Run;
}

/** A resumed run, and what was noticed while it was loaded. */
export interface ReopenedRun extends PlacedRun, Omit<ResumedRun, "run"> {
  /** What was wrong with its files, besides the checkpoint's own `warnings`. */
  readonly warnings: readonly string[];
}

/** Where runs are kept, and the name of a new one. */
export interface PlaceOptions extends Omit<RunOptions, "store"> {
  /** The folder that holds `runs/` and `checkpoints/`; default the current one. */
  readonly root?: string;
  /** The run's name; default the level and the next free number, such as `plain-001`. */
  readonly name?: string;
  /** Whether to replace a run of that name; default false. */
  readonly overwrite?: boolean;
  /** What else to write into `config.json`: versions, device. */
  readonly environment?: Readonly<Record<string, unknown>>;
}

/**
 * Makes a new run: checks its settings, and only then makes its folders.
 *
 * Other processes cannot use the run until it is trained or this process ends. A run of the same name
 * that ended before its first step is replaced without asking: it has learned nothing.
 *
 * @param config The settings.
 * @param options Name and place.
 * @returns The run; the caller owns its tensors.
 * @throws {ConfigError} If the settings do not fit, or there is a run of that name, or its folders
 *   hold what no run writes.
 * @throws {CheckpointError} If another process trains a run of that name.
 * @throws {DOMException} If a loop of this process is.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { beginRun } from "lib/run/mod.ts";
 * import { runConfig } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const settings = runConfig({ data: { examples: 100 }, train: { warmup: 0 } });
 * const { name } = beginRun(settings, { root: Deno.makeTempDirSync() });
 * assertEquals(name, "plain-001");
 * ```
 */
export function beginRun(config: RunConfig, options: PlaceOptions = {}): PlacedRun {
  const { root = ".", overwrite = false } = options, roots = rootsIn(root);
  const run = createRun(config, options);
  const { name, folder, store } = options.name === undefined
    ? takeFreeName(roots, config.data.level)
    : takeName(roots, options.name, overwrite);
  writeConfig(folder, { name, ...config, environment: options.environment ?? {} });
  return { name, folder, run: { ...run, store } };
}

/**
 * Resumes a run from its last checkpoint.
 *
 * @param options Its name, default the run that saved last; and its place.
 * @returns The run, and the checkpoint with its warnings; the caller owns the run's tensors.
 * @throws {CheckpointError} If it has no checkpoint that is whole, or another process is at work on
 *   it.
 * @throws {ConfigError} If there is no such run.
 * @throws {DOMException} If a loop of this process trains it.
 *
 * @example
 * ```ts
 * import { reopenRun } from "lib/run/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * const root = Deno.makeTempDirSync();
 * assertThrows(() => reopenRun({ root }), Error, "expected a run with a checkpoint");
 * ```
 */
export function reopenRun(
  options: Omit<PlaceOptions, "overwrite" | "environment"> & Pick<ResumeOptions, "epochs"> = {},
): ReopenedRun {
  const roots = rootsIn(options.root ?? "."), { path } = findStore(roots, options.name);
  checkIdleFolder(path);
  const lock = CheckpointStore.at(path).hold();
  try {
    const store = CheckpointStore.open(path); // only now, since no other process can write there any more
    const { run, checkpoint, change } = resumeRun(store, options);
    const { folder, warnings } = openFolder(roots.runs, run);
    if (change !== undefined) changeConfig(folder, run.config);
    holdForTraining(store, lock);
    return {
      name: store.name,
      folder,
      run,
      checkpoint,
      change,
      warnings: [...warnings, ...checkBest(store, run)],
    };
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

function rootsIn(root: string): Roots {
  return { runs: `${root}/runs`, checkpoints: `${root}/checkpoints` };
}

function findStore({ runs, checkpoints }: Roots, name: string | undefined): CheckpointStore {
  if (name === undefined) {
    const store = CheckpointStore.newest(checkpoints);
    if (store !== undefined) return store;
    throw new ConfigError(
      `Cannot resume: expected a run with a checkpoint in ${checkpoints}, got none; ` +
        "start one without --resume",
    );
  }
  checkRunName(name);
  const store = CheckpointStore.at(`${checkpoints}/${name}`);
  if (store.has()) return store;
  openRunFolder(runs, name); // lists the existing runs if this is none of them
  throw new ConfigError(
    `Cannot resume run "${name}": expected a checkpoint in ${store.path}, got none; ` +
      "start it again without --resume",
  );
}

/** The run's folder, made again if it is missing: the checkpoint has all that training needs. */
function openFolder(runs: string, run: Run): { folder: string; warnings: string[] } {
  const name = run.store?.name ?? "", warnings: string[] = [];
  if (!exists(`${runs}/${name}`)) {
    warnings.push(`${runs}/${name} is gone: new logs begin at step ${run.state.step}`);
    createRunFolder(runs, name);
  }
  const folder = openRunFolder(runs, name);
  if (!exists(`${folder}/config.json`)) writeConfig(folder, { name, ...run.config });
  return { folder, warnings };
}

/** Writes the changed settings of a resumed run into its `config.json`, and keeps the rest of it. */
function changeConfig(folder: string, config: RunConfig): void {
  const path = `${folder}/config.json`;
  const former = explainFile(`read ${path}`, () => readText(path));
  writeConfig(folder, { ...parseOr({}, former), ...config });
}

/** The value of a JSON text; `nothing` if the text is not JSON. */
function parseOr(nothing: Record<string, unknown>, text: string): Record<string, unknown> {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return nothing;
    throw error;
  }
}

/** Training does not need the best checkpoint, but the user should know if it is damaged. */
function checkBest(store: CheckpointStore, { state }: Run): string[] {
  if (!store.has("best") && state.earlyStop.bestLoss === null) return [];
  try {
    store.load("best");
    return [];
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    return [`${error.message}; training goes on, and a better one takes its place`];
  }
}
