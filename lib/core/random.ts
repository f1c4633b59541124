import { xoroshiro128plusFromState } from "pure-rand/generator/xoroshiro128plus";
import type { RandomGenerator } from "pure-rand/types/RandomGenerator";

const TWO_TO_32 = 2 ** 32;

/**
 * Mixes a run's seed with labels into the seed for one purpose. So two purposes have separate
 * streams, and the draws for one purpose do not depend on the number of draws for another.
 *
 * The result is an int32: FNV-1a over the UTF-16 units of the labels, then the finaliser of
 * MurmurHash3, which spreads a change of one bit over all 32 bits.
 *
 * @param seed The run's seed, an integer.
 * @param labels What the stream is for: words, and counters such as the step.
 * @returns An int32 that depends on every label and on their order.
 *
 * @example
 * ```ts
 * import { deriveSeed } from "lib/core/mod.ts";
 * import { assertEquals, assertNotEquals } from "@std/assert";
 *
 * assertEquals(deriveSeed(1, "dropout", 7), deriveSeed(1, "dropout", 7));
 * assertNotEquals(deriveSeed(1, "dropout", 7), deriveSeed(1, "dropout", 8));
 * ```
 */
export function deriveSeed(seed: number, ...labels: readonly (string | number)[]): number {
  let hash = 0x811c9dc5;
  for (const character of JSON.stringify([seed, ...labels])) {
    hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/**
 * A seeded stream of random numbers whose state can be saved and restored.
 *
 * The generator is xoroshiro128+ (Blackman and Vigna, "Scrambled linear pseudorandom number
 * generators", 2018) from the package `pure-rand`: the same numbers on every machine.
 *
 * @example
 * ```ts
 * import { Random } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const random = new Random(42);
 * random.integer(6);
 * const saved = random.state();
 * assertEquals(Random.fromState(saved).integer(6), random.integer(6));
 * ```
 */
export class Random {
  #generator: RandomGenerator;

  /**
   * Starts the stream of a seed.
   *
   * @param seed An integer.
   * @throws {RangeError} If `seed` is not an integer.
   */
  constructor(seed: number) {
    if (!Number.isInteger(seed)) {
      throw new RangeError(`Cannot seed a generator: expected an integer, got ${seed}`);
    }
    // If a seed filled only a few of its 128 bits, the generator's first draws would not look
    // random.
    this.#generator = xoroshiro128plusFromState([1, 2, 3, 4].map((part) => deriveSeed(seed, part)));
  }

  /**
   * A stream that continues from a state that {@linkcode Random.state} gave.
   *
   * @throws {TypeError} If `state` is not four int32.
   */
  static fromState(state: readonly number[]): Random {
    if (state.length !== 4 || !state.every((part) => Number.isInteger(part))) {
      throw new TypeError(
        `Cannot restore a generator: expected a state of 4 integers, got ${JSON.stringify(state)}`,
      );
    }
    const random = new Random(0);
    random.#generator = xoroshiro128plusFromState(state);
    return random;
  }

  /** The state of the stream, four int32; it determines all further draws. */
  state(): number[] {
    return [...this.#generator.getState()];
  }

  /** Continues from a state that {@linkcode Random.state} gave, on this stream or another one. */
  restore(state: readonly number[]): void {
    this.#generator = Random.fromState(state).#generator;
  }

  /** The next 32 random bits, as an integer from 0 to 2^32 - 1. */
  uint32(): number {
    return this.#generator.next() >>> 0;
  }

  /** A number in [0, 1), a multiple of 2^-32. */
  uniform(): number {
    return this.uint32() / TWO_TO_32;
  }

  /**
   * A whole number from 0 to `below - 1`, all exactly equally likely (draws that would favour the
   * low numbers are rejected).
   *
   * @throws {RangeError} If `below` is not an integer from 1 to 2^32.
   */
  integer(below: number): number {
    if (!Number.isInteger(below) || below < 1 || below > TWO_TO_32) {
      throw new RangeError(
        `Cannot draw an integer: expected a bound from 1 to 2^32, got ${below}`,
      );
    }
    const limit = TWO_TO_32 - TWO_TO_32 % below;
    let bits = this.uint32();
    while (bits >= limit) bits = this.uint32();
    return bits % below;
  }

  /**
   * A draw from the standard normal distribution (Box and Muller, 1958; the second number of their
   * pair is not used).
   */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /**
   * One of `items`, all equally likely.
   *
   * @throws {RangeError} If `items` is empty.
   */
  pick<T>(items: readonly T[]): T {
    const index = items.length === 0 ? 0 : this.integer(items.length);
    const item = items[index];
    if (item === undefined) {
      throw new RangeError("Cannot pick an item: expected at least one, got an empty list");
    }
    return item;
  }

  /**
   * A new array with the same items in random order (Fisher and Yates); all orders are equally
   * likely.
   */
  shuffle<T>(items: Iterable<T>): T[] {
    const result = [...items];
    for (let last = result.length - 1; last > 0; last--) {
      const other = this.integer(last + 1);
      // Both indices are inside the array: `other <= last < result.length`.
      [result[last], result[other]] = [result[other] as T, result[last] as T];
    }
    return result;
  }
}
