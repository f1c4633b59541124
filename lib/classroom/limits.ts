import { availableParallelism } from "node:os";

/** What one notebook may use. */
export interface Limits {
  /** Seconds for a cell that the student wrote, or a check. */
  readonly cellSeconds: number;
  /** Seconds for a cell that stands as it was given out: some train a model. */
  readonly givenSeconds: number;
  /** Seconds for the whole notebook. */
  readonly totalSeconds: number;
  /** Bytes that a cell may put out. */
  readonly outputBytes: number;
  /** Bytes of memory for all processes together. */
  readonly memoryBytes: number;
  /** Processes at a time. */
  readonly processes: number;
  /** Their threads together. */
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
  threads: 512 + 16 * availableParallelism(), // TensorFlow and Deno start some for each processor
  fileBytes: 256 * 2 ** 20,
};
