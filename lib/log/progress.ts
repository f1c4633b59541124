import { Pace } from "./_pace.ts";
import { describe, fit } from "./_progress_text.ts";

/** Milliseconds between two drawings on a terminal: at most ten per second. */
const REDRAW_MS = 100;

/** What a progress line shows besides the step; what is left out is not shown. */
export interface ProgressFields {
  /** Training loss, in nats per target token. */
  readonly loss?: number;
  /** Learning rate. */
  readonly lr?: number;
  /** Target tokens per second. */
  readonly tokensPerSecond?: number;
  /** A few words, for example the last validation loss; cut off first where space is short. */
  readonly note?: string;
}

/** Where and how a progress line is shown; {@linkcode terminal} gives most of it. */
export interface ProgressOptions {
  /** Steps of the whole run. */
  readonly total: number;
  /** Writes text unchanged to the place where the line is shown. */
  readonly write: (text: string) => void;
  /** Whether a line can be overwritten; default false: then plain lines are written. */
  readonly isTerminal?: boolean;
  /** Width of the terminal, in characters; default 80. */
  readonly columns?: number | (() => number);
  /** Whether to use colours; default false. */
  readonly color?: boolean;
  /** The clock, in milliseconds; default `performance.now`. */
  readonly now?: () => number;
  /** Seconds between two plain lines if it is not a terminal; default 10. */
  readonly plainEverySeconds?: number;
}

/** A progress line of a running program. */
export interface Progress {
  /**
   * Shows a step.
   *
   * @param step Steps done, at most the total.
   * @param fields What to show beside it.
   * @throws {RangeError} If the step is not a whole number from 0 to the total.
   */
  update(step: number, fields?: ProgressFields): void;
  /**
   * Writes a separate line above the progress line.
   *
   * @param text One line or more, without a line feed at the end.
   */
  notice(text: string): void;
  /** Shows the last step, and ends the line; calling it again does nothing. */
  finish(): void;
}

/**
 * Makes a progress line: bar, step, loss, rate, tokens per second, time left.
 *
 * The time left comes from the steps of the last half minute, so that a slow first step, an
 * evaluation or a change of speed affects it only for a short time.
 *
 * @param options Where to write, the total, and the clock.
 * @returns The line; nothing is written before the first update.
 * @throws {RangeError} If `total` is not a whole number from 1.
 *
 * @example
 * ```ts
 * import { createProgress } from "lib/log/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * let shown = "";
 * const progress = createProgress({ total: 846, write: (text) => shown += text });
 * progress.update(1, { loss: 6.908, lr: 1e-5 });
 * assertEquals(shown, "step 1/846  loss 6.9080  lr 1.00e-5\n");
 * ```
 */
export function createProgress(options: ProgressOptions): Progress {
  if (!Number.isSafeInteger(options.total) || options.total < 1) {
    throw new RangeError(`Cannot show progress: expected a total from 1, got ${options.total}`);
  }
  return new ProgressLine(options);
}

class ProgressLine implements Progress {
  readonly #options: ProgressOptions;
  readonly #now: () => number;
  readonly #everyMs: number;
  readonly #pace = new Pace();
  #latest: { readonly step: number; readonly fields: ProgressFields } | undefined;
  #drawn = { step: -1, ms: -Infinity, width: 0 };
  #isFinished = false;

  constructor(options: ProgressOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#everyMs = options.isTerminal ? REDRAW_MS : (options.plainEverySeconds ?? 10) * 1000;
  }

  update(step: number, fields: ProgressFields = {}): void {
    const { total } = this.#options, ms = this.#now();
    if (!Number.isSafeInteger(step) || step < 0 || step > total) {
      throw new RangeError(
        `Cannot show progress: expected a step from 0 to ${total}, got ${step}`,
      );
    }
    this.#pace.add(step, ms);
    this.#latest = { step, fields };
    if (step === total || ms - this.#drawn.ms >= this.#everyMs) this.#draw();
  }

  notice(text: string): void {
    const { write } = this.#options, { width } = this.#drawn;
    if (width === 0 || this.#isFinished) return write(`${text}\n`);
    write(`\r${" ".repeat(width)}\r${text}\n`);
    this.#draw();
  }

  finish(): void {
    if (this.#isFinished || this.#latest === undefined) return;
    if (this.#latest.step !== this.#drawn.step) this.#draw();
    if (this.#options.isTerminal) this.#options.write("\n");
    this.#isFinished = true;
  }

  #draw(): void {
    if (this.#latest === undefined) return;
    const { total, write, isTerminal = false } = this.#options, { step, fields } = this.#latest;
    const line = describe([step, total], fields, this.#pace.secondsLeft(total));
    const width = isTerminal ? this.#drawOver(line, step / total) : 0;
    if (!isTerminal) write(`${line}\n`);
    this.#drawn = { step, ms: this.#now(), width };
  }

  /** Overwrites the line; returns the number of characters that are now on it. */
  #drawOver(line: string, share: number): number {
    const { write, columns = 80, color = false } = this.#options;
    // One column fewer than the terminal has, because it may begin a new line after the last
    // column.
    const room = (typeof columns === "function" ? columns() : columns) - 1;
    const { bar, text } = fit(line, share, room);
    const width = [...bar, ...text].length;
    // Spaces overwrite the rest of a longer line; escape sequences are used only for colours.
    const rest = " ".repeat(Math.max(0, Math.min(this.#drawn.width, room) - width));
    write(`\r${color && bar !== "" ? `\x1b[32m${bar}\x1b[0m` : bar}${text}${rest}`);
    return width;
  }
}
