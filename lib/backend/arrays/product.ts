import type { TensorInfo } from "@tensorflow/tfjs";
import { sizeOf } from "./elements.ts";

/** The sizes of a product of two matrices, [rows, inner] by [inner, columns]. */
export interface Product {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
}

/** Operands and result, row by row. */
export interface Operands {
  readonly a: Float32Array;
  readonly b: Float32Array;
  readonly out: Float32Array;
}

/**
 * Adds the product of `a` and `b` to `out`. The inner loop goes along the rows of `b` and of the
 * result, with four factors at a time, so that each number of the result is read and written a
 * quarter as often.
 */
export function addProduct({ rows, inner, columns }: Product, { a, b, out }: Operands): void {
  for (let row = 0; row < rows; row++) {
    const to = row * columns, start = row * inner;
    let k = 0;
    for (; k + 3 < inner; k += 4) {
      const f0 = a[start + k]!, f1 = a[start + k + 1]!, f2 = a[start + k + 2]!;
      const f3 = a[start + k + 3]!, from = k * columns;
      for (let i = 0; i < columns; i++) {
        const at = from + i;
        out[to + i] = out[to + i]! + f0 * b[at]! + f1 * b[at + columns]! +
          (f2 * b[at + 2 * columns]! + f3 * b[at + 3 * columns]!);
      }
    }
    for (; k < inner; k++) {
      const factor = a[start + k]!, from = k * columns;
      for (let i = 0; i < columns; i++) out[to + i] = out[to + i]! + factor * b[from + i]!;
    }
  }
}

/**
 * The sizes of the product that a call of the kernel `BatchMatMul` computes.
 *
 * @throws {TypeError} If the inner sizes differ.
 */
export function productOf(
  a: TensorInfo,
  b: TensorInfo,
  { transposeA, transposeB }: Record<"transposeA" | "transposeB", boolean>,
): Product {
  const [aRows = 0, aColumns = 0] = a.shape.slice(-2),
    [bRows = 0, bColumns = 0] = b.shape.slice(-2);
  const [rows, inner] = transposeA ? [aColumns, aRows] : [aRows, aColumns];
  const [innerOfB, columns] = transposeB ? [bColumns, bRows] : [bRows, bColumns];
  if (inner === innerOfB) return { rows, inner, columns };
  throw new TypeError(
    `Cannot multiply matrices: expected inner sizes that are equal, got [${a.shape}] and ` +
      `[${b.shape}] with transposeA=${transposeA} and transposeB=${transposeB}`,
  );
}

/**
 * Maps an index in the whole batch to the index in an operand's own batch, which may be shorter.
 */
export function batchPlaces(
  own: readonly number[],
  whole: readonly number[],
): (i: number) => number {
  if (sizeOf(own) === sizeOf(whole)) return (i) => i;
  const missing = whole.length - own.length;
  return (i) => {
    let place = 0, rest = i, stride = 1;
    for (let axis = whole.length - 1; axis >= missing; axis--) {
      const length = whole[axis] ?? 1, ownLength = own[axis - missing] ?? 1;
      if (ownLength > 1) place += stride * (rest % length);
      rest = Math.floor(rest / length);
      stride *= ownLength;
    }
    return place;
  };
}
