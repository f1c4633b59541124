import { deriveSeed, mean, quantile, Random } from "lib/core/mod.ts";
import { checkInteger, checkVectors, directions, dot } from "./_vectors.ts";

/** Settings of {@linkcode classPurity}. */
export interface PurityOptions {
  /** How many nearest vectors to look at, K; default 10. */
  readonly neighbors?: number;
  /** How many times the labels are shuffled for the baseline; default 1000. */
  readonly permutations?: number;
  /** The seed of the shuffles, an integer; default 0. */
  readonly seed?: number;
}

/** How pure the classes of vectors are, compared with chance. */
export interface Purity {
  /** The mean share, from 0 to 1, of a vector's K nearest vectors that have its own class. */
  readonly purity: number;
  /** What chance gives: the purities of the same vectors with their labels shuffled. */
  readonly baseline: {
    /** Their mean. */
    readonly mean: number;
    /** The value that 99 of 100 shuffles do not exceed. */
    readonly percentile99: number;
    /** The largest. */
    readonly highest: number;
  };
  /** How likely chance is as pure: (1 + shuffles that are at least as pure) / (1 + shuffles). */
  readonly pValue: number;
}

/**
 * Measures whether vectors of one class lie together, compared with a permutation baseline.
 *
 * The neighbours are those with the largest cosine. Shuffling the labels changes neither the sizes
 * of the classes nor the vectors, so the purity that follows from these alone is also in the
 * baseline.
 *
 * @param vectors The vectors, such as the embeddings of all nouns.
 * @param labels The class of each.
 * @param options Neighbours, shuffles, seed.
 * @returns Purity, baseline and p-value.
 * @throws {RangeError} If there are not more vectors than neighbours, or a setting is out of range.
 * @throws {TypeError} If there is not one label per vector, lengths differ, or a number is not
 *   finite.
 *
 * @example
 * ```ts
 * import { classPurity } from "lib/analysis/mod.ts";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const angles = Array.from({ length: 40 }, (_, i) => (i < 20 ? 0 : 2) + i / 100);
 * const vectors = angles.map((angle) => [Math.cos(angle), Math.sin(angle)]);
 * const labels = angles.map((_, i) => i < 20 ? "animal" : "tool");
 * const { purity, baseline } = classPurity(vectors, labels, { neighbors: 5 });
 * assertEquals(purity, 1);
 * assert(baseline.percentile99 < 0.65);
 * ```
 *
 * Source: Good, "Permutation, Parametric and Bootstrap Tests of Hypotheses", 2005, section 3.2
 */
export function classPurity(
  vectors: readonly ArrayLike<number>[],
  labels: readonly (string | number)[],
  options: PurityOptions = {},
): Purity {
  const { neighbors = 10, permutations = 1000, seed = 0 } = options;
  if (labels.length !== vectors.length) {
    throw new TypeError(
      `Cannot measure purity: expected ${vectors.length} labels, got ${labels.length}`,
    );
  }
  checkVectors("measure purity", vectors);
  const most = vectors.length - 1;
  checkInteger(["measure purity", "a number of neighbors"], neighbors, [1, most]);
  checkInteger(["measure purity", "a number of permutations"], permutations, [1, Infinity]);
  const lists = neighborLists(vectors, neighbors);
  const purity = purityOf(lists, labels);
  const random = new Random(deriveSeed(seed, "class purity"));
  const shuffled = Array.from(
    { length: permutations },
    () => purityOf(lists, random.shuffle(labels)),
  );
  const asPure = shuffled.filter((value) => value >= purity).length;
  return {
    purity,
    baseline: {
      mean: mean(shuffled),
      percentile99: quantile(shuffled, 0.99),
      highest: quantile(shuffled, 1),
    },
    pValue: (1 + asPure) / (1 + permutations),
  };
}

/** The K nearest of each vector; shuffling labels does not change them. */
function neighborLists(vectors: readonly ArrayLike<number>[], count: number): number[][] {
  const units = directions(vectors);
  return units.map((own, index) =>
    units.map((other, place) => ({ place, cosine: dot(own, other) }))
      .filter(({ place }) => place !== index)
      .sort((a, b) => b.cosine - a.cosine || a.place - b.place)
      .slice(0, count).map(({ place }) => place)
  );
}

function purityOf(
  lists: readonly (readonly number[])[],
  labels: readonly (string | number)[],
): number {
  let same = 0, all = 0;
  for (const [index, list] of lists.entries()) {
    for (const place of list) {
      if (labels[place] === labels[index]) same++;
      all++;
    }
  }
  return same / all;
}
