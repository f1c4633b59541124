import { createProgress, type Progress } from "lib/log/mod.ts";
import type { Ladder, MetricsRow } from "lib/plot/mod.ts";
import { metricsRow } from "lib/run/mod.ts";
import type { Run, SampleEvent, TrainEvent } from "lib/train/mod.ts";
import { type ChartState, drawChart, drawImage } from "./_chart_page.ts";
import { currentScreen, type Screen } from "./screen.ts";

/** The shortest time between two drawings; faster changes cannot be seen. */
const EVERY_MS = 250;

/** Training gets at least this many times the time that drawing takes. */
const TRAINING_SHARE = 20;

let count = 0;

/** Options of {@linkcode LiveChart}. */
export interface LiveChartOptions {
  /** The number of steps of the whole run. */
  readonly totalSteps: number;
  /** Losses to draw as dashed lines; default none. */
  readonly ladder?: Ladder;
  /** The gradient norm above which gradients are clipped; default none. */
  readonly clip?: number;
  /** Rows of an earlier part of the run, drawn first; default none. */
  readonly rows?: readonly MetricsRow[];
  /** Where to draw; default below the cell. */
  readonly screen?: Screen;
  /** The clock, in milliseconds; default `performance.now`. */
  readonly now?: () => number;
}

/**
 * Curves of a running run, redrawn in one place; {@linkcode liveChart} makes it.
 *
 * @example
 * ```ts
 * import { LiveChart } from "lib/notebook/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new LiveChart({ totalSteps: 100 }).rows, []);
 * ```
 */
export class LiveChart implements AsyncDisposable {
  readonly #options: LiveChartOptions;
  readonly #screen: Screen;
  readonly #now: () => number;
  readonly #progress: Progress;
  readonly #id = `live-chart-${++count}`;
  readonly #rows: MetricsRow[];
  #line = "";
  #sample: SampleEvent | undefined;
  #nextMs = -Infinity;
  #drawn = 0;
  #isDue = true;
  #isFinal = false;

  /**
   * Makes a chart that shows nothing yet.
   *
   * @param options The run's length, losses to compare with, earlier rows.
   */
  constructor(options: LiveChartOptions) {
    this.#options = options;
    this.#rows = [...options.rows ?? []];
    this.#screen = options.screen ?? currentScreen();
    this.#now = options.now ?? (() => performance.now());
    this.#progress = createProgress({
      total: options.totalSteps,
      write: (text) => this.#line = text.trim() || this.#line,
      isTerminal: true,
      columns: 110,
      now: this.#now,
    });
  }

  /** All rows so far. */
  get rows(): readonly MetricsRow[] {
    return this.#rows;
  }

  /**
   * Adds an event of `train()`.
   *
   * @param event The event; notices are written below the chart.
   */
  async write(event: TrainEvent): Promise<void> {
    if (event.kind === "step" || event.kind === "evaluation") await this.add(metricsRow(event));
    else if (event.kind === "sample") {
      this.#sample = event;
      this.#isDue = true;
    } else if (event.kind === "notice") this.#screen.print(event.message);
  }

  /**
   * Adds the row of a step, and draws if the last drawing is long enough ago.
   *
   * @param row The readings; the step is at most `totalSteps`.
   * @throws {RangeError} If the step is outside the run.
   */
  async add(row: MetricsRow): Promise<void> {
    const { step, trainLoss, lr, tokensPerSecond } = row;
    if (trainLoss != null) {
      this.#progress.update(step, {
        loss: trainLoss,
        ...(lr != null && { lr }),
        ...(tokensPerSecond != null && { tokensPerSecond }),
      });
    }
    this.#rows.push(row);
    this.#isDue = true;
    if (this.#screen.isNotebook && this.#now() >= this.#nextMs) await this.#draw();
  }

  /** Draws the last state; calling it again does nothing. */
  async finish(): Promise<void> {
    this.#progress.finish();
    if (!this.#isDue && (this.#drawn === 0 || this.#isFinal)) return;
    this.#isFinal = true;
    await this.#draw();
  }

  /** Draws the last state. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.finish();
  }

  async #draw(): Promise<void> {
    const started = this.#now();
    // An image takes as long to draw as the page, so only the last state gets one.
    const image = this.#isFinal && this.#screen.isNotebook
      ? { "image/png": drawImage(this.#state) }
      : {};
    const bundle = { ...drawChart(this.#state), ...image };
    await this.#screen.show(bundle, { id: this.#id, isUpdate: this.#drawn++ > 0 });
    this.#isDue = false;
    const ended = this.#now();
    this.#nextMs = ended + Math.max(EVERY_MS, TRAINING_SHARE * (ended - started));
  }

  get #state(): ChartState {
    const { totalSteps, ladder, clip } = this.#options;
    return {
      totalSteps,
      ladder,
      clip,
      rows: this.#rows,
      progress: this.#line,
      sample: this.#sample,
    };
  }
}

/**
 * Draws a run while it trains: loss with the ladder, rate, gradient norm, and a progress line, in
 * one place below the cell. It draws only so often that drawing takes at most a twentieth of the
 * time.
 *
 * @param about The run, or its length and the losses to compare with.
 * @param options Earlier rows; where to draw.
 * @returns The chart; its last state is drawn when the block of `await using` is left.
 *
 * @example
 * ```ts
 * import { liveChart } from "lib/notebook/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await using chart = liveChart({ totalSteps: 2, ladder: { floor: 3.678 } });
 * await chart.add({ step: 1, trainLoss: 6.91, lr: 1e-3 });
 * await chart.add({ step: 2, trainLoss: 5.02, lr: 1e-3 });
 * assertEquals(chart.rows.length, 2);
 * ```
 */
export function liveChart(
  about: Run | LiveChartOptions,
  options: Pick<LiveChartOptions, "rows" | "screen" | "now"> = {},
): LiveChart {
  if (!("plan" in about)) return new LiveChart({ ...about, ...options });
  const { plan, corpus, config } = about, { clip } = config.train;
  return new LiveChart({
    totalSteps: plan.totalSteps,
    ladder: corpus.ladder,
    ...(clip > 0 && { clip }),
    ...options,
  });
}
