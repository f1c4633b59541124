import { createGrammar } from "lib/data/mod.ts";
import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import type { SentenceJudge } from "../logging.ts";

type Words = readonly string[];
type Answer = (
  sentences: readonly Words[],
  judge: SentenceJudge,
) => { grammatical: number; agreeing: number | null };

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

const reference: Answer = (sentences, judge) => {
  const pairs = sentences.map((words) => judge.agreeingPairs(words));
  const total = sum(pairs.map((pair) => pair.total));
  return {
    grammatical: sentences.filter((words) => judge.isGrammatical(words)).length / sentences.length,
    agreeing: total === 0 ? null : sum(pairs.map((pair) => pair.agree)) / total,
  };
};

/** The right shares, but for the one of pairs. */
const agreeing =
  (share: (sentences: readonly Words[], judge: SentenceJudge) => number | null): WrongAnswer<
    Answer
  > =>
  (sentences, judge) => ({ ...reference(sentences, judge), agreeing: share(sentences, judge) });

/** Words are written as "ok 1/2": whether the sentence is grammatical, and how many pairs agree. */
const written: SentenceJudge = {
  isGrammatical: ([verdict]) => verdict === "ok",
  agreeingPairs: ([, pairs = "0/0"]) => {
    const [agree = 0, total = 0] = pairs.split("/").map(Number);
    return { agree, total };
  },
};
const judged = (...texts: string[]) => (): Parameters<Answer> => [
  texts.map((text) => text.split(" ")),
  written,
];

const SENTENCES = [
  "The old dog runs slowly",
  "The old dog runs",
  "The The old dog",
  "The old dog thinks slowly",
].map((text) => text.split(" "));

/** 4.3e: generated sentences held against the language. */
export default exercise<Answer>({
  name: "patternShares",
  reference,
  returns: { grammatical: "number", agreeing: "number or null" },
  cases: {
    "one sentence with two pairs, three with one, one with none": judged(
      "ok 2/2",
      "bad 0/1",
      "bad 0/1",
      "ok 1/1",
      "bad 0/0",
    ),
    "four sentences, by the grammar of `agreement`": () => [SENTENCES, createGrammar("agreement")],
    "sentences of `plain`, which has no pairs": () => [SENTENCES, createGrammar("plain")],
    "all right": judged("ok 1/1", "ok 1/1"),
    "none right": judged("bad 0/1", "bad 0/2", "bad 0/0"),
    "one sentence": judged("bad 1/2"),
    "no pair at all": judged("bad 0/0", "ok 0/0"),
    "a grammatical sentence with a pair that does not agree": judged("ok 1/2", "ok 0/1", "bad 1/1"),
  },
  drawn: (random, i) => {
    const texts = Array.from({ length: i + 1 }, () => {
      const total = random.integer(4);
      return `${random.pick(["ok", "bad"])} ${random.integer(total + 1)}/${total}`;
    });
    return judged(...texts)();
  },
  mistakes: {
    "the mean of the sentences' shares: a sentence with one pair counts as much as one with two":
      agreeing((sentences, judge) => {
        const shares = sentences.map((words) => judge.agreeingPairs(words))
          .filter(({ total }) => total > 0).map(({ agree, total }) => agree / total);
        return shares.length === 0 ? null : sum(shares) / shares.length;
      }),
    "pairs are divided by pairs: you divide by the number of sentences": agreeing((
      sentences,
      judge,
    ) => sum(sentences.map((words) => judge.agreeingPairs(words).agree)) / sentences.length),
    "only pairs of grammatical sentences count here: a sentence can go wrong elsewhere": agreeing((
      sentences,
      judge,
    ) => reference(sentences.filter((words) => judge.isGrammatical(words)), judge).agreeing),
    "without any pair there is no share: give null": [
      agreeing((sentences, judge) => reference(sentences, judge).agreeing ?? NaN),
      agreeing((sentences, judge) => reference(sentences, judge).agreeing ?? 0),
      agreeing((sentences, judge) => reference(sentences, judge).agreeing ?? 1),
    ],
    "a share of 0 is no missing share: ask whether there are pairs": agreeing((sentences, judge) =>
      reference(sentences, judge).agreeing || null
    ),
    "these are counts: divide": (sentences, judge) => ({
      grammatical: sentences.filter((words) => judge.isGrammatical(words)).length,
      agreeing: sum(sentences.map((words) => judge.agreeingPairs(words).agree)),
    }),
    "percent: shares are from 0 to 1": (sentences, judge) => {
      const shares = reference(sentences, judge);
      return {
        grammatical: 100 * shares.grammatical,
        agreeing: shares.agreeing === null ? null : 100 * shares.agreeing,
      };
    },
    "the two shares have changed places": (sentences, judge) => {
      const shares = reference(sentences, judge);
      return { grammatical: shares.agreeing ?? NaN, agreeing: shares.grammatical };
    },
    "that counts the sentences in which every pair agrees: count the pairs": agreeing((
      sentences,
      judge,
    ) => {
      const pairs = sentences.map((words) => judge.agreeingPairs(words))
        .filter(({ total }) => total > 0);
      const whole = pairs.filter(({ agree, total }) => agree === total).length;
      return pairs.length === 0 ? null : whole / pairs.length;
    }),
    "the share of those that are wrong": (sentences, judge) => {
      const shares = reference(sentences, judge);
      return {
        grammatical: 1 - shares.grammatical,
        agreeing: shares.agreeing === null ? null : 1 - shares.agreeing,
      };
    },
  },
  styles: {
    "one loop": (sentences, judge) => {
      let right = 0, agree = 0, total = 0;
      for (const words of sentences) {
        if (judge.isGrammatical(words)) right++;
        const pairs = judge.agreeingPairs(words);
        agree += pairs.agree;
        total += pairs.total;
      }
      return { grammatical: right / sentences.length, agreeing: total > 0 ? agree / total : null };
    },
    "a list of pairs": (sentences, judge) => {
      const pairs = sentences.flatMap((words) => {
        const { agree, total } = judge.agreeingPairs(words);
        return Array.from({ length: total }, (_, i): number => i < agree ? 1 : 0);
      });
      const mean = (values: readonly number[]) => sum(values) / values.length;
      return {
        agreeing: pairs.length === 0 ? null : mean(pairs),
        grammatical: mean(sentences.map((words) => Number(judge.isGrammatical(words)))),
      };
    },
  },
});
