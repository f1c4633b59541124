import { CheckpointStore, type LoadedCheckpoint } from "lib/checkpoint/mod.ts";
import { CheckpointError, ConfigError } from "lib/core/mod.ts";
import { disposeParams, type Params } from "lib/tensor/mod.ts";
import { fromCheckpoint, type RunConfig, runConfig } from "lib/train/mod.ts";
import { runNameOf } from "./logged_run.ts";

/** A saved run, with its best weights. */
export interface SavedRun extends Disposable {
  /** Its name. */
  readonly name: string;
  /** Its folder under `runs/`; it may not exist any more. */
  readonly folder: string;
  /** Its settings. */
  readonly config: RunConfig;
  /** The step of the weights. */
  readonly step: number;
  /** The weights with the lowest validation loss. */
  readonly params: Params;
  /** A warning if the best weights could not be read and these are the last ones. */
  readonly warnings: readonly string[];
}

/**
 * Opens a run only for reading: nothing of it changes, and it may still be training.
 *
 * @param name Its name, or the path of its folder; default the run that saved last.
 * @param options.root The folder that holds `runs/` and `checkpoints/`; default the current one.
 * @returns Settings and best weights; to be disposed of, which frees the weights.
 * @throws {ConfigError} If there is no such run.
 * @throws {CheckpointError} If none of its checkpoints is complete.
 *
 * @example
 * ```ts
 * import { openSavedRun } from "lib/run/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * const root = Deno.makeTempDirSync();
 * assertThrows(() => openSavedRun("plain-001", { root }), Error, "expected a run with a checkpoint");
 * ```
 */
export function openSavedRun(
  name: string | undefined,
  options: { readonly root?: string } = {},
): SavedRun {
  const { root = "." } = options, store = findRun(name, root);
  const { checkpoint, warnings } = loadBest(store);
  const { config: saved, state } = fromCheckpoint(checkpoint), { params } = state;
  disposeParams(state.optimizer);
  return {
    name: store.name,
    folder: `${root}/runs/${store.name}`,
    config: runConfig(saved as Parameters<typeof runConfig>[0]), // runConfig() checks it here
    step: state.step,
    params,
    warnings,
    [Symbol.dispose]: () => disposeParams(params),
  };
}

function findRun(name: string | undefined, root: string): CheckpointStore {
  const folder = `${root}/checkpoints`;
  if (name === undefined) {
    const newest = CheckpointStore.newest(folder);
    if (newest !== undefined) return newest;
    throw new ConfigError(
      `Cannot open a run: expected one with a checkpoint in ${folder}, got none; train one first`,
    );
  }
  const plain = runNameOf(name);
  const store = CheckpointStore.at(`${folder}/${plain}`);
  if (store.has()) return store;
  throw new ConfigError(
    `Cannot open run "${plain}": expected a run with a checkpoint in ${store.path}, got none; ` +
      "ls runs lists the runs",
  );
}

function loadBest(store: CheckpointStore): { checkpoint: LoadedCheckpoint; warnings: string[] } {
  try {
    return { checkpoint: store.load("best"), warnings: [] };
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    const checkpoint = store.load("last"), { step, warnings } = checkpoint;
    const why = `the weights are those of step ${step}, not the best: ${error.message}`;
    return { checkpoint, warnings: [why, ...warnings] };
  }
}
