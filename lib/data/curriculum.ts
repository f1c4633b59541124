import { deriveSeed, Random } from "lib/core/mod.ts";
import { pacedShare, type Pacing } from "./pacing.ts";

/** Which examples come first; `random` keeps the pacing and drops the order. */
export type CurriculumOrder = "easy-first" | "hard-first" | "random";

/** A curriculum: the difficulty of an example decides from which step on it takes part in training. */
export interface Curriculum {
  /**
   * How difficult each example is, in the data set's order; only the order of these numbers counts.
   * They may be lengths, or the number of the level that an example comes from.
   */
  readonly difficulty: readonly number[];
  /** Which examples come first. */
  readonly order: CurriculumOrder;
  /** How fast the others follow. */
  readonly pacing: Pacing;
}

/** Seed, epoch, and how many examples each step takes. */
export interface CurriculumPlan {
  /** The seed of the draws; an integer. */
  readonly seed: number;
  /** The epoch, from 0. */
  readonly epoch: number;
  /** The number of examples in each step of an epoch; the same in every epoch. */
  readonly stepSizes: readonly number[];
}

/**
 * Draws the examples of each step of an epoch: a function of curriculum, seed and epoch alone.
 *
 * A step draws from the pool, the first examples in the order of the curriculum, as many as the pacing
 * says, but never fewer than the step needs. No example is drawn again in an epoch before the whole pool was
 * drawn; so once all examples take part, an epoch is one pass over all of them, as without a
 * curriculum.
 *
 * @param curriculum Difficulties, order and pacing.
 * @param plan Seed, epoch, and the sizes of the steps.
 * @returns For each step the examples' places in the data set, in random order, each at most once.
 *
 * @example
 * ```ts
 * import { drawSteps } from "lib/data/curriculum.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const pacing = { kind: "step", start: 0.5, steps: 2 } as const;
 * const curriculum = { difficulty: [9, 1, 2, 8], order: "easy-first", pacing } as const;
 * const plan = { seed: 1, stepSizes: [2, 2] };
 * const [first, second] = drawSteps(curriculum, { ...plan, epoch: 0 });
 * assertEquals([first?.toSorted(), second?.toSorted()], [[1, 2], [1, 2]]); // the easy half, twice
 * assertEquals(drawSteps(curriculum, { ...plan, epoch: 1 }).flat().sort(), [0, 1, 2, 3]);
 * ```
 */
export function drawSteps(curriculum: Curriculum, plan: CurriculumPlan): number[][] {
  const { seed, epoch, stepSizes } = plan, { pacing } = curriculum;
  const pool = new Pool(rank(curriculum, seed), new Random(deriveSeed(seed, "order", epoch)));
  return stepSizes.map((count, i) =>
    pool.draw(count, pacedShare(pacing, epoch * stepSizes.length + i))
  );
}

/** The examples in the order in which they join; a draw decides between equally difficult ones. */
function rank({ difficulty, order }: Curriculum, seed: number): readonly number[] {
  const shuffled = new Random(deriveSeed(seed, "rank")).shuffle(difficulty.keys());
  if (order === "random") return shuffled;
  const sign = order === "easy-first" ? 1 : -1;
  return shuffled.sort((a, b) => sign * ((difficulty[a] ?? 0) - (difficulty[b] ?? 0))); // stable
}

/** The examples that take part, and which of them are still to be drawn in this round. */
class Pool {
  readonly #ranked: readonly number[];
  readonly #random: Random;
  #size = 0;
  #left: number[] = [];

  constructor(ranked: readonly number[], random: Random) {
    this.#ranked = ranked;
    this.#random = random;
  }

  /** Lets in all examples up to a share, and draws some. */
  draw(count: number, share: number): number[] {
    this.#grow(Math.max(count, Math.round(share * this.#ranked.length)));
    const drawn = this.#left.splice(0, count);
    if (drawn.length === count) return drawn;
    // All were drawn: a new round begins, with those just drawn in its later part.
    const taken = new Set(drawn);
    const others = this.#ranked.slice(0, this.#size).filter((index) => !taken.has(index));
    const round = this.#random.shuffle(others), again = round.splice(0, count - drawn.length);
    this.#left = this.#random.shuffle([...round, ...drawn]);
    return [...drawn, ...again];
  }

  #grow(size: number): void {
    const joining = this.#ranked.slice(this.#size, size);
    if (joining.length === 0) return;
    this.#left = this.#random.shuffle([...this.#left, ...joining]);
    this.#size += joining.length;
  }
}
