/**
 * The notebook's side of the course: set-up in the first cell, pictures, the Stop button, and
 * training with a live chart.
 *
 * All of it works outside a notebook too; the terminal then shows the plain text of each picture.
 *
 * Rank 6: may import every folder of lower rank.
 *
 * @example
 * ```ts
 * import { setUpNotebook, show } from "lib/notebook/mod.ts";
 * import { displayPlot, lossCurve } from "lib/plot/mod.ts";
 *
 * await setUpNotebook();
 * await show(displayPlot(lossCurve([{ step: 1, trainLoss: 6.91 }, { step: 2, trainLoss: 5.2 }])));
 * ```
 *
 * @module
 */
export { compareGuess } from "./compare_guess.ts";
export { type DisplayedExplorer, displayExplorer } from "./display_explorer.ts";
export { liveChart, type LiveChartOptions } from "./live_chart.ts";
export type { MimeBundle, Screen, ShowOptions } from "./screen.ts";
export { setUpNotebook, type SetUpOptions } from "./set_up_notebook.ts";
export { show } from "./show.ts";
export { freshSignal } from "./stop_button.ts";
export { type NotebookSweepOptions, sweepInNotebook } from "./sweep_in_notebook.ts";
export {
  type NotebookTraining,
  type NotebookTrainingOptions,
  trainInNotebook,
} from "./train_in_notebook.ts";

// For your own programs:
export type { GuessOptions } from "./compare_guess.ts";
export { LiveChart } from "./live_chart.ts";
export { StopButton, stopButton } from "./stop_button.ts";
