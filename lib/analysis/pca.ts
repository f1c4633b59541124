import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { checkInteger, checkVectors } from "./_vectors.ts";

/** Settings of {@linkcode pca}. */
export interface PcaOptions {
  /** How many directions to give, K; default 2. */
  readonly components?: number;
}

/** The directions along which vectors of C numbers differ most. */
export interface Pca {
  /** The mean of the vectors, [C]. */
  readonly mean: readonly number[];
  /**
   * The directions, [K][C], the one of the largest variance first; of length 1, at right angles.
   */
  readonly components: readonly (readonly number[])[];
  /** The variance along each direction, [K], in the square of the numbers' unit. */
  readonly variances: readonly number[];
  /** The share of the whole variance that each direction explains, [K], from 0 to 1. */
  readonly explained: readonly number[];
  /** The coordinates of each vector along the directions, relative to the mean: [vectors][K]. */
  readonly points: readonly (readonly number[])[];
}

/** Entries whose sizes differ by less than this share count as equally large. */
const TIE = 1e-9;

/**
 * Finds the directions along which vectors differ most: exact principal component analysis.
 *
 * The directions are the eigenvectors of the covariance matrix Σ (x − mean)(x − mean)ᵀ / (n − 1),
 * the variances its eigenvalues. The sign of an eigenvector is arbitrary: here its largest entry is
 * positive, so that a picture is not mirrored on another machine.
 *
 * @param vectors At least two vectors, such as embeddings.
 * @param options How many directions.
 * @returns Directions, variances, and the vectors' places along them.
 * @throws {RangeError} If there are fewer than two vectors, or more directions are asked for than a
 *   vector has numbers.
 * @throws {TypeError} If the vectors' lengths differ, or a number is not finite.
 *
 * @example
 * ```ts
 * import { pca } from "lib/analysis/mod.ts";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { components, explained } = pca([[0, 0], [2, 2], [4, 4.1]]);
 * assertAlmostEquals(components[0]?.[0] ?? NaN, Math.SQRT1_2, 0.02);
 * assertAlmostEquals(explained[0] ?? NaN, 1, 1e-3);
 * ```
 *
 * Source: Hotelling, "Analysis of a complex of statistical variables into principal components", 1933
 */
export function pca(vectors: readonly ArrayLike<number>[], options: PcaOptions = {}): Pca {
  const { components: count = 2 } = options, size = vectors[0]?.length ?? 0;
  checkInteger(["find components", "a number of vectors"], vectors.length, [2, Infinity]);
  checkVectors("find components", vectors);
  checkInteger(["find components", "a number of components"], count, [1, size]);
  const data = new Matrix(vectors.map((vector) => Array.from(vector)));
  const mean = data.mean("column");
  const centered = data.subRowVector(mean);
  const covariance = centered.transpose().mmul(centered).div(vectors.length - 1);
  const { variances, directions } = eigen(covariance);
  const total = variances.reduce((sum, variance) => sum + variance, 0);
  const components = directions.slice(0, count), kept = variances.slice(0, count);
  return {
    mean,
    components,
    variances: kept,
    explained: kept.map((variance) => total === 0 ? 0 : variance / total),
    points: centered.mmul(new Matrix(components).transpose()).to2DArray(),
  };
}

/** Eigenvalues, the largest first, and their eigenvectors. */
function eigen(covariance: Matrix): { variances: number[]; directions: number[][] } {
  const found = new EigenvalueDecomposition(covariance, { assumeSymmetric: true });
  const order = found.realEigenvalues.map((value, column) => ({ value, column }))
    .sort((a, b) => b.value - a.value);
  return {
    // Rounding may make a variance of 0 negative.
    variances: order.map(({ value }) => Math.max(0, value)),
    directions: order.map(({ column }) => withSign(found.eigenvectorMatrix.getColumn(column))),
  };
}

function withSign(direction: readonly number[]): number[] {
  const largest = direction.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const first = direction.find((value) => Math.abs(value) >= largest * (1 - TIE)) ?? 1;
  return direction.map((value) => value * Math.sign(first));
}
