import {
  CheckpointError,
  largest,
  pointAtomically,
  removeLeftovers,
  writeFolderAtomically,
} from "lib/core/mod.ts";
import {
  listFolders,
  modifiedAt,
  readLink,
  setFolderAside,
  soundLink,
  stepFolder,
  stepOf,
} from "./_links.ts";
import {
  clearStore,
  explain,
  foreignToStore,
  holdStore,
  NAMES,
  removeIfPossible,
} from "./_store_folder.ts";
import { encodeStepFiles, holdsFiles, readStepFolder, type StepFiles } from "./_step_folder.ts";
import type {
  Checkpoint,
  CheckpointName,
  LoadedCheckpoint,
  LoadOptions,
  SavedCheckpoint,
} from "./checkpoint.ts";

/**
 * The checkpoints of one run: the last, the one before it, and the best.
 *
 * Each checkpoint is a folder that never changes, such as `step-00000846`, with `model.safetensors`
 * (weights only), `optimizer.safetensors`, `state.json`, and for other programs `tokenizer.json`
 * and `config.json`. `last`, `previous` and `best` are links to three of them (on Windows small
 * files); folders without a link are removed. A folder is complete and on the disk before a link
 * names it, and a link moves in one step: if a run is killed at any moment, its last save is whole.
 *
 * Only one process may write to a store; any number may read. {@linkcode CheckpointStore.hold}
 * keeps other writers out.
 *
 * @example
 * ```ts
 * import { CheckpointStore } from "lib/checkpoint/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const store = CheckpointStore.open(`${Deno.makeTempDirSync()}/plain-001`);
 * const weights = { model: new Map(), optimizer: new Map(), modelConfig: {} };
 * store.save({ ...weights, step: 100, state: { loss: 4.1 } }, { isBest: true });
 * store.save({ ...weights, step: 200, state: { loss: 4.2 } });
 * assertEquals(store.load("last").step, 200);
 * assertEquals(store.load("best").step, 100);
 * ```
 */
export class CheckpointStore {
  /** The store's folder, such as `checkpoints/plain-001`. */
  readonly path: string;
  /** Folders that this object has written or read itself; they are therefore known to be whole. */
  readonly #proven = new Set<string>();
  /** Folders that were found damaged, or whole but not usable. */
  readonly #useless = new Set<string>();

  private constructor(path: string) {
    this.path = path;
  }

  /**
   * Opens a store and removes what killed writers left in it.
   *
   * @param path The store's folder, such as `checkpoints/plain-001`; the first save makes it.
   * @throws {CheckpointError} If leftovers cannot be removed.
   */
  static open(path: string): CheckpointStore {
    explain(`open checkpoints at ${path}`, () => modifiedAt(path) && removeLeftovers(path));
    return new CheckpointStore(path);
  }

  /**
   * Names a store, without reading or changing anything on the disk.
   *
   * @param path As for {@linkcode CheckpointStore.open}.
   */
  static at(path: string): CheckpointStore {
    return new CheckpointStore(path);
  }

  /**
   * Finds the run that saved most recently, among those with a checkpoint that can be loaded.
   *
   * @param root The folder of all stores, such as `checkpoints`.
   * @returns Its store; undefined if there is none.
   */
  static newest(root: string): CheckpointStore | undefined {
    const stores = listFolders(root).map((name) => new CheckpointStore(`${root}/${name}`));
    const savedAt = (store: CheckpointStore) =>
      largest(NAMES.map((name) => modifiedAt(`${store.path}/${name}`) ?? -Infinity));
    return stores.filter((store) => store.has())
      .sort((a, b) => savedAt(b) - savedAt(a))
      .find((store) => store.#canLoad());
  }

  /**
   * Keeps other processes from writing to the store, until the result is disposed of or the process
   * ends. One process may hold a store several times.
   *
   * @throws {CheckpointError} If another process holds it; the message says which, and since when.
   */
  hold(): Disposable {
    return holdStore(this.path);
  }

  /** Names an entry of the folder that does not belong to the store; undefined if there is none. */
  foreignEntry(): string | undefined {
    return foreignToStore(this.path);
  }

  /**
   * Removes all checkpoints.
   *
   * @throws {CheckpointError} If it has other files, another process holds it, or the disk refuses.
   */
  clear(): void {
    clearStore(this.path);
    this.#proven.clear();
  }

  /** The run's name: the last part of the path. */
  get name(): string {
    return this.path.slice(this.path.lastIndexOf("/") + 1);
  }

  /**
   * Tells whether anything was saved; {@linkcode CheckpointStore.load} tells whether it is whole.
   *
   * @param name Under which name; by default under any.
   */
  has(name?: CheckpointName): boolean {
    const names = name === undefined ? NAMES : [name];
    return names.some((each) => modifiedAt(`${this.path}/${each}`) !== undefined);
  }

  /** The step of the checkpoint that `last` names; undefined if there is none. */
  lastStep(): number | undefined {
    return stepOf(soundLink(`${this.path}/last`) ?? "");
  }

  /**
   * Saves a checkpoint as `last`; the former `last` becomes `previous`. When this returns, it is on
   * the disk. At a step that was saved before, the same content is only linked again, and other
   * content replaces the old.
   *
   * @param checkpoint What to save; the tensors' bytes are copied.
   * @param options.isBest Whether it becomes `best` too; default false.
   * @returns Where it was saved.
   * @throws {CheckpointError} If it cannot be written, as on a full disk, or another process holds
   *   the store; the old ones stay as they are.
   * @throws {TypeError} If the state holds what JSON cannot, such as NaN; the message names it.
   * @throws {RangeError} If the step is not a whole number.
   */
  save(checkpoint: Checkpoint, options: { readonly isBest?: boolean } = {}): SavedCheckpoint {
    const { step } = checkpoint;
    if (!Number.isSafeInteger(step) || step < 0) {
      throw new RangeError(`Cannot save checkpoint: expected a step from 0, got ${step}`);
    }
    const files = encodeStepFiles(checkpoint);
    return explain(`save checkpoint at step ${step} in ${this.path}`, () => {
      using _lock = this.hold(); // also makes the folder
      this.#removeUnnamed();
      const folder = this.#write(step, files);
      this.#moveLinks(folder, options.isBest ?? false);
      return { step, path: `${this.path}/${folder}`, warnings: this.#removeUnnamed() };
    });
  }

  /**
   * Loads a checkpoint after checking every byte of it.
   *
   * If `last` is damaged, the one before is taken, then the best, and `warnings` says so. `best`
   * has no replacement: other weights would then be evaluated as the best ones.
   *
   * @param name Which one.
   * @param options A check that it must pass, besides being whole.
   * @returns The checkpoint; the caller owns its tensors' bytes.
   * @throws {CheckpointError} If there is none that is whole; the message names every damage.
   */
  load(name: "last" | "best", options: LoadOptions = {}): LoadedCheckpoint {
    const warnings: string[] = [];
    for (const loadedFrom of name === "last" ? NAMES : [name]) {
      try {
        const found = this.#read(loadedFrom, options);
        if (found !== undefined) return { ...found, loadedFrom, warnings };
        if (loadedFrom === "last") warnings.push(`${this.path}/last is missing`);
      } catch (error) {
        if (!(error instanceof CheckpointError)) throw error;
        warnings.push(error.message);
      }
    }
    const isEmpty = !this.has(name === "best" ? "best" : undefined);
    throw new CheckpointError(
      `Cannot load checkpoint "${name}" of ${this.path}: ` +
        (isEmpty
          ? "expected a saved one, got none; train first"
          : `expected one that is whole, got: ${warnings.join("; ")}. ` +
            (name === "best" ? "Load the last one instead" : "Start a new run under another name")),
    );
  }

  /** Reads what a link names; undefined if there is no such link. */
  #read(
    name: CheckpointName,
    options: LoadOptions,
  ): Checkpoint & { readonly path: string } | undefined {
    const link = `${this.path}/${name}`, folder = readLink(link);
    if (folder === undefined) return undefined;
    const path = `${this.path}/${folder}`;
    try {
      const checkpoint = readStepFolder(path);
      options.check?.(checkpoint);
      this.#proven.add(folder);
      return { ...checkpoint, path };
    } catch (error) {
      if (!(error instanceof CheckpointError)) throw error;
      // A writer may have moved the link meanwhile, and removed the folder that it named before.
      if (readLink(link) !== folder) return this.#read(name, options);
      this.#useless.add(folder);
      throw new CheckpointError(`${link} (${folder}): ${error.message}`, { cause: error });
    }
  }

  /** Writes a step's folder under a free name, unless one with the same content is there. */
  #write(step: number, files: StepFiles): string {
    const taken = new Set(listFolders(this.path));
    for (let attempt = 1;; attempt++) {
      const folder = stepFolder(step, attempt), path = `${this.path}/${folder}`;
      if (!taken.has(folder)) writeFolderAtomically(path, files);
      else if (!holdsFiles(path, files)) continue;
      this.#proven.add(folder);
      this.#useless.delete(folder);
      return folder;
    }
  }

  /**
   * Moves the links. `best` moves first: a run killed right after resumes from the old `last` and
   * reaches the same best again. `previous` moves after `last`, so that two saves always exist.
   */
  #moveLinks(folder: string, isBest: boolean): void {
    const before = soundLink(`${this.path}/last`);
    const isReplaced = before === undefined || stepOf(before) === stepOf(folder);
    const keepsBefore = !isReplaced && this.#isWhole(before);
    if (isBest) this.#link("best", folder);
    this.#link("last", folder);
    if (keepsBefore) this.#link("previous", before);
  }

  /** A damaged `last` must not become `previous`: it would replace one that is whole. */
  #isWhole(folder: string): boolean {
    if (this.#useless.has(folder)) return false;
    if (this.#proven.has(folder)) return true;
    try {
      readStepFolder(`${this.path}/${folder}`);
      return true;
    } catch (error) {
      if (error instanceof CheckpointError) return false;
      throw error;
    }
  }

  #link(name: CheckpointName, folder: string): void {
    const path = `${this.path}/${name}`;
    // `last` is written even if it does not change: its time tells which run saved most recently.
    if (name !== "last" && soundLink(path) === folder) return;
    setFolderAside(path);
    pointAtomically(path, folder);
  }

  /** Removes folders that no link names; reports one that stays, and the next save tries again. */
  #removeUnnamed(): string[] {
    const named = new Set(NAMES.map((name) => soundLink(`${this.path}/${name}`)));
    return listFolders(this.path).flatMap((folder) => {
      if (stepOf(folder) === undefined || named.has(folder)) return [];
      this.#proven.delete(folder);
      return removeIfPossible(`${this.path}/${folder}`);
    });
  }

  #canLoad(): boolean {
    try {
      this.load("last");
      return true;
    } catch (error) {
      if (error instanceof CheckpointError) return false;
      throw error;
    }
  }
}
