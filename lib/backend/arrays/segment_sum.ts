import type { TensorInfo } from "@tensorflow/tfjs";
import { type Elements, sizeOf } from "./elements.ts";

/** The inputs and the attribute of the kernel `UnsortedSegmentSum`. */
export interface Segments {
  readonly x: TensorInfo;
  readonly segmentIds: TensorInfo;
  readonly numSegments: number;
}

/**
 * The shape of a sum of segments.
 *
 * @throws {TypeError} If there is not exactly one int32 id per row.
 */
export function segmentSumShape({ x, segmentIds, numSegments }: Segments): number[] {
  const { shape, dtype } = segmentIds;
  const isFit = shape.every((length, axis) => x.shape[axis] === length);
  if (!isFit || dtype !== "int32") {
    throw new TypeError(
      `Cannot add up segments: expected ids int32 of the first axes of [${x.shape}], got ` +
        `${dtype} [${shape}]`,
    );
  }
  return [numSegments, ...x.shape.slice(shape.length)];
}

/**
 * Adds each row to the row of `sums` with the index that is its id. A row whose id is negative or
 * too large is ignored, as in TensorFlow.js's own kernels.
 */
export function addSegments(
  rows: Elements,
  ids: Elements,
  { sums, shape: [count = 0, ...rowShape] }: { sums: Elements; shape: readonly number[] },
): void {
  const rowSize = sizeOf(rowShape);
  sums.fill(0);
  for (let row = 0; row < ids.length; row++) {
    const id = ids[row]!;
    if (id < 0 || id >= count) continue;
    const start = row * rowSize, target = id * rowSize;
    for (let i = 0; i < rowSize; i++) sums[target + i] = sums[target + i]! + rows[start + i]!;
  }
}
