import { CheckpointStore } from "lib/checkpoint/mod.ts";
import { ConfigError } from "lib/core/mod.ts";
import { createRunFolder, nextRunName, openRunFolder, writeConfig } from "lib/log/mod.ts";
import type { RunConfig } from "lib/train/mod.ts";
import { createRun, type ResumedRun, resumeRun, type Run, type RunOptions } from "lib/train/mod.ts";

/** A run and where its files lie. */
export interface PlacedRun {
  /** Its name: that of its folders. */
  readonly name: string;
  /** Its folder under `runs/`. */
  readonly folder: string;
  /** The run, with a store under `checkpoints/`. */
  readonly run: Run;
}

/** Where runs lie, and how a new one is placed. */
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
 * Begins a run: checks its settings, and only then makes its folders.
 *
 * @param config The settings.
 * @param options Name and place.
 * @returns The run; the caller owns its tensors.
 * @throws {ConfigError} If the settings do not fit, or there is a run of that name.
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
  const { root = ".", overwrite = false } = options;
  const runs = `${root}/runs`, checkpoints = `${root}/checkpoints`;
  const name = options.name ?? nextRunName([runs, checkpoints], config.data.level);
  const run = createRun(config, options);
  const folder = createRunFolder(runs, name, { overwrite });
  const place = `${checkpoints}/${name}`;
  if (overwrite) removeIfThere(place);
  const store = CheckpointStore.open(place);
  if (store.has()) {
    Deno.removeSync(folder);
    throw new ConfigError(
      `Cannot begin run "${name}": expected no checkpoints of that name, got some in ${place}; ` +
        "choose another with --name, go on with --resume, or replace it by --overwrite",
    );
  }
  writeConfig(folder, { name, ...config, environment: options.environment ?? {} });
  return { name, folder, run: { ...run, store } };
}

/**
 * Takes up a run where its last checkpoint was made.
 *
 * @param options Its name, default the run that saved last; and its place.
 * @returns The run, and the checkpoint with its warnings; the caller owns the run's tensors.
 * @throws {CheckpointError} If it has no checkpoint that is whole.
 * @throws {ConfigError} If there is no such run.
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
  options: Omit<PlaceOptions, "overwrite" | "environment"> = {},
): PlacedRun & Pick<ResumedRun, "checkpoint"> {
  const { root = "." } = options, runs = `${root}/runs`, checkpoints = `${root}/checkpoints`;
  if (options.name !== undefined) openRunFolder(runs, options.name); // refuses an unknown name
  const store = options.name === undefined
    ? CheckpointStore.newest(checkpoints)
    : CheckpointStore.open(`${checkpoints}/${options.name}`);
  if (store === undefined) {
    throw new ConfigError(
      `Cannot resume: expected a run with a checkpoint in ${checkpoints}, got none; ` +
        "start one without --resume",
    );
  }
  const folder = openRunFolder(runs, store.name);
  const { run, checkpoint } = resumeRun(store, options);
  return { name: store.name, folder, run, checkpoint };
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
