import type { MetricsRow } from "lib/plot/mod.ts";
import { checkIdle, type EndEvent, type Run, train } from "lib/train/mod.ts";
import { liveChart, type LiveChartOptions } from "./live_chart.ts";
import { currentScreen } from "./screen.ts";
import { freshSignal } from "./stop_button.ts";

/** The result of training in a cell. */
export interface NotebookTraining {
  /** Why it ended. */
  readonly reason: EndEvent["reason"];
  /** The logged rows, for charts, and for going on. */
  readonly rows: readonly MetricsRow[];
}

/** Settings of {@linkcode trainInNotebook}. */
export interface NotebookTrainingOptions extends Pick<LiveChartOptions, "rows" | "screen" | "now"> {
  /** A signal that stops the run; default the Stop button's. */
  readonly signal?: AbortSignal;
}

/**
 * Trains a run in a cell, with a live chart; the Stop button ends it after the current step.
 *
 * A stopped run is saved if it has a store. `run` keeps the state at which it stopped, so calling
 * this again goes on.
 *
 * @param run The run; `run.state` is updated.
 * @param options Rows of an earlier part, so that its curves are continued.
 * @returns Why it ended, and the logged rows.
 * @throws {NonFiniteLossError} If a loss or gradient is not finite.
 * @throws {DOMException} If Stop was pressed less than a second ago, or another loop is training
 *   the run already, as in a cell without `await`; that loop goes on.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { trainInNotebook } from "lib/notebook/mod.ts";
 * import { createRun, runConfig } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const small = { data: { examples: 200 }, model: { layers: 1 }, train: { warmup: 0, epochs: 1 } };
 * const { reason, rows } = await trainInNotebook(createRun(runConfig(small)));
 * assertEquals([reason, rows.at(-1)?.step], ["finished", 3]);
 * ```
 */
export async function trainInNotebook(
  run: Run,
  options: NotebookTrainingOptions = {},
): Promise<NotebookTraining> {
  // Checked first: a fresh signal would take the Stop button away from the other loop.
  checkIdle(run);
  const { signal = freshSignal(), screen = currentScreen() } = options;
  await using chart = liveChart(run, { ...options, screen });
  let reason: EndEvent["reason"] = "interrupted";
  for await (const event of train(run, { signal })) {
    await chart.write(event);
    if (event.kind === "end") reason = event.reason;
  }
  if (reason === "interrupted") {
    await chart.finish();
    screen.print(describeStop(run));
  }
  return withShortText({ reason, rows: chart.rows }, `${reason} at step ${run.state.step}`);
}

/** A cell that ends with the call shows its value: this makes it one line instead of all rows. */
function withShortText(training: NotebookTraining, text: string): NotebookTraining {
  const value = () => ({ "text/plain": text });
  return Object.defineProperty(training, Symbol.for("Jupyter.display"), { value });
}

function describeStop({ state, plan, store }: Run): string {
  const where = store === null ? "kept in memory" : `saved in ${store.path}`;
  return `Stopped at step ${state.step} of ${plan.totalSteps}, ${where}. ` +
    "To go on from there: await trainInNotebook(run)";
}
