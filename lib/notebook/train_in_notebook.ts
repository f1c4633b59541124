import type { MetricsRow } from "lib/plot/mod.ts";
import { checkIdle, type EndEvent, type Run, train } from "lib/train/mod.ts";
import { liveChart, type LiveChartOptions } from "./live_chart.ts";
import { currentScreen } from "./screen.ts";
import { freshSignal } from "./stop_button.ts";

/** What training in a cell came to. */
export interface NotebookTraining {
  /** Why it ended. */
  readonly reason: EndEvent["reason"];
  /** What was logged, for charts, and for going on. */
  readonly rows: readonly MetricsRow[];
}

/** Settings of {@linkcode trainInNotebook}. */
export interface NotebookTrainingOptions extends Pick<LiveChartOptions, "rows" | "screen" | "now"> {
  /** What stops it; default the Stop button. */
  readonly signal?: AbortSignal;
}

/**
 * Trains a run in a cell, with a live chart; the Stop button ends it after the step under way.
 *
 * Stopped, the run is saved if it has a store, and `run` stands where it stopped: calling this again
 * goes on.
 *
 * @param run The run; `run.state` moves on.
 * @param options Rows of an earlier part, so that its curves are drawn on.
 * @returns Why it ended, and what was logged.
 * @throws {NonFiniteLossError} If a loss or gradient is not finite.
 * @throws {DOMException} If Stop was pressed less than a second ago, or the run is being trained
 *   already, as by a cell that did not await it; that loop goes on.
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
  checkIdle(run); // before a fresh signal takes the Stop button from the loop under way
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

/** A cell that ends with the call shows its value: one line, and not every row. */
function withShortText(training: NotebookTraining, text: string): NotebookTraining {
  const value = () => ({ "text/plain": text });
  return Object.defineProperty(training, Symbol.for("Jupyter.display"), { value });
}

function describeStop({ state, plan, store }: Run): string {
  const where = store === null ? "kept in memory" : `saved in ${store.path}`;
  return `Stopped at step ${state.step} of ${plan.totalSteps}, ${where}. ` +
    "To go on from there: await trainInNotebook(run)";
}
