import { largest } from "lib/core/mod.ts";

/** The label of a position that does not count for the loss. */
export const IGNORE_INDEX: number = -100;

/** Examples of different lengths as one rectangle [B, T], row by row. */
export interface PaddedBatch {
  /** What the model reads: int32 [B, T]. */
  readonly ids: Int32Array;
  /** 1 where there is something to attend to, 0 at pads: float32 [B, T]. */
  readonly mask: Float32Array;
  /** What it should predict, the next id: int32 [B, T], {@linkcode IGNORE_INDEX} at pads. */
  readonly labels: Int32Array;
  /** [B, T]. */
  readonly shape: readonly [B: number, T: number];
}

/** How {@linkcode padBatch} pads. */
export interface PadOptions {
  /** The id at padding; no result depends on it, since mask and labels leave it out. */
  readonly padId: number;
  /** T. By default as long as the longest example needs. */
  readonly length?: number;
  /** B. By default one row per example; rows beyond the examples are empty: nothing but pads. */
  readonly rows?: number;
  /** The T that the model can read; by default any. */
  readonly maxLength?: number;
}

/**
 * Pads examples to one length, shifts the labels, and makes the mask.
 *
 * An example of n ids gives n − 1 positions: the model reads ids 0 to n − 2, and the label of each is
 * the id after it. So `<eos>` is predicted but never read, and `<bos>` is read but never predicted.
 *
 * @param examples The ids of each example, `<bos>` first and `<eos>` last; at least two each.
 * @param options `padId`, the shape, and the bound `maxLength` in positions.
 * @returns New arrays of B · T elements.
 * @throws {RangeError} If there is no example and no whole shape, one has fewer than two ids, one is
 * too long, or there are more of them than rows: nothing is cut off.
 *
 * @example
 * ```ts
 * import { padBatch } from "lib/data/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const batch = padBatch([Int32Array.of(1, 4, 9, 2), Int32Array.of(1, 7, 2)], { padId: 0 });
 * assertEquals(batch.shape, [2, 3]);
 * assertEquals([...batch.ids], [1, 4, 9, 1, 7, 0]);
 * assertEquals([...batch.mask], [1, 1, 1, 1, 1, 0]);
 * assertEquals([...batch.labels], [4, 9, 2, 7, 2, -100]);
 * ```
 */
export function padBatch(
  examples: readonly ArrayLike<number>[],
  { padId, length, rows, maxLength = Infinity }: PadOptions,
): PaddedBatch {
  const positions = examples.map((example) => example.length - 1);
  const T = length ?? largest(positions), B = rows ?? examples.length;
  if (length === undefined || rows === undefined) checkNotEmpty(examples);
  checkLengths(positions, T, maxLength);
  if (examples.length > B) {
    throw new RangeError(
      `Cannot pad a batch: expected at most ${B} examples, a row each, got ${examples.length}`,
    );
  }
  const ids = new Int32Array(B * T).fill(padId);
  const labels = new Int32Array(B * T).fill(IGNORE_INDEX);
  const mask = new Float32Array(B * T);
  for (const [row, example] of examples.entries()) {
    const n = example.length, start = row * T;
    for (let i = 0; i < n - 1; i++) {
      ids[start + i] = example[i] ?? padId;
      labels[start + i] = example[i + 1] ?? IGNORE_INDEX;
    }
    mask.fill(1, start, start + n - 1);
  }
  return { ids, mask, labels, shape: [B, T] };
}

/** How many labels count for the loss. */
export function countTargets(labels: Int32Array): number {
  return labels.reduce((count, label) => label === IGNORE_INDEX ? count : count + 1, 0);
}

/** Without an example the shape is unknown, unless it is given. */
function checkNotEmpty(examples: readonly ArrayLike<number>[]): void {
  if (examples.length === 0) {
    throw new RangeError("Cannot pad a batch: expected at least one example, got none");
  }
}

function checkLengths(positions: readonly number[], T: number, maxLength: number): void {
  const short = positions.findIndex((n) => !(n >= 1));
  if (short !== -1) {
    throw new RangeError(
      `Cannot pad a batch: expected at least two ids, got ${(positions[short] ?? 0) + 1} ` +
        `in example ${short}`,
    );
  }
  const limit = Math.min(T, maxLength), long = positions.findIndex((n) => !(n <= limit));
  if (long !== -1) {
    throw new RangeError(
      `Cannot pad a batch: expected at most ${limit} positions, got ${positions[long]} ` +
        `in example ${long}; nothing is cut off, so raise the length or drop the example`,
    );
  }
  if (!(T <= maxLength)) {
    throw new RangeError(
      `Cannot pad a batch: expected a length of at most ${maxLength}, which the model can read, ` +
        `got ${T}`,
    );
  }
}
