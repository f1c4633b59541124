import {
  type Cell,
  CellStore,
  CellTrainer,
  type FinishedCell,
  sweep,
  type SweepEvent,
} from "lib/experiment/mod.ts";
import { currentScreen, type Screen } from "./screen.ts";
import { freshSignal } from "./stop_button.ts";

/** Settings of {@linkcode sweepInNotebook}. */
export interface NotebookSweepOptions {
  /** Where results are kept; default `experiments/cells`, as `task sweep` does. */
  readonly store?: CellStore;
  /** A signal that stops the sweep; default the Stop button's. */
  readonly signal?: AbortSignal;
  /** Where progress is shown; default below the cell. */
  readonly screen?: Screen;
  /** The clock, in milliseconds; default `performance.now`. */
  readonly now?: () => number;
}

/** All sweeps of a notebook share compiled programs. */
const TRAINER = new CellTrainer();
const REDRAW_MS = 250;

/**
 * Runs a sweep in a cell, with one line of progress; the Stop button ends it, and at most the
 * current run is lost.
 *
 * Runs with a saved result are not repeated: run the cell once more to go on.
 *
 * @param cells The cells.
 * @param options Where results are kept and progress is shown.
 * @returns The cells with their results.
 * @throws {DOMException} If it was stopped: the rest of the notebook needs all results.
 *
 * @example
 * ```ts
 * import { CellStore } from "lib/experiment/mod.ts";
 * import { sweepInNotebook } from "lib/notebook/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const store = CellStore.open(Deno.makeTempDirSync());
 * assertEquals(await sweepInNotebook([], { store }), []);
 * ```
 */
export async function sweepInNotebook(
  cells: readonly Cell[],
  options: NotebookSweepOptions = {},
): Promise<FinishedCell[]> {
  const { store = CellStore.open("experiments/cells"), signal = freshSignal() } = options;
  const line = new ProgressLine(cells.length, options), results = new Map<Cell, FinishedCell>();
  for await (
    const event of sweep(cells, store, { signal, trainer: TRAINER, onStep: () => line.tick() })
  ) {
    if (event.kind === "cell") results.set(event.cell, event);
    await line.write(event);
  }
  if (results.size < cells.length) {
    await line.end(`Stopped: ${results.size} of ${cells.length} runs are there and kept`);
    throw new DOMException(
      "Cannot compare: expected all runs of the sweep, got stopped; run this cell again to go on",
      "AbortError",
    );
  }
  await line.end();
  return cells.flatMap((cell) => results.get(cell) ?? []);
}

/** "12 of 21 runs, about 40 s left", in one place, redrawn each time. */
class ProgressLine {
  readonly #total: number;
  readonly #screen: Screen;
  readonly #now: () => number;
  readonly #id = crypto.randomUUID();
  readonly #start: number;
  #done = 0;
  #trained = 0;
  #drawn = -Infinity;
  #isShown = false;

  constructor(total: number, { screen = currentScreen(), now }: NotebookSweepOptions) {
    this.#total = total;
    this.#screen = screen;
    this.#now = now ?? (() => performance.now());
    this.#start = this.#now();
  }

  /** Redraws the line for the time that has passed, not too often. */
  tick(): void {
    if (this.#screen.isNotebook && this.#now() - this.#drawn > REDRAW_MS) void this.#draw();
  }

  async write(event: SweepEvent): Promise<void> {
    if (event.kind === "waiting") await this.#draw(", waiting for another process");
    if (event.kind !== "cell") return;
    this.#done = event.done;
    if (event.source === "trained") this.#trained++;
    if (this.#now() - this.#drawn > REDRAW_MS && this.#screen.isNotebook) await this.#draw();
  }

  async end(text?: string): Promise<void> {
    const stored = this.#done - this.#trained, seconds = (this.#now() - this.#start) / 1000;
    const known = stored === 0 ? "" : `, ${stored} of them made before`;
    await this.#show(text ?? `${this.#total} runs in ${seconds.toFixed(0)} s${known}`);
  }

  #draw(note = ""): Promise<void> {
    this.#drawn = this.#now();
    const left = this.#trained === 0
      ? ""
      : `, about ${
        Math.ceil((this.#now() - this.#start) / 1000 / this.#trained * (this.#total - this.#done))
      } s left`;
    return this.#show(`${this.#done} of ${this.#total} runs${left}${note}`);
  }

  async #show(text: string): Promise<void> {
    const isUpdate = this.#isShown;
    this.#isShown = true;
    await this.#screen.show({ "text/plain": text }, { id: this.#id, isUpdate });
  }
}
