import { deriveSeed, Random } from "lib/core/mod.ts";
import { exercise, expectSame, expectThat, limitedList } from "lib/grade/mod.ts";
import type { DrawSettings } from "../parts.ts";

type Answer = (pool: readonly number[], settings: DrawSettings) => number[];

const reference: Answer = (pool, { seed, step, size }) =>
  new Random(deriveSeed(seed, "batch", step)).shuffle(pool).slice(0, size);

/** Numbers that are no places in the pool, so that an index in place of an example is seen. */
const pool = (size: number) =>
  limitedList(Array.from({ length: size }, (_, i) => 100 + 3 * i), 2_000_000, "an example");

const at = (step: number, seed = 1, size = 4): DrawSettings => ({ seed, step, size });

/** What must hold of a batch by itself. */
function expectBatch(batch: readonly number[], examples: readonly number[], size: number): void {
  const found = [...batch];
  expectThat(
    found.length === size,
    `expected a batch of ${size} examples, got ${found.length}`,
  );
  const stranger = found.find((one) => !examples.includes(one));
  expectThat(
    stranger === undefined,
    `expected examples of the pool, got ${stranger}: give the examples, not their places in the pool`,
  );
  expectThat(
    new Set(found).size === size,
    `expected every example of a batch once, got ${found.join(", ")}`,
  );
}

/** How often each of 12 examples is drawn in 600 steps of 4: 200 times, and 11.6 more or less. */
function counts(answer: Answer): number[] {
  const examples = [...pool(12)], drawn = new Map(examples.map((one) => [one, 0]));
  for (let step = 0; step < 600; step++) {
    for (const one of answer(pool(12), at(step))) drawn.set(one, (drawn.get(one) ?? 0) + 1);
  }
  return examples.map((one) => drawn.get(one) ?? 0);
}

/** 6.1c: a batch as a function of seed and step. */
export default exercise<Answer>({
  name: "drawBatch",
  reference,
  returns: "numbers",
  properties: {
    "examples of the pool, none twice": (answer) => {
      for (const [examples, size] of [[12, 4], [40, 16], [5, 5], [3, 1]] as const) {
        for (let step = 0; step < 20; step++) {
          expectBatch(answer(pool(examples), at(step, 1, size)), [...pool(examples)], size);
        }
      }
    },
    "a pool smaller than the batch": (answer) => {
      const batch = answer(pool(3), at(0, 1, 8));
      const what = "a batch of 8 from a pool of 3";
      expectSame([...batch].sort((a, b) => a - b), [...pool(3)], { what });
    },
    "the same batch for the same seed and step": (answer) => {
      for (const step of [0, 7, 900]) {
        const [first, , again] = [step, step + 1, step].map((one) => answer(pool(40), at(one)));
        expectThat(
          String(first) === String(again),
          `expected the batch of step ${step} to be the same when it is asked for again, got another ` +
            "one: a resumed run would learn from other batches",
        );
      }
    },
    "other batches for other steps, and for other seeds": (answer) => {
      const of = (settings: DrawSettings) => String(answer(pool(40), settings));
      const first = String([...pool(40)].slice(0, 4));
      expectThat(
        [0, 1, 2].some((step) => of(at(step)) !== first),
        `expected a batch that is drawn, got the first examples of the pool, ${first}, each time`,
      );
      const steps = new Set([0, 1, 2, 3, 4, 5].map((step) => of(at(step))));
      expectThat(
        steps.size === 6,
        `expected another batch for each step, got ${steps.size} different ones in 6 steps`,
      );
      const seeds = new Set([1, 2, 3, 4, 5, 6].map((seed) => of(at(3, seed))));
      expectThat(
        seeds.size === 6,
        `expected another batch for each seed, got ${seeds.size} different ones of 6 seeds`,
      );
      const later = [10, 100, 1000, 10_000].filter((step) => of(at(step, 1)) === of(at(0, 2)));
      expectThat(
        later.length === 0,
        `expected seed and step to be told apart, got the same batch for seed 1, step ${
          later[0]
        } and ` +
          "seed 2, step 0",
      );
      const mixed = new Set([of(at(1, 2)), of(at(2, 1)), of(at(0, 3)), of(at(3, 0))]);
      expectThat(
        mixed.size === 4,
        "expected seed and step to be told apart, got the same batch for seed 1, step 2 and seed 2, step 1",
      );
    },
    "every example as often": (answer) => {
      const found = counts(answer);
      const [low, high] = [Math.min(...found), Math.max(...found)];
      expectThat(
        low >= 140 && high <= 260,
        `expected each of 12 examples about 200 times in 600 batches of 4, got from ${low} to ${high}`,
      );
    },
  },
  mistakes: {
    "Math.random() has no seed: draw from new Random(deriveSeed(seed, step))": (
      examples,
      { size },
    ) => examples.toSorted(() => Math.random() - 0.5).slice(0, size),
    "the step is missing in the seed: each step gets the same batch": [
      (examples, { seed, size }) => new Random(seed).shuffle(examples).slice(0, size),
      (examples, { seed, size }) =>
        new Random(deriveSeed(seed, "batch")).shuffle(examples).slice(0, size),
    ],
    "the seed is missing: runs with other seeds get the same batches": [
      (examples, { step, size }) => new Random(step).shuffle(examples).slice(0, size),
      (examples, { step, size }) =>
        new Random(deriveSeed(1, step)).shuffle(examples).slice(0, size),
    ],
    "seed + step is no seed of its own: seed 1 in step 2 is seed 2 in step 1; take deriveSeed(seed, step)":
      [
        (examples, { seed, step, size }) =>
          new Random(seed + step).shuffle(examples).slice(0, size),
        (examples, { seed, step, size }) =>
          new Random(seed * (step + 1)).shuffle(examples).slice(0, size),
        (examples, { seed, step, size }) =>
          new Random(1000 * seed + step).shuffle(examples).slice(0, size),
      ],
    "examples can come twice: shuffle the pool and cut it, or take out what was drawn": (
      examples,
      { seed, step, size },
    ) => {
      const random = new Random(deriveSeed(seed, step));
      return Array.from({ length: size }, () => examples[random.integer(examples.length)]);
    },
    "these are places in the pool: give the examples": (examples, { seed, step, size }) =>
      new Random(deriveSeed(seed, step)).shuffle(examples.keys()).slice(0, size),
    "the batch is the whole pool: cut it after `size`": (examples, { seed, step }) =>
      new Random(deriveSeed(seed, step)).shuffle(examples),
    "nothing is drawn here: the pool's first examples come every time": (examples, { size }) =>
      examples.slice(0, size),
    "the pool is gone through in its order: the batch must be drawn": (examples, { step, size }) =>
      Array.from({ length: size }, (_, i) => examples[(step * size + i) % examples.length]),
  },
  styles: {
    "places without repetition": (examples, { seed, step, size }) => {
      const random = new Random(deriveSeed(seed, step)), left = [...examples];
      const count = Math.min(size, left.length);
      return Array.from(
        { length: count },
        () => left.splice(random.integer(left.length), 1)[0] ?? NaN,
      );
    },
    "sorted by random keys": (examples, { seed, step, size }) => {
      const random = new Random(deriveSeed(seed, "keys", step));
      return examples.map((one) => ({ one, key: random.uniform() })).sort((a, b) => a.key - b.key)
        .slice(0, size).map(({ one }) => one);
    },
  },
});
