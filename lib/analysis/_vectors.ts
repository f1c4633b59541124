/** Throws unless all vectors have the same length and only finite numbers. */
export function checkVectors(act: string, vectors: readonly ArrayLike<number>[]): void {
  const size = vectors[0]?.length ?? 0;
  for (const [index, vector] of vectors.entries()) {
    if (vector.length !== size) {
      throw new TypeError(
        `Cannot ${act}: expected vectors of ${size} numbers, got ${vector.length} at ${index}`,
      );
    }
    const odd = Array.from(vector).find((value) => !Number.isFinite(value));
    if (odd !== undefined) {
      throw new TypeError(`Cannot ${act}: expected finite numbers, got ${odd} at ${index}`);
    }
  }
}

/** Throws unless a setting is an integer from `least` to `most`. */
export function checkInteger(
  [act, what]: readonly [string, string],
  value: number,
  [least, most]: readonly [number, number],
): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  const range = most === Infinity ? `from ${least}` : `from ${least} to ${most}`;
  throw new RangeError(`Cannot ${act}: expected ${what} ${range}, got ${value}`);
}

/**
 * Scales the vectors to length 1, so that the dot product of two is their cosine; zero stays zero.
 */
export function directions(vectors: readonly ArrayLike<number>[]): Float64Array[] {
  return vectors.map((vector) => {
    // Divided by the largest entry first: squares of very large or small numbers over- or
    // underflow.
    const values = Float64Array.from(vector);
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
    const scaled = values.map((value) => value / largest);
    const length = Math.sqrt(dot(scaled, scaled)) || 1;
    return scaled.map((value) => value / length);
  });
}

/** Σ aᵢ bᵢ. */
export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? NaN) * (b[i] ?? NaN);
  return sum;
}
