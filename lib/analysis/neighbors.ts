import { checkInteger, checkVectors, directions, dot } from "./_vectors.ts";

/** One of the vectors that lie nearest to another. */
export interface Neighbor {
  /** Its place in the list of vectors: a token's id, if the vectors are embeddings. */
  readonly index: number;
  /** The cosine of the angle between the two, from −1 to 1. */
  readonly cosine: number;
}

/** Settings of {@linkcode nearestNeighbors}. */
export interface NeighborOptions {
  /** How many to give; default 10, or as many as there are. */
  readonly count?: number;
  /** The places to look at, such as the nouns' ids; default all. */
  readonly among?: readonly number[];
}

/**
 * Computes the cosine of the angle between two vectors: a · b / (|a| |b|).
 *
 * It does not depend on their lengths: frequent words have long embeddings.
 *
 * @param a A vector.
 * @param b Another of the same length.
 * @returns From −1 (opposite) to 1 (same direction); 0 if one of them is zero.
 * @throws {TypeError} If their lengths differ, or a number is not finite.
 *
 * @example
 * ```ts
 * import { cosineSimilarity } from "lib/analysis/mod.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * assertAlmostEquals(cosineSimilarity([3, 0], [1, 1]), Math.SQRT1_2);
 * ```
 */
export function cosineSimilarity(a: ArrayLike<number>, b: ArrayLike<number>): number {
  checkVectors("compare", [a, b]);
  const [first, second] = directions([a, b]) as [Float64Array, Float64Array]; // two in, two out
  return clamp(dot(first, second));
}

/**
 * Finds the vectors whose direction is nearest to that of one of them.
 *
 * @param vectors All vectors, such as a model's token embeddings.
 * @param index The place of the one to compare with; it is not among its own neighbours.
 * @param options How many, and among which.
 * @returns The nearest ones, nearest first; of equally near ones, the one with the lower index
 *   first.
 * @throws {RangeError} If there is no such place, or the count is not an integer from 0.
 * @throws {TypeError} If the vectors' lengths differ, or a number is not finite.
 *
 * @example
 * ```ts
 * import { nearestNeighbors } from "lib/analysis/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const vectors = [[1, 0], [0, 1], [2, 1], [-1, 0]];
 * const near = nearestNeighbors(vectors, 0, { count: 2 });
 * assertEquals(near.map(({ index }) => index), [2, 1]);
 * ```
 */
export function nearestNeighbors(
  vectors: readonly ArrayLike<number>[],
  index: number,
  options: NeighborOptions = {},
): Neighbor[] {
  const { count = 10, among = [...vectors.keys()] } = options;
  checkInteger(["find neighbors", "a count"], count, [0, Infinity]);
  const last = vectors.length - 1;
  for (const place of [index, ...among]) {
    checkInteger(["find neighbors", "an index"], place, [0, last]);
  }
  const others = among.filter((place) => place !== index);
  const compared = [index, ...others].map((place) => vectors[place] ?? []);
  checkVectors("find neighbors", compared);
  const [own = new Float64Array(), ...rest] = directions(compared);
  return others.map((place, i): Neighbor => ({
    index: place,
    cosine: clamp(dot(own, rest[i] ?? own)),
  })).sort((a, b) => b.cosine - a.cosine || a.index - b.index).slice(0, count);
}

/** Rounding may move a cosine slightly out of its range. */
function clamp(cosine: number): number {
  return Math.min(1, Math.max(-1, cosine));
}
