import type { Elements } from "./elements.ts";

/**
 * Rows and columns of the square blocks in which a matrix is transposed, so that input and output
 * stay in the cache.
 */
const TILE = 16;

/** From this row length on, copying the whole row is faster than copying element by element. */
const LONG_ROW = 24;

/**
 * Copies a tensor's elements with its axes in another order.
 *
 * @param input The elements, row by row.
 * @param output Where to write the elements; it has the same length.
 * @param shape The input's shape.
 * @param order For each axis of the output, the index of that axis in the input.
 */
export function permute(
  input: Elements,
  output: Elements,
  shape: readonly number[],
  order: readonly number[],
): void {
  const axes = joinedAxes(shape, order);
  const row = axes.at(-1);
  if (row === undefined) {
    output.set(input);
    return;
  }
  const before = axes.slice(0, -1), across = before.at(-1);
  if (row.stride > 1 && across?.stride === 1) {
    const outer = before.slice(0, -1), matrix = { row, across };
    let place = 0;
    forEachStart(outer, (start) => {
      transpose(input, output, { ...matrix, start, place });
      place += row.length * across.length;
    });
    return;
  }
  let place = 0;
  forEachStart(before, (start) => {
    if (row.stride === 1 && row.length >= LONG_ROW) {
      output.set(input.subarray(start, start + row.length), place);
    } else {
      for (let i = 0; i < row.length; i++) output[place + i] = input[start + i * row.stride]!;
    }
    place += row.length;
  });
}

/**
 * An axis of the output: its length, and the distance of its neighbouring elements in the input.
 */
interface Axis {
  readonly length: number;
  readonly stride: number;
}

/**
 * The output's axes, without those of length 1. Axes that are neighbours in input and output are
 * joined.
 */
function joinedAxes(shape: readonly number[], order: readonly number[]): Axis[] {
  const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((size, n) => size * n, 1));
  const joined: Axis[] = [];
  for (const axis of order) {
    const length = shape[axis] ?? 1, stride = strides[axis] ?? 1, last = joined.at(-1);
    if (length === 1) continue;
    if (last?.stride === stride * length) {
      joined[joined.length - 1] = { length: last.length * length, stride };
    } else joined.push({ length, stride });
  }
  return joined;
}

/** Calls `visit` with the start of each inner row, in the output's order. */
function forEachStart(axes: readonly Axis[], visit: (start: number) => void): void {
  const [axis] = axes;
  if (axis === undefined) return visit(0);
  const go = (depth: number, start: number): void => {
    const { length, stride } = axes[depth] ?? axis, isLast = depth === axes.length - 1;
    for (let i = 0; i < length; i++) {
      if (isLast) visit(start + i * stride);
      else go(depth + 1, start + i * stride);
    }
  };
  go(0, 0);
}

/** One matrix: its columns are contiguous in the input, its rows in the output. */
function transpose(
  input: Elements,
  output: Elements,
  { row, across, start, place }: { row: Axis; across: Axis; start: number; place: number },
): void {
  for (let top = 0; top < across.length; top += TILE) {
    const bottom = Math.min(top + TILE, across.length);
    for (let left = 0; left < row.length; left += TILE) {
      const right = Math.min(left + TILE, row.length);
      for (let y = top; y < bottom; y++) {
        const to = place + y * row.length, from = start + y;
        for (let x = left; x < right; x++) output[to + x] = input[from + x * row.stride]!;
      }
    }
  }
}
