import { Random } from "lib/core/mod.ts";
import { refuse } from "./expectations.ts";

/**
 * Counts the calls of a function that a check gives to an answer, and stops an endless loop.
 *
 * @param most How many calls are allowed: more than any right answer makes.
 * @param asked What was asked for, for the message: "a batch".
 * @returns A function to call at each use; it throws if it is called more than `most` times.
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
 * Takes all items that an answer yields, and stops an endless loop.
 *
 * @param items What the answer returned.
 * @param most How many items are allowed: more than any right answer yields.
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
 * Wraps a list so that an endless loop over its items ends with an error that explains it.
 *
 * @param items The items; the list is not changed.
 * @param most How many reads are allowed: more than any right answer makes.
 * @param what What one item is, for the message: "a length".
 * @returns A list of the same items, which counts how often an item is read.
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
  /** The items; reads from this list are not counted. */
  readonly items: readonly unknown[];
}

const LIMITS = new WeakMap<object, ListLimit>();

/** The limit of a list that {@linkcode limitedList} made; undefined for others. */
export function limitOf(list: object): ListLimit | undefined {
  return LIMITS.get(list);
}

/** A random generator that counts its draws, and stops an endless loop that draws from it. */
export class CountingRandom extends Random {
  /** How many times 32 bits were drawn. */
  draws = 0;
  /** How many times they may be drawn. */
  readonly most: number;

  /**
   * Starts the sequence of a seed: the same numbers as `new Random(seed)`.
   *
   * @param seed An integer.
   * @param most The most draws that a right answer could make; default 100,000.
   */
  constructor(seed: number, most = 100_000) {
    super(seed);
    this.most = most;
  }

  /** The next 32 random bits, counted; all other draws use these. */
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
