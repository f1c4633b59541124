import { Random } from "lib/core/mod.ts";
import { CountingRandom, exercise, expectThat } from "lib/grade/mod.ts";
import { countOf, unevenness } from "../cases.ts";

type Item = number | string;
type Answer = (items: readonly Item[], random: Random) => Item[];

const numbers = (size: number) => Array.from({ length: size }, (_, i) => i);

/** Fisher and Yates with another partner, or other places. */
function swapping(
  partner: (random: Random, last: number, size: number) => number,
  { from = (size: number) => size - 1, to = 1 } = {},
): Answer {
  return (items, random) => {
    const result = [...items];
    for (let last = from(result.length); last >= to; last--) {
      const other = partner(random, last, result.length);
      [result[last], result[other]] = [result[other] ?? "lost", result[last] ?? "lost"];
    }
    return result;
  };
}
const fair = (random: Random, last: number) => random.integer(last + 1);
const reference = swapping(fair);

/** What many shuffles of a list give. */
function shufflesOf(answer: Answer, size: number, count: number): Item[][] {
  const random = new CountingRandom(1);
  return Array.from({ length: count }, () => answer(numbers(size), random));
}

/** All orders of the items. */
function ordersOf(items: readonly number[]): number[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item) =>
    ordersOf(items.filter((other) => other !== item)).map((rest) => [item, ...rest])
  );
}
const ORDERS = ordersOf(numbers(4)).map(String), PLACES = numbers(10);

/** Says how the places of items are uneven, in words that tell the usual wrong shuffles apart. */
function placesFinding(shuffles: readonly Item[][]): string | undefined {
  const rule = "expected each of 10 items at each place equally often, got";
  const orders = new Set(shuffles.map(String)), [order = ""] = orders;
  if (orders.size === 1) {
    const isTurned = [PLACES, PLACES.toReversed()].map(String).includes(order);
    return `${rule} ${isTurned ? "the order given, or the reverse" : "one order each time"}`;
  }
  const stays = shuffles.flat().filter((item, i) => item === i % PLACES.length).length;
  if (stays === 0) return `${rule} no item ever where it was`;
  for (const place of PLACES) {
    const counts = countOf(shuffles.map((items) => items[place]), PLACES);
    const found = unevenness(counts);
    const isOwn = counts[place] === Math.max(...counts);
    const most = `most often ${isOwn ? "the one it had" : "another than it had"}`;
    if (found !== undefined) return `${rule} at place ${place} ${found}, ${most}: ${counts}`;
  }
  return undefined;
}

/** 1.5a: a seeded shuffle in which every order is equally likely. */
export default exercise<Answer>({
  name: "shuffle",
  reference,
  returns: "list",
  cases: {
    "50 numbers": () => [numbers(50), new CountingRandom(1)],
    "equal items": () => [["a", "b", "a", "a", "b"], new CountingRandom(1)],
    "0, an empty text, 0": () => [[0, "", 0], new CountingRandom(3)],
    "one item": () => [["a"], new CountingRandom(1)],
    "no items": () => [[], new CountingRandom(1)],
  },
  drawn: (random, i) => [numbers(random.integer(9)), new CountingRandom(i)],
  read: (shuffled) => shuffled.toSorted((a, b) => String(a) < String(b) ? -1 : 1),
  properties: {
    "each item at each place as often": (answer) => placesFinding(shufflesOf(answer, 10, 2000)),
    "each order as likely": (answer) => {
      const got = unevenness(countOf(shufflesOf(answer, 4, 3000).map(String), ORDERS));
      expectThat(got === undefined, `expected each of 24 orders of 4 items as often, got ${got}`);
    },
  },
  mistakes: {
    "a sort by a random comparison favours some orders, and so does Math.round: swap from the end, with random.integer(last + 1)":
      [
        (items, random) => items.toSorted(() => random.uniform() - 0.5),
        (items, random) => items.toSorted(() => random.integer(2) === 0 ? 1 : -1),
      ],
    "the partner is drawn from all places: draw from those not yet done, random.integer(last + 1)":
      [
        swapping((random, _, size) => random.integer(size)),
        (items, random) => {
          const result = [...items];
          for (const place of items.keys()) {
            const other = random.integer(items.length);
            [result[place], result[other]] = [result[other] ?? "lost", result[place] ?? "lost"];
          }
          return result;
        },
      ],
    "no item ever stays: the partner is drawn from last + 1 places, itself among them": swapping((
      random,
      last,
    ) => random.integer(last)),
    "the loop stops one early: the two first places are still to be swapped": swapping(fair, {
      to: 2,
    }),
    "the last item never comes to the front: the last place takes part in the swaps too": swapping(
      fair,
      {
        from: (size) => size - 2,
      },
    ),
    "two places are drawn for each swap, and some items never move: go through all places": (
      items,
      random,
    ) => {
      const result = [...items];
      for (let swaps = 0; swaps < items.length; swaps++) {
        const [a, b] = [random.integer(items.length), random.integer(items.length)];
        [result[a], result[b]] = [result[b] ?? "lost", result[a] ?? "lost"];
      }
      return result;
    },
    "too few swaps: most items stay where they were, or next to it; go through all places": (
      items,
      random,
    ) => {
      if (items.length === 0) return [];
      return swapping((r, last) => r.integer(last + 1), { to: items.length - 1 })(items, random);
    },
    "the list is only cut and put together again: each item needs a draw": (items, random) => {
      const place = random.integer(items.length + 1);
      return [...items.slice(place), ...items.slice(0, place)];
    },
    "Math.random() has no seed: draw from `random`": (items) =>
      items.toSorted(() => Math.random() - 0.5),
    "the generator is your own and starts over at each call: use `random`": [
      (items) => new Random(1).shuffle(items),
      (items) => new Random(42).shuffle(items),
    ],
    "no draw decides the order: this sorts, copies or turns the list round": [
      (items) => items.toSorted(),
      (items) => [...items],
      (items) => items.toReversed(),
    ],
    "the input is shuffled in place: work on a copy, [...items]": (items, random) => {
      const shuffled = random.shuffle(items), changed = items as Item[]; // the types forbid it
      shuffled.forEach((item, i) => changed[i] = item);
      return changed;
    },
    "items are lost, others come twice: swap two places at a time": [
      (items, random) => items.map(() => random.pick(items)),
      (items, random) => {
        const result = [...items];
        for (let last = result.length - 1; last > 0; last--) {
          result[last] = result[random.integer(last + 1)] ?? "lost";
        }
        return result;
      },
    ],
    "an item is lost: all of them come out": [
      (items, random) => random.shuffle(items).slice(1),
      (items, random) => random.shuffle(items.slice(1)),
    ],
    "equal items count as one: go by places, not by what stands there": (items, random) =>
      random.shuffle(new Set(items)),
    "draw until an item is new: with equal items this never ends; swap instead": (
      items,
      random,
    ) => {
      const result: Item[] = [];
      while (result.length < items.length) {
        const item = random.pick(items);
        if (!result.includes(item)) result.push(item);
      }
      return result;
    },
  },
  styles: {
    "sorted by a draw of its own each": (items, random) =>
      items.map((item) => [random.uniform(), item] as const).sort(([a], [b]) => a - b)
        .map(([, item]) => item),
    "taken out one by one": (items, random) => {
      const rest = [...items], result: Item[] = [];
      while (rest.length > 0) result.push(...rest.splice(random.integer(rest.length), 1));
      return result;
    },
    "put in from the front": (items, random) => {
      const result: Item[] = [];
      for (const item of items) result.splice(random.integer(result.length + 1), 0, item);
      return result;
    },
  },
});
