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
 * Each is a folder that never changes, such as `step-00000846`, with `model.safetensors` (weights
 * alone), `optimizer.safetensors`, `state.json`, and for other programs `tokenizer.json` and
 * `config.json`; `last`, `previous` and `best` are links to three of them, on Windows small files, and
 * what no link names is removed. A folder is complete and on the disk before a link names it, and a
 * link moves in one step: killed at any moment, a run has its last save, and nothing is half-written.
 *
 * One process writes to a store; any number may read. {@linkcode CheckpointStore.hold} keeps others
 * out.
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
  /** Folders that this object has written or read itself, so that they are known to be whole. */
  readonly #proven = new Set<string>();
  /** Folders that were found damaged, or whole and of no use. */
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
   * Names a store, and looks at nothing yet.
   *
   * @param path As for {@linkcode CheckpointStore.open}.
   */
  static at(path: string): CheckpointStore {
    return new CheckpointStore(path);
  }

  /**
   * Finds the run that saved last, among those with a checkpoint that can be loaded.
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
   * Keeps other processes from writing to the store, until what this gives is disposed of or the
   * process ends. Within a process a store may be held several times.
   *
   * @throws {CheckpointError} If another process holds it; the message says which, and since when.
   */
  hold(): Disposable {
    return holdStore(this.path);
  }

  /** Names what lies in the store's folder and is none of its own; undefined if there is nothing. */
  foreignEntry(): string | undefined {
    return foreignToStore(this.path);
  }

  /**
   * Removes all checkpoints.
   *
   * @throws {CheckpointError} If there is anything else in the folder, or the file system refuses.
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
   * Tells whether anything was saved; whether it is whole, {@linkcode CheckpointStore.load} tells.
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
   * Saves a checkpoint as `last`; what was last becomes `previous`. When this returns, it is on the
   * disk. At a step that was saved before, the same content is only named anew, and other content
   * takes the old one's place.
   *
   * @param checkpoint What to save; the tensors' bytes are copied.
   * @param options.isBest Whether it becomes `best` too; default false.
   * @returns Where it lies.
   * @throws {CheckpointError} If it cannot be written, as on a full disk; the checkpoints there are
   * stay as they are.
   * @throws {TypeError} If the state holds what JSON cannot, such as NaN; the value is named.
   * @throws {RangeError} If the step is not a whole number.
   */
  save(checkpoint: Checkpoint, options: { readonly isBest?: boolean } = {}): SavedCheckpoint {
    const { step } = checkpoint;
    if (!Number.isSafeInteger(step) || step < 0) {
      throw new RangeError(`Cannot save checkpoint: expected a step from 0, got ${step}`);
    }
    const files = encodeStepFiles(checkpoint);
    return explain(`save checkpoint at step ${step} in ${this.path}`, () => {
      Deno.mkdirSync(this.path, { recursive: true });
      this.#removeUnnamed();
      const folder = this.#write(step, files);
      this.#moveLinks(folder, options.isBest ?? false);
      return { step, path: `${this.path}/${folder}`, warnings: this.#removeUnnamed() };
    });
  }

  /**
   * Loads a checkpoint after checking every byte of it.
   *
   * If `last` is damaged, the one before is taken, then the best, and `warnings` says so. `best` has
   * no stand-in: other weights would be judged in its name.
   *
   * @param name Which one.
   * @param options What else it must be, besides whole.
   * @returns The checkpoint; its tensors' bytes are the caller's.
   * @throws {CheckpointError} If there is none that is whole; every damage is named.
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
            (name === "best" ? "Load the last one instead" : "Train anew under another name")),
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
      // A writer may have moved on meanwhile, and removed what the link named before.
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
   * Moves the links. `best` goes first: killed right after, the run goes on from the old `last` and
   * comes to the same best again. `previous` goes after `last`, so that two saves are kept throughout.
   */
  #moveLinks(folder: string, isBest: boolean): void {
    const before = soundLink(`${this.path}/last`);
    const isReplaced = before === undefined || stepOf(before) === stepOf(folder);
    const keepsBefore = !isReplaced && this.#isWhole(before);
    if (isBest) this.#link("best", folder);
    this.#link("last", folder);
    if (keepsBefore) this.#link("previous", before);
  }

  /** A damaged `last` must not become `previous`: it would push out one that is whole. */
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
    // Moved even where it stays, because the time of `last` tells which run saved most recently.
    if (name !== "last" && soundLink(path) === folder) return;
    setFolderAside(path);
    pointAtomically(path, folder);
  }

  /** Removes what no link names; what cannot be removed is left for the next save, and reported. */
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
