import type { Cell } from "./cells.ts";
import type { CellStore } from "./cell_store.ts";
import { type CellResult, CellTrainer } from "./train_cell.ts";

/** A cell and its result. */
export interface FinishedCell {
  /** The cell. */
  readonly cell: Cell;
  /** Its result. */
  readonly result: CellResult;
}

/** What happens in a sweep. */
export type SweepEvent =
  /** A cell's result is there: trained just now, found in the store, or trained by another process. */
  | {
    readonly kind: "cell";
    readonly cell: Cell;
    readonly result: CellResult;
    readonly source: "trained" | "stored" | "elsewhere";
    /** The number of cells with a result, and of all cells. */
    readonly done: number;
    readonly total: number;
  }
  /** Training of a cell begins. */
  | { readonly kind: "start"; readonly cell: Cell; readonly done: number; readonly total: number }
  /** Other processes are training all cells that are left. */
  | { readonly kind: "waiting"; readonly cells: readonly Cell[] };

/** How {@linkcode sweep} works. */
export interface SweepOptions {
  /** Stops the sweep when it is aborted: the running cell is lost, all finished ones are kept. */
  readonly signal?: AbortSignal;
  /** Called with each update of the running cell. */
  readonly onStep?: (step: number, totalSteps: number) => void;
  /** Trains the cells; default a new one. Give the same one to several sweeps to compile once. */
  readonly trainer?: CellTrainer;
  /** This process's share: cells number `index`, `index + count`, ... are tried first; default all. */
  readonly shard?: { readonly index: number; readonly count: number };
  /** Seconds between two checks of what other processes are training; default 2. */
  readonly pollSeconds?: number;
}

/**
 * Trains the cells of a sweep that have no result yet, and yields the results of all cells.
 *
 * Any number of processes may run the same sweep on the same store: each takes a cell that no other
 * one has, and at the end waits for the others. A process that is killed loses only its running
 * cell.
 *
 * @param cells The cells.
 * @param store Where results are kept.
 * @param options Signal, trainer, share.
 * @returns A stream of events; it ends when all results are there, or when the signal is aborted.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { CellStore, planCells, sweep } from "lib/experiment/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const base = {
 *   data: { examples: 200 },
 *   model: { layers: 1, hiddenSize: 16, feedForwardSize: 16 },
 *   train: { epochs: 1, warmup: 0, samples: 0 },
 *   compute: { compile: "graph" },
 * } as const;
 * const cells = planCells({ base, axes: [{ setting: "train.lr", values: [1e-3, 1e-2] }], seeds: [1] });
 * const store = CellStore.open(Deno.makeTempDirSync());
 * const sources: string[] = [];
 * for (let i = 0; i < 2; i++) {
 *   for await (const event of sweep(cells, store)) {
 *     if (event.kind === "cell") sources.push(event.source);
 *   }
 * }
 * assertEquals(sources, ["trained", "trained", "stored", "stored"]);
 * ```
 */
export async function* sweep(
  cells: readonly Cell[],
  store: CellStore,
  options: SweepOptions = {},
): AsyncGenerator<SweepEvent> {
  const { signal, pollSeconds = 2 } = options, trainer = options.trainer ?? new CellTrainer();
  const visitor = new Visitor(store, { ...options, trainer }), total = cells.length;
  let open = inTurn(cells, options.shard);
  for (let isFirstLook = true; open.length > 0; isFirstLook = false) {
    const left: Cell[] = [];
    for (const cell of open) {
      const done = total - open.length + open.indexOf(cell) - left.length;
      const found = store.load(cell);
      if (found !== null) {
        const source = isFirstLook ? "stored" : "elsewhere";
        yield { kind: "cell", cell, result: found, source, done: done + 1, total };
        continue;
      }
      const visit = await visitor.begin(cell);
      if (visit === null) {
        left.push(cell);
        continue;
      }
      yield { kind: "start", cell, done, total };
      const result = await visit.finish();
      if (result === null) return; // asked to stop
      yield { kind: "cell", cell, result, source: "trained", done: done + 1, total };
    }
    if (signal?.aborted === true) return;
    if (left.length === open.length) {
      yield { kind: "waiting", cells: left };
      await pause(pollSeconds, signal);
    }
    open = left;
  }
}

/** A cell that this process is going to train. */
interface Visit {
  /** Trains it, saves the result, and gives the claim back; null if it was stopped. */
  finish(): Promise<CellResult | null>;
}

class Visitor {
  readonly #store: CellStore;
  readonly #options: SweepOptions & { readonly trainer: CellTrainer };

  constructor(store: CellStore, options: SweepOptions & { readonly trainer: CellTrainer }) {
    this.#store = store;
    this.#options = options;
  }

  /**
   * Takes the right to train a cell; null if another process has it, or has just saved its result.
   */
  async begin(cell: Cell): Promise<Visit | null> {
    const store = this.#store, { trainer, signal } = this.#options;
    if (signal?.aborted === true) return { finish: () => Promise.resolve(null) };
    const claim = await store.claim(cell);
    if (claim === null) return null;
    if (store.load(cell) !== null) {
      claim[Symbol.dispose]();
      return null;
    }
    return {
      finish: async () => {
        using _ = claim;
        const result = await trainer.train(cell.config, this.#options);
        if (result !== null) store.save(cell, result);
        return result;
      },
    };
  }
}

/**
 * This process's own share first, then the rest, so that several processes rarely want the same
 * cell.
 */
function inTurn(cells: readonly Cell[], shard: SweepOptions["shard"]): readonly Cell[] {
  if (shard === undefined) return cells;
  const isOwn = (i: number) => i % shard.count === shard.index;
  return [...cells.filter((_, i) => isOwn(i)), ...cells.filter((_, i) => !isOwn(i))];
}

function pause(seconds: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, 1000 * seconds);
    signal?.addEventListener("abort", done);
    function done(): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    }
  });
}

/**
 * Runs a sweep to its end.
 *
 * @param cells The cells.
 * @param store Where results are kept.
 * @param options As {@linkcode sweep}'s.
 * @returns The cells with their results, in the order of the cells; fewer if it was stopped.
 *
 * @example
 * ```ts
 * import { CellStore, collectSweep } from "lib/experiment/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(await collectSweep([], CellStore.open(Deno.makeTempDirSync())), []);
 * ```
 */
export async function collectSweep(
  cells: readonly Cell[],
  store: CellStore,
  options: SweepOptions = {},
): Promise<FinishedCell[]> {
  const results = new Map<Cell, CellResult>();
  for await (const event of sweep(cells, store, options)) {
    if (event.kind === "cell") results.set(event.cell, event.result);
  }
  return cells.flatMap((cell) => {
    const result = results.get(cell);
    return result === undefined ? [] : [{ cell, result }];
  });
}
