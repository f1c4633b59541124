import type { CheckpointStore } from "lib/checkpoint/mod.ts";
import type { Run } from "./run.ts";

/** What loops of this process train now: runs, and the folders of their stores. */
const busy = new Set<Run | string>();

/** Locks of stores whose run was made and is not trained yet. */
const waiting = new WeakMap<CheckpointStore, Disposable>();

/**
 * Refuses a run that a loop of this process trains already: two loops would change one state, and each
 * would not know of the other's steps.
 *
 * @param run The run, or a copy of it with the same store.
 * @throws {DOMException} If it is being trained.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { checkIdle, createRun, runConfig, train } from "lib/train/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * await useBackend();
 * const run = createRun(runConfig({ data: { examples: 200 }, train: { warmup: 0, samples: 0 } }));
 * checkIdle(run);
 * for await (const _ of train(run)) {
 *   assertThrows(() => checkIdle(run), DOMException, "expected a run that no loop trains yet");
 *   break;
 * }
 * ```
 */
export function checkIdle(run: Run): void {
  if (!keysOf(run).some((key) => busy.has(key))) return;
  throw new DOMException(
    `Cannot train: expected a run that no loop trains yet, got one under way at step ` +
      `${run.state.step} of ${run.plan.totalSteps}; await the first loop, or stop it`,
    "InvalidStateError",
  );
}

/**
 * Refuses the folder of a run that a loop of this process trains.
 *
 * @param path The folder of its checkpoints.
 * @throws {DOMException} If it is being trained.
 *
 * @example
 * ```ts
 * import { checkIdleFolder } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(checkIdleFolder("checkpoints/none"), undefined);
 * ```
 */
export function checkIdleFolder(path: string): void {
  if (!busy.has(realPath(path))) return;
  throw new DOMException(
    `Cannot use ${path}: expected a run that no loop trains, got one under way; ` +
      "await its loop, or stop it",
    "InvalidStateError",
  );
}

/** Claims a run for one loop of this process, and its store for this process. */
export function claimRun(run: Run): Disposable {
  checkIdle(run);
  const { store } = run, lock = store?.hold();
  if (store !== null) letGo(store); // from here on the loop has its own lock
  const keys = keysOf(run);
  for (const key of keys) busy.add(key);
  return {
    [Symbol.dispose]() {
      for (const key of keys) busy.delete(key);
      lock?.[Symbol.dispose]();
    },
  };
}

/**
 * Keeps other processes out of a store from now until its run is trained, or this process ends.
 *
 * @param store The store of a run that was placed and not trained yet.
 * @param lock What `store.hold()` gave; it is released when the run's loop has taken the store.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { CheckpointStore } from "lib/checkpoint/mod.ts";
 * import { createRun, holdForTraining, runConfig, train } from "lib/train/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * await useBackend();
 * const settings = { data: { examples: 200 }, train: { warmup: 0, samples: 0 } };
 * const store = CheckpointStore.open(Deno.makeTempDirSync());
 * holdForTraining(store, store.hold());
 * Deno.statSync(`${store.path}/.lock`);
 * for await (const _ of train(createRun(runConfig(settings), { store }))) break;
 * assertThrows(() => Deno.statSync(`${store.path}/.lock`), Deno.errors.NotFound);
 * ```
 */
export function holdForTraining(store: CheckpointStore, lock: Disposable): void {
  letGo(store);
  waiting.set(store, lock);
}

function letGo(store: CheckpointStore): void {
  waiting.get(store)?.[Symbol.dispose]();
  waiting.delete(store);
}

function keysOf(run: Run): (Run | string)[] {
  return run.store === null ? [run] : [run, realPath(run.store.path)];
}

function realPath(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return path; // before its first save
    throw error;
  }
}
