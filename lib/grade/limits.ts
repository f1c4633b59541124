import { Random } from "lib/core/mod.ts";
import { refuse } from "./expectations.ts";

/**
 * Counts calls of something that a check hands to an answer, and ends a loop without end.
 *
 * @param most How many calls a right answer could make, with room to spare.
 * @param asked What was asked for, for the message: "a batch".
 * @returns A function to call at each use; it throws at the first call too many.
 *
 * @example
 * ```ts
 * import { callLimit } from "lib/grade/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * const count = callLimit(2, "a batch");
 * count();
 * count();
 * assertThrows(count, Error, "your loop asked 3 times for a batch: when does it end?");
 * ```
 */
export function callLimit(most: number, asked: string): () => void {
  let calls = 0;
  return () => {
    if (++calls <= most) return;
    refuse(
      `expected an end, got a loop without one: your loop asked ${calls} times for ${asked}: ` +
        "when does it end?",
    );
  };
}

/**
 * Takes all items of something that an answer yields, and ends a loop without end.
 *
 * @param items What the answer returned.
 * @param most How many items a right answer could yield, with room to spare.
 * @param what What one item is, for the message: "batch".
 *
 * @example
 * ```ts
 * import { takeAll } from "lib/grade/mod.ts";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * function* endless() {
 *   while (true) yield 0;
 * }
 * assertEquals(takeAll([1, 2], 5, "batch"), [1, 2]);
 * assertThrows(() => takeAll(endless(), 5, "batch"), Error, "your loop gave batch 6");
 * ```
 */
export function takeAll<T>(items: Iterable<T>, most: number, what: string): T[] {
  const taken: T[] = [];
  for (const item of items) {
    taken.push(item);
    if (taken.length <= most) continue;
    refuse(
      `expected an end, got a loop without one: your loop gave ${what} ${taken.length}: ` +
        "when does it end?",
    );
  }
  return taken;
}

/**
 * Wraps a list so that a loop without end that reads its items ends in a sentence.
 *
 * @param items The items; they stay as they are.
 * @param most How many reads a right answer could make, with room to spare.
 * @param what What one item is, for the message: "a length".
 * @returns A list of the same items, which counts how often one is read.
 *
 * @example
 * ```ts
 * import { limitedList } from "lib/grade/mod.ts";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const lengths = limitedList([3, 5], 10, "a length");
 * assertEquals(lengths.map((length) => length + 1), [4, 6]);
 * assertThrows(() => {
 *   while (lengths[0] === 3);
 * }, Error, "your loop asked 11 times for a length: when does it end?");
 * ```
 */
export function limitedList<T>(items: readonly T[], most: number, what: string): T[] {
  const count = callLimit(most, what);
  const own = [...items];
  const list = new Proxy(own, {
    get(list, key, receiver) {
      if (typeof key === "string" && /^\d+$/.test(key)) count();
      return Reflect.get(list, key, receiver);
    },
  });
  LIMITS.set(list, { most, what, items: own });
  return list;
}

/** What {@linkcode limitedList} was given. */
export interface ListLimit {
  /** How often items may be read. */
  readonly most: number;
  /** What one item is. */
  readonly what: string;
  /** The items; who reads them here is not counted. */
  readonly items: readonly unknown[];
}

const LIMITS = new WeakMap<object, ListLimit>();

/** The limit of a list that {@linkcode limitedList} made; undefined for others. */
export function limitOf(list: object): ListLimit | undefined {
  return LIMITS.get(list);
}

/** A generator that counts its draws, and ends a loop that draws without end. */
export class CountingRandom extends Random {
  /** How many times 32 bits were drawn. */
  draws = 0;
  /** How many times they may be drawn. */
  readonly most: number;

  /**
   * Begins the stream of a seed: the same numbers as `new Random(seed)`.
   *
   * @param seed An integer.
   * @param most The most draws that a right answer could make; default 100,000.
   */
  constructor(seed: number, most = 100_000) {
    super(seed);
    this.most = most;
  }

  /** The next 32 random bits, counted; all other draws stand on these. */
  override uint32(): number {
    if (++this.draws > this.most) {
      refuse(
        `expected an end, got a loop without one: your loop drew ${this.draws} random numbers: ` +
          "when does it end?",
      );
    }
    return super.uint32();
  }
}
