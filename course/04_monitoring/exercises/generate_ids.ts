import { Random } from "lib/core/mod.ts";
import { callLimit, CountingRandom, exercise, expectThat } from "lib/grade/mod.ts";
import type { GenerationParts } from "../logging.ts";

type Answer = (prompt: readonly number[], parts: GenerationParts, random: Random) => number[];

const V = 8, EOS = 2;

/** Draws an id: the first whose probability, and those before it together, exceed the draw. */
function drawFrom(probabilities: readonly number[], random: Random): number {
  let left = random.uniform();
  for (const [id, probability] of probabilities.entries()) {
    left -= probability;
    if (left < 0) return id;
  }
  return probabilities.findLastIndex((probability) => probability > 0);
}

/** Generation with one of its lines changed. */
const altered = (lines: {
  readonly draw?: (probabilities: readonly number[], random: Random) => number;
  readonly read?: (ids: readonly number[], prompt: readonly number[]) => readonly number[];
  readonly most?: (parts: GenerationParts, prompt: readonly number[]) => number;
  readonly isEnd?: (id: number, parts: GenerationParts, ids: readonly number[]) => boolean;
  readonly keep?: (ids: number[], prompt: readonly number[], eosId: number) => number[];
}): Answer =>
(prompt, parts, random) => {
  const { draw = drawFrom, read = (ids) => ids, most = (p) => p.maxNewTokens } = lines;
  const { isEnd = (id) => id === parts.eosId, keep = (all) => all } = lines;
  const ids = [...prompt];
  for (let count = 0; count < most(parts, prompt); count++) {
    const id = draw(parts.next([...read(ids, prompt)]), random);
    ids.push(id);
    if (isEnd(id, parts, ids)) break;
  }
  return keep(ids, prompt, parts.eosId);
};

/** Says without doubt which token comes next: that of a rule. */
function certain(rule: (ids: readonly number[]) => number, limits: Partial<GenerationParts> = {}) {
  const count = callLimit(200, "the next token");
  return {
    next: (ids: readonly number[]) => {
      count();
      expectThat(ids.length > 0, "expected the ids so far, got none");
      return Array.from({ length: V }, (_, id) => id === rule(ids) ? 1 : 0);
    },
    eosId: EOS,
    maxNewTokens: 10,
    ...limits,
  };
}

/** The sum of all ids so far decides: whoever leaves one out takes another way. */
const bySum = (ids: readonly number[]) => 3 + ids.reduce((sum, id) => sum + id, 0) % (V - 3);
const inOrder = (...path: number[]) => (ids: readonly number[]) => path[ids.length - 1] ?? EOS;

/** Sentences of one drawn token each. */
function drawMany(answer: Answer, next: readonly number[], count: number): number[] {
  const random = new CountingRandom(5);
  const parts = { next: () => next, eosId: EOS, maxNewTokens: 1 };
  return Array.from({ length: count }, () => answer([1], parts, random).at(-1) ?? -1);
}

const SHARES = [0.25, 0, 0, 0.5, 0.125, 0, 0.125, 0];

/** A generator that always gives the same 32 bits. */
class Stuck extends CountingRandom {
  constructor(readonly bits: number) {
    super(1);
  }
  override uint32(): number {
    super.uint32(); // counted
    return this.bits;
  }
}

/** 4.3d: a sentence, token by token. */
export default exercise<Answer>({
  name: "generateIds",
  reference: altered({}),
  returns: "numbers",
  cases: {
    "5, 4, then <eos>": () => [[1], certain(inOrder(5, 4)), new CountingRandom(1)],
    "no end within 4 tokens": () => [
      [1],
      certain(bySum, { maxNewTokens: 4 }),
      new CountingRandom(1),
    ],
    "a prompt of three ids": () => [
      [1, 6, 7],
      certain(bySum, { maxNewTokens: 3 }),
      new CountingRandom(1),
    ],
    "<eos> at once": () => [[1, 6], certain(() => EOS), new CountingRandom(1)],
    "no token asked for": () => [
      [1, 5],
      certain(bySum, { maxNewTokens: 0 }),
      new CountingRandom(1),
    ],
    "an <eos> with another id": () => [
      [1],
      certain(inOrder(2, 2, 5, 3), { eosId: 5 }),
      new CountingRandom(1),
    ],
    "an <eos> within the prompt": () => [
      [1, EOS, 1],
      certain(bySum, { maxNewTokens: 3 }),
      new CountingRandom(1),
    ],
    "<eos> as the last token that is allowed": () => [
      [1],
      certain(inOrder(5, 4, EOS), { maxNewTokens: 3 }),
      new CountingRandom(1),
    ],
  },
  properties: {
    "each token as often as its probability says": (answer) => {
      const count = 4000, drawn = drawMany(answer, SHARES, count);
      for (const [id, share] of SHARES.entries()) {
        const got = drawn.filter((one) => one === id).length / count;
        const rate = got === 0 ? "never" : got > share ? "more often" : "less often";
        expectThat(
          Math.abs(got - share) < 0.05,
          `expected token ${id} in ${100 * share} % of the draws, got it ${rate}, in ${
            (100 * got).toFixed(0)
          } %`,
        );
      }
    },
    "a draw of its own for each token": (answer) => {
      const parts = { next: () => Array(V).fill(1 / V), eosId: -1, maxNewTokens: 200 };
      const ids = answer([1], parts, new CountingRandom(3)).slice(1);
      const repeated = ids.filter((id, i) => i > 0 && id === ids[i - 1]).length;
      expectThat(
        repeated < 60,
        `expected the same token twice running in about 25 of 199 places, got ${repeated}`,
      );
    },
    "a token without any probability never": (answer) => {
      const drawn = drawMany(answer, [0, 0, 0, 0.5, 0.5, 0, 0, 0], 2000);
      const odd = drawn.find((id) => id !== 3 && id !== 4);
      expectThat(odd === undefined, `expected tokens 3 and 4 alone, got ${odd}`);
    },
    "a token that is possible, whatever is drawn": (answer) => {
      const short = 1 - 1e-7; // probabilities in float32 add up to 1 only up to rounding
      const next = () => [0, 0, 0, 0.5, 0.5 * short, 0, 0, 0];
      for (const bits of [0, 0xffffffff]) {
        const id = answer([1], { next, eosId: EOS, maxNewTokens: 1 }, new Stuck(bits)).at(-1);
        const draw = bits === 0 ? "0" : "nearly 1, above the sum of all probabilities";
        expectThat(
          id === 3 || id === 4,
          `expected token 3 or 4, the possible ones, for a draw of ${draw}, got ${id}`,
        );
      }
    },
    "a list of its own for each sentence": (answer) => {
      const first = answer([1], certain(inOrder(5, 4)), new CountingRandom(1)), kept = [...first];
      answer([1], certain(inOrder(6, 7, 3)), new CountingRandom(1));
      expectThat(
        first.join() === kept.join(),
        `expected the first sentence to stay ${kept.join(" ")}, got ${
          first.join(" ")
        } after the next`,
      );
    },
    "one question to the model for each token": (answer) => {
      let calls = 0;
      const next = () => {
        calls++;
        return [0, 0, 0, 1, 0, 0, 0, 0];
      };
      answer([1], { next, eosId: EOS, maxNewTokens: 6 }, new CountingRandom(1));
      expectThat(calls === 6, `expected 6 questions to the model for 6 tokens, got ${calls}`);
    },
    "the generator that was given": (answer) => {
      const run = (seed: number) => {
        const random = new CountingRandom(seed);
        const parts = { next: () => Array(V).fill(1 / V), eosId: -1, maxNewTokens: 30 };
        return [1, 2].map(() => answer([1], parts, random).join(" "));
      };
      const [first, second] = run(1);
      expectThat(
        first !== second,
        "expected two sentences of one generator to differ, got the same one twice",
      );
      expectThat(
        first !== run(2)[0],
        "expected other draws from a generator with another seed, got the same ones",
      );
    },
  },
  mistakes: {
    "the likeliest token each time: that is greedy; here a token is drawn": altered({
      draw: (probabilities) => probabilities.indexOf(Math.max(...probabilities)),
    }),
    "all tokens that are possible come equally often: the draw must go by their probabilities":
      altered({
        draw: (probabilities, random) =>
          random.pick([...probabilities.keys()].filter((id) => (probabilities[id] ?? 0) > 0)),
      }),
    "the model is only asked about the newest token: it needs all ids so far": altered({
      read: (ids) => ids.slice(-1),
    }),
    "the model is asked about the prompt again and again: it needs the new ids too": altered({
      read: (_ids, prompt) => prompt,
    }),
    "the new tokens alone reach the model: it needs the prompt before them": altered({
      read: (ids, prompt) => ids.length > prompt.length ? ids.slice(prompt.length) : prompt,
    }),
    "rounding may leave a crumb of the draw: then take the last token that is possible at all": [
      altered({
        draw: (probabilities, random) => {
          let left = random.uniform();
          return probabilities.findIndex((probability) => (left -= probability) < 0);
        },
      }),
      altered({
        draw: (probabilities, random) => {
          let left = random.uniform();
          const id = probabilities.findIndex((probability) => (left -= probability) < 0);
          return id < 0 ? probabilities.length - 1 : id;
        },
      }),
      altered({
        draw: (probabilities, random) => {
          let left = random.uniform();
          const id = probabilities.findIndex((probability) => (left -= probability) < 0);
          return id < 0 ? 0 : id;
        },
      }),
    ],
    "it goes on behind <eos>": altered({ isEnd: () => false }),
    "<eos> belongs to the result: it says that the sentence came to its end": altered({
      keep: (ids, _prompt, eosId) => ids.at(-1) === eosId ? ids.slice(0, -1) : ids,
    }),
    "the prompt belongs to the result": altered({
      keep: (ids, prompt) => ids.slice(prompt.length),
    }),
    "one token too many": altered({ most: (parts) => parts.maxNewTokens + 1 }),
    "one token too few": altered({ most: (parts) => parts.maxNewTokens - 1 }),
    "maxNewTokens counts new tokens, and those of the prompt do not count": altered({
      most: (parts, prompt) => parts.maxNewTokens - prompt.length,
    }),
    "the id of <eos> is written in: it is parts.eosId": altered({ isEnd: (id) => id === EOS }),
    "an <eos> in the prompt ends nothing: only a new one does": altered({
      isEnd: (_id, parts, ids) => ids.includes(parts.eosId),
    }),
    "the generator begins anew at each call: draw from the one that you are given": (
      prompt,
      parts,
    ) => altered({})(prompt, parts, new Random(1)),
    "one draw serves all tokens: each needs its own": (prompt, parts, random) => {
      const at = random.uniform();
      const draw = (probabilities: readonly number[]) => {
        let left = at;
        return probabilities.findIndex((probability) => (left -= probability) < 0);
      };
      return altered({ draw })(prompt, parts, random);
    },
    "the first token whose own probability exceeds the draw: add them up along the way": altered({
      draw: (probabilities, random) => {
        const at = random.uniform(), id = probabilities.findIndex((p) => p > at);
        return id < 0 ? probabilities.indexOf(Math.max(...probabilities)) : id;
      },
    }),
  },
  styles: {
    "from the last token to the first": (prompt, { next, eosId, maxNewTokens }, random) => {
      const ids = [...prompt];
      while (ids.length < prompt.length + maxNewTokens) {
        const probabilities = next(ids), at = random.uniform();
        let sum = 0, id = probabilities.length - 1;
        while (id > 0 && sum + (probabilities[id] ?? 0) <= at) sum += probabilities[id--] ?? 0;
        if (probabilities[id] === 0) id = probabilities.findIndex((probability) => probability > 0);
        ids.push(id);
        if (id === eosId) return ids;
      }
      return ids;
    },
    "by recursion": function grow(prompt, parts, random): number[] {
      if (parts.maxNewTokens === 0) return [...prompt];
      const sums: number[] = [];
      for (const p of parts.next(prompt)) sums.push((sums.at(-1) ?? 0) + p);
      const at = random.uniform() * (sums.at(-1) ?? 1);
      const id = sums.findIndex((sum) => at < sum), ids = [...prompt, id];
      if (id === parts.eosId) return ids;
      return grow(ids, { ...parts, maxNewTokens: parts.maxNewTokens - 1 }, random);
    },
  },
});
