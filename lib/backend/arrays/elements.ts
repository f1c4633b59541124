/** A tensor's elements, row by row: float32, int32 or bool. */
export type Elements = Float32Array | Int32Array | Uint8Array;

/** How many elements a tensor of that shape has. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}
