import { exercise, type WrongAnswer } from "lib/grade/mod.ts";

type Vector = readonly number[];
type Answer = (vectors: readonly Vector[], index: number, count: number) => number[];

const dot = (a: Vector, b: Vector) => a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);
const cosine = (a: Vector, b: Vector) => dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
const distance = (a: Vector, b: Vector) =>
  Math.sqrt(a.reduce((s, x, i) => s + (x - (b[i] ?? 0)) ** 2, 0));

/** Ranks the others by a likeness, the largest first. */
const by =
  (likeness: (a: Vector, b: Vector) => number, withItself = false): WrongAnswer<Answer> =>
  (vectors, index, count) => {
    const own = vectors[index] ?? [];
    return vectors.map((vector, i) => ({ i, value: likeness(own, vector) }))
      .filter(({ i }) => withItself || i !== index)
      .sort((a, b) => b.value - a.value).slice(0, count).map(({ i }) => i);
  };

const VECTORS = [[1, 0], [10, 1], [0.1, 0.5], [0, 1], [-1, 0.1], [3, 3], [0.9, -0.2]];

/** 4.5a: the words whose vectors point most nearly in the same direction. */
export default exercise<Answer>({
  name: "nearestWords",
  reference: by(cosine) as Answer, // gives numbers
  returns: "numbers",
  cases: {
    "the 3 nearest of [1, 0]": () => [VECTORS, 0, 3],
    "the nearest of [0, 1]": () => [VECTORS, 3, 1],
    "all others of a long vector": () => [VECTORS, 1, 6],
    "more than there are": () => [VECTORS.slice(0, 3), 2, 10],
    "none": () => [VECTORS, 5, 0],
    "a vector that points exactly the same way": () => [[[1, 0], [2, 0], [0, 1]], 1, 1],
  },
  drawn: (random, i) => {
    const vectors = Array.from({ length: i + 2 }, () => {
      const scale = 10 ** random.normal();
      return Array.from({ length: 3 }, () => scale * random.normal());
    });
    return [vectors, random.integer(vectors.length), 1 + random.integer(vectors.length)];
  },
  mistakes: {
    "the word itself is the nearest of all: leave it out": by(cosine, true),
    "these are the farthest: sort downwards": by((a, b) => -cosine(a, b)),
    "a plain product prefers long vectors: divide by both lengths": by(dot),
    "by distance: frequent words have long vectors, so go by the angle": by((a, b) =>
      -distance(a, b)
    ),
    "only one length is divided out": by((a, b) => dot(a, b) / dot(b, b)),
    "the size of the cosine: opposite directions are not alike": by((a, b) =>
      Math.abs(cosine(a, b))
    ),
    "one too many": (vectors, index, count) => by(cosine)(vectors, index, count + 1),
    "these are the cosines: give the places of the words": (vectors, index, count) =>
      (by(cosine)(vectors, index, count) as number[]).map((i) =>
        cosine(vectors[index] ?? [], vectors[i] ?? [])
      ),
    "the count is written in": (vectors, index) => by(cosine)(vectors, index, 3),
  },
  styles: {
    "vectors of length 1 first": (vectors, index, count) => {
      const unit = vectors.map((vector) => {
        const length = Math.hypot(...vector);
        return vector.map((x) => x / length);
      });
      const likeness = unit.map((vector) => dot(vector, unit[index] ?? []));
      return [...vectors.keys()].filter((i) => i !== index)
        .sort((a, b) => (likeness[b] ?? 0) - (likeness[a] ?? 0)).slice(0, count);
    },
    "by the angle": (vectors, index, count) => {
      const own = vectors[index] ?? [];
      const angle = (other: Vector) => Math.acos(Math.max(-1, Math.min(1, cosine(own, other))));
      const others = vectors.flatMap((vector, i) => i === index ? [] : [{ i, a: angle(vector) }]);
      return others.sort((a, b) => a.a - b.a).map(({ i }) => i).slice(0, count);
    },
  },
});
