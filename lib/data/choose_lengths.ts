/** The most lengths that {@linkcode chooseLengths} gives. */
const MAX_LENGTHS = 4;

/** The share of all positions that one more length must save to be worth the longer compiled step. */
const WORTHWHILE = 0.2;

/**
 * Chooses few lengths to pad sentences to, so that little is padded.
 *
 * Each length makes the compiled step longer, which costs seconds before the first step and
 * milliseconds in each; each sentence costs as many positions as the first length that holds it. So a
 * length is added only if it saves a fifth of all positions, and there are four at most. Of all choices
 * of so many lengths, the one with the fewest positions is taken.
 *
 * @param positions The sentences' lengths in positions, from 1.
 * @returns Lengths, rising; the last is the longest sentence's.
 * @throws {RangeError} If there is no sentence.
 *
 * @example
 * ```ts
 * import { chooseLengths } from "lib/data/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(chooseLengths([6, 6, 6]), [6]);
 * assertEquals(chooseLengths([3, 4, 4, 4, 12]), [4, 12]); // 28 positions instead of 60
 * ```
 *
 * Source: the optimal partition of a sorted list into intervals, Jackson and others, "An algorithm for
 * optimal partitioning of data on an interval", 2005.
 */
export function chooseLengths(positions: readonly number[]): number[] {
  if (positions.length === 0) {
    throw new RangeError("Cannot choose lengths: expected at least one sentence, got none");
  }
  const counts = new Map<number, number>();
  for (const length of positions) counts.set(length, (counts.get(length) ?? 0) + 1);
  const bars = [...counts].map(([length, count]) => ({ length, count }))
    .sort((a, b) => a.length - b.length);
  let layer = firstLayer(bars), best = layer.at(-1);
  while (best !== undefined && best.lengths.length < MAX_LENGTHS) {
    layer = nextLayer(bars, layer);
    const next = layer.at(-1);
    if (next === undefined || next.cost > (1 - WORTHWHILE) * best.cost) break;
    best = next;
  }
  return best?.lengths ?? [];
}

/** How many sentences have a length. */
interface Bar {
  readonly length: number;
  readonly count: number;
}

/** The cheapest choice of lengths for the bars up to one; cost in positions. */
interface Choice {
  readonly lengths: number[];
  readonly cost: number;
}

/** One length for all bars up to each. */
function firstLayer(bars: readonly Bar[]): Choice[] {
  let count = 0;
  return bars.map((bar) => ({ lengths: [bar.length], cost: bar.length * (count += bar.count) }));
}

/** One length more than in `former`, for the bars up to each. */
function nextLayer(bars: readonly Bar[], former: readonly Choice[]): Choice[] {
  return bars.map(({ length }, last) => {
    let best: Choice = former[last] ?? { lengths: [length], cost: Infinity };
    let count = 0;
    for (let cut = last - 1; cut >= 0; cut--) { // the new length holds the bars after the cut
      count += bars[cut + 1]?.count ?? 0;
      const before = former[cut];
      if (before === undefined) continue;
      const cost = before.cost + length * count;
      if (cost < best.cost) best = { lengths: [...before.lengths, length], cost };
    }
    return best;
  });
}
