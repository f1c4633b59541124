import type { Split } from "lib/data/mod.ts";
import { expectList, isSame, kindOf } from "./_data_cases.ts";
import { check, expectEqual, expectThat } from "./check.ts";

/** What a student writes in exercise 1.3: from sentences to two sides. */
export type SplitCorpus = (
  sentences: readonly (readonly string[])[],
  options: { readonly validationShare: number; readonly seed: number },
) => Split;

/** Sentences as texts, on their two sides. */
interface Sides {
  readonly train: readonly string[];
  readonly validation: readonly string[];
}

/**
 * Checks exercise 1.3, splitting a corpus so that no sentence stands on both sides.
 *
 * @param splitCorpus The student's function: from sentences, the share of the different ones to hold
 * out, and a seed to the two sides.
 * @throws {CheckError} If a sentence is lost or on both sides, or the draw is not a seeded one.
 *
 * @example
 * ```ts
 * import { splitCorpus } from "lib/data/mod.ts";
 * import { checkSplitCorpus } from "lib/grade/mod.ts";
 *
 * await checkSplitCorpus(splitCorpus);
 * ```
 */
export async function checkSplitCorpus(splitCorpus: SplitCorpus): Promise<void> {
  await check("splitCorpus", () => {
    const different = corpusOf(100), sides = split(splitCorpus, different, 1);
    expectComplete(sides, different);
    expectSizes(sides);
    expectDrawn(splitCorpus, different, sides);
    const copies = [...corpusOf(60), ...corpusOf(60), ...corpusOf(20)];
    const withCopies = split(splitCorpus, copies, 1);
    expectNoLeak(withCopies);
    expectComplete(withCopies, copies);
    const quarter = split(splitCorpus, different, 1, 0.25).validation.length;
    expectThat(quarter === 25, `expected 25 of 100 held out at a share of 0.25, got ${quarter}`, [
      { when: quarter === 10, says: "the share is written as a number: use validationShare" },
    ]);
  });
}

function corpusOf(size: number): string[][] {
  return Array.from({ length: size }, (_, i) => ["The", `adjective${i}`, `noun${i % 7}`]);
}

function split(
  splitCorpus: SplitCorpus,
  sentences: readonly (readonly string[])[],
  seed: number,
  validationShare = 0.1,
): Sides {
  const given = sentences.map((words) => [...words]);
  const result: unknown = splitCorpus(given, { validationShare, seed });
  expectEqual(given, sentences, {
    what: "the sentences given",
    mistakes: [{ when: true, says: "the input is changed: shuffle or sort a copy" }],
  });
  const isRecord = typeof result === "object" && result !== null;
  expectThat(isRecord, `expected { train, validation }, got ${kindOf(result)}`, [
    { when: result === undefined, says: "the function returns nothing: is a return missing?" },
  ]);
  return { train: textsOf(result, "train"), validation: textsOf(result, "validation") };
}

function textsOf(result: object, side: keyof Sides): string[] {
  const sentences: unknown = Reflect.get(result, side);
  expectList(sentences, side);
  return Array.from(sentences, (words) => {
    expectList(words, `each sentence of ${side}`, [
      { when: typeof words === "string", says: "sentences come in and go out as lists of words" },
    ]);
    return Array.from(words).join(" ");
  });
}

function expectNoLeak({ train, validation }: Sides): void {
  const known = new Set(train), leaked = validation.filter((text) => known.has(text)).length;
  expectThat(
    leaked === 0,
    `expected no sentence of validation in train, got ${leaked} of ${validation.length} ` +
      "from a corpus with copies",
    [{
      when: true,
      says: "the split is by place, after duplication: draw among the different sentences, and " +
        "let all copies of one go to its side",
    }],
  );
}

function expectComplete({ train, validation }: Sides, sentences: readonly string[][]): void {
  const given = sentences.map((words) => words.join(" ")).sort();
  const got = [...train, ...validation].sort(), missing = given.length - got.length;
  const lost = [...new Set(given)].filter((text) => !got.includes(text));
  const known = new Set(train), isOnBoth = validation.some((text) => known.has(text));
  const hasCopies = new Set(given).size < given.length;
  expectThat(isSame(got, given), `expected ${given.length} sentences in all, got ${got.length}`, [
    {
      when: missing < 0 && isOnBoth,
      says: "a sentence stands on both sides: one slice must begin where the other ends",
    },
    {
      when: hasCopies && lost.length === 0 && missing > 0,
      says: "copies are thrown away: all of them go to the side of their sentence",
    },
    {
      when: lost.length > 0,
      says: `${lost.length} of the different sentences are on neither side: is an end cut off?`,
    },
    { when: true, says: "some sentence comes out more often than it went in" },
  ]);
}

function expectSizes({ train, validation }: Sides): void {
  const sizes = `${train.length} and ${validation.length}`;
  expectThat(validation.length === 10, `expected 90 to train and 10 to validate, got ${sizes}`, [
    { when: train.length === 10, says: "the sides are swapped: validation is the small one" },
    { when: Math.abs(validation.length - 10) === 1, says: "off by one: Math.round(share * size)" },
  ]);
}

function expectDrawn(
  splitCorpus: SplitCorpus,
  sentences: readonly string[][],
  { validation }: Sides,
): void {
  const texts = sentences.map((words) => words.join(" "));
  const held = new Set(validation), places = texts.flatMap((text, i) => held.has(text) ? [i] : []);
  const isBlock = places.at(-1) === (places[0] ?? 0) + places.length - 1;
  expectThat(!isBlock, "expected sentences drawn from everywhere, got neighbours", [
    { when: true, says: "cut without shuffling: a sorted corpus would hold out one end of it" },
  ]);
  const again = split(splitCorpus, sentences, 1), other = split(splitCorpus, sentences, 2);
  expectThat(isSame(again.validation, validation), "expected one split per seed, got two", [
    { when: true, says: "an unseeded shuffle: all draws must come from new Random(seed)" },
  ]);
  expectThat(!isSame(other.validation, validation), "expected another split from seed 2", [
    { when: true, says: "the seed is not used" },
  ]);
}
