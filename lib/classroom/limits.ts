import { availableParallelism } from "node:os";

/** What one notebook may use. */
export interface Limits {
  /** Seconds for a cell that the student wrote, or a check. */
  readonly cellSeconds: number;
  /** Seconds for a cell that the student did not change: some of these train a model. */
  readonly givenSeconds: number;
  /** Seconds for the whole notebook. */
  readonly totalSeconds: number;
  /** Bytes of output of one cell. */
  readonly outputBytes: number;
  /** Bytes of memory for all processes together. */
  readonly memoryBytes: number;
  /** Processes at the same time. */
  readonly processes: number;
  /** Threads of all processes together. */
  readonly threads: number;
  /** Bytes of files in the sandbox. */
  readonly fileBytes: number;
}

/** Limits that a right answer stays far below. */
export const LIMITS: Limits = {
  cellSeconds: 60,
  givenSeconds: 240,
  totalSeconds: 900,
  outputBytes: 4 * 2 ** 20,
  memoryBytes: 4 * 2 ** 30,
  processes: 24,
  threads: 512 + 16 * availableParallelism(), // TensorFlow and Deno start several per processor
  fileBytes: 256 * 2 ** 20,
};
