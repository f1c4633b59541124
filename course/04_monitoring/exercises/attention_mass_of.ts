import { exercise } from "lib/grade/mod.ts";

type Answer = (
  map: readonly (readonly number[])[],
  places: { readonly from: number; readonly onto: readonly number[] },
) => number;

const MAP = [
  [1, 0, 0, 0],
  [0.25, 0.75, 0, 0],
  [0.5, 0.125, 0.375, 0],
  [0.0625, 0.6875, 0.125, 0.125],
];
const at = (map: readonly (readonly number[])[], from: number, onto: number) =>
  map[from]?.[onto] ?? NaN;
const reference: Answer = (map, { from, onto }) => {
  if (onto.some((place) => place > from)) throw new RangeError("a later place");
  return [...new Set(onto)].reduce((sum, place) => sum + at(map, from, place), 0);
};

/** 4.4a: how much of its attention a place gives to others. */
export default exercise<Answer>({
  name: "attentionMassOf",
  reference,
  returns: "number",
  cases: {
    "from place 3 onto place 1": () => [MAP, { from: 3, onto: [1] }],
    "from place 2 onto place 0": () => [MAP, { from: 2, onto: [0] }],
    "from place 3 onto places 1 and 2": () => [MAP, { from: 3, onto: [1, 2] }],
    "a place that is named twice": () => [MAP, { from: 3, onto: [2, 2] }],
    "onto nothing": () => [MAP, { from: 3, onto: [] }],
    "onto itself": () => [MAP, { from: 1, onto: [1] }],
    "from place 2 onto places 1 and 3, one of which comes later":
      () => [MAP, { from: 2, onto: [1, 3] }],
    "from place 1 onto place 3, which comes later": () => [MAP, { from: 1, onto: [3] }],
  },
  drawn: (random, i) => {
    const T = 1 + i % 5;
    const map = Array.from({ length: T }, (_, t) => {
      const row = Array.from({ length: T }, (_, u) => u <= t ? random.uniform() : 0);
      return row.map((value) => value / row.reduce((a, b) => a + b, 0));
    });
    const from = random.integer(T), all = Array.from({ length: from + 1 }, (_, place) => place);
    return [map, { from, onto: random.shuffle(all).slice(0, 1 + random.integer(from + 1)) }];
  },
  mistakes: {
    "row and column have changed places: map[from][onto], the row is who looks": (
      map,
      { from, onto },
    ) => {
      if (onto.some((place) => place > from)) throw new RangeError("a later place");
      return [...new Set(onto)].reduce((sum, place) => sum + at(map, place, from), 0);
    },
    "a place that is named twice counts once: it has only one weight": (map, { from, onto }) => {
      if (onto.some((place) => place > from)) throw new RangeError("a later place");
      return onto.reduce((sum, place) => sum + at(map, from, place), 0);
    },
    "only the first of the places counts here": (map, { from, onto }) =>
      reference(map, { from, onto: onto.slice(0, 1) }),
    "that is the mean: mass is the sum": (map, { from, onto }) =>
      onto.length === 0 ? 0 : reference(map, { from, onto }) / new Set(onto).size,
    "the largest weight: mass is the sum": (map, { from, onto }) => {
      reference(map, { from, onto });
      return Math.max(0, ...onto.map((place) => at(map, from, place)));
    },
    "a later place cannot be looked at: asking for it must be refused, or a wrong index goes unseen":
      (
        map,
        { from, onto },
      ) => [...new Set(onto)].reduce((sum, place) => sum + at(map, from, place), 0),
    "the row of the place before: map[from] is the row of the place that looks": (
      map,
      { from, onto },
    ) => {
      reference(map, { from, onto });
      return [...new Set(onto)].reduce((sum, place) => sum + (map[from - 1]?.[place] ?? 0), 0);
    },
    "throw a RangeError: that is what says which kind of error it is": (map, places) => {
      try {
        return reference(map, places);
      } catch {
        throw new Error("a later place");
      }
    },
    "that is what goes elsewhere": (map, places) => 1 - reference(map, places),
  },
  styles: {
    "walking over the row": (map, { from, onto }) => {
      const row = map[from] ?? [];
      if (onto.length > 0 && Math.max(...onto) > from) throw new RangeError("later");
      return row.filter((_, place) => onto.includes(place)).reduce(
        (sum, weight) => sum + weight,
        0,
      );
    },
    "a loop": (map, { from, onto }) => {
      const seen: number[] = [];
      let mass = 0;
      for (const place of onto) {
        if (place > from) throw new RangeError(`place ${place}`);
        if (seen.includes(place)) continue;
        seen.push(place);
        mass += map[from]?.[place] ?? 0;
      }
      return mass;
    },
  },
});
