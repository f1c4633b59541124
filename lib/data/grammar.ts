import type { Random } from "lib/core/mod.ts";
import { meanTargets, occurrences, sentenceEntropy } from "./_expectation.ts";
import { advance, type Branch, branches, type State } from "./_walk.ts";
import { type Level, levelPattern, LEVELS } from "./levels.ts";
import { type Lexicon, loadLexicon } from "./lexicon.ts";
import { describePattern, type Pattern, type SlotName } from "./pattern.ts";
import { createVocabulary } from "./vocabulary.ts";

/** One target of a sentence: the slot it fills, and how likely it was after the words before. */
export interface Target {
  /** The word, or `<eos>`. */
  readonly token: string;
  /** The slot it fills. */
  readonly slot: SlotName;
  /** Its probability under the grammar. */
  readonly probability: number;
}

/** A language with known probabilities: the best possible loss of a model is a known number. */
export interface Grammar {
  /** Which of the course's levels it is. */
  readonly level: Level;
  /** The token of each id. */
  readonly vocabulary: readonly string[];
  /** The slots of its sentences in order; everything else is computed from them. */
  readonly pattern: Pattern;
  /** Tokens of the longest sentence, `<bos>` and `<eos>` counted. */
  readonly maxLength: number;
  /** The floor of the loss in nats per target: a sentence's entropy over its mean number of targets. */
  readonly entropy: number;
  /** Draws a sentence's words. */
  sample(random: Random): string[];
  /** Whether the words are a whole sentence of the language. */
  isGrammatical(words: readonly string[]): boolean;
  /** The probability of each token that may follow the words; `<eos>` is one of them. */
  nextToken(prefix: readonly string[]): Map<string, number>;
  /** The targets of a whole sentence, `<eos>` last. */
  targets(words: readonly string[]): Target[];
  /** The slot of each target of a whole sentence, `<eos>` last. */
  slots(words: readonly string[]): SlotName[];
  /**
   * Counts the pairs of words that must agree in this level: the noun and its verb; in `copy`, noun and verb
   * and their copies. A sentence with the right parts of speech counts even if its words do not
   * agree; a sentence of another form has no pairs, and level `plain` has none.
   */
  agreeingPairs(words: readonly string[]): { agree: number; total: number };
  /** One line for people: level, pattern, floor. */
  describe(): string;
}

/**
 * Makes the grammar of a level.
 *
 * The floor is the entropy rate H / E[n], with H the entropy of a sentence, the sum over its choices
 * by the chain rule, and n its number of targets: the mean loss per target of a model that knows the
 * language.
 *
 * @param level `plain`, `agreement`, `variable` or `copy`; {@linkcode levelPattern} says what they are.
 * @param lexicon The words; by default those of {@linkcode loadLexicon}.
 * @returns The grammar. Its methods throw a `RangeError` for words that are no sentence, or no
 * beginning of one, and name the position.
 * @throws {RangeError} If the level is none of these.
 *
 * @example
 * ```ts
 * import { Random } from "lib/core/mod.ts";
 * import { createGrammar } from "lib/data/mod.ts";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const grammar = createGrammar("plain");
 * assert(grammar.isGrammatical(grammar.sample(new Random(1))));
 * assertEquals(grammar.nextToken(["The"]).get("old"), 1 / 250);
 * assertEquals(grammar.entropy.toFixed(3), "3.678");
 * ```
 *
 * Source: Cover and Thomas, "Elements of Information Theory", 2006, theorem 2.5.1 (chain rule).
 */
export function createGrammar(level: Level, lexicon: Lexicon = loadLexicon()): Grammar {
  if (!LEVELS.includes(level)) {
    throw new RangeError(
      `Cannot make a grammar: expected a level among ${LEVELS.join(", ")}, ` +
        `got ${JSON.stringify(level)}`,
    );
  }
  const pattern = levelPattern(level, lexicon);
  const entropy = sentenceEntropy(pattern) / meanTargets(pattern);
  const targets = (words: readonly string[]) => targetsOf(pattern, words);
  return Object.freeze({
    level,
    pattern,
    vocabulary: createVocabulary(level, lexicon),
    maxLength: 1 + occurrences(pattern).length,
    entropy,
    sample: (random: Random) => sampleOf(pattern, random),
    isGrammatical: (words: readonly string[]) => parse(pattern, [...words, END]).failedAt === null,
    nextToken: (prefix: readonly string[]) => nextTokenOf(pattern, prefix),
    targets,
    slots: (words: readonly string[]) => targets(words).map(({ slot }) => slot),
    agreeingPairs: (words: readonly string[]) => agreeingPairsOf(pattern, words),
    describe: () =>
      `${level}: ${describePattern(pattern)}; floor ${entropy.toFixed(3)} nats per target ` +
      `(perplexity ${Math.exp(entropy).toFixed(1)})`,
  });
}

const END = "<eos>";

function sampleOf(pattern: Pattern, random: Random): string[] {
  const words: string[] = [];
  let state: State = { rest: pattern, chosen: new Map() };
  while (true) {
    const branch = drawBranch(branches(state), random);
    const word = branch.words.length === 1 ? branch.words[0] ?? END : random.pick(branch.words);
    if (word === END) return words;
    words.push(word);
    state = advance(state, branch, word);
  }
}

function drawBranch(open: readonly Branch[], random: Random): Branch {
  let left = open.length === 1 ? 0 : random.uniform();
  for (const branch of open) {
    left -= branch.probability;
    if (left < 0) return branch;
  }
  // With rounding, the probabilities may add up to a bit less than 1; a draw above the sum takes the last.
  const last = open.at(-1);
  if (last === undefined) {
    throw new TypeError("Cannot draw a word: expected a pattern that ends in <eos>");
  }
  return last;
}

/** A walk along tokens, up to the first that does not fit. */
interface Parse {
  readonly steps: readonly { readonly branch: Branch; readonly token: string }[];
  /** Where the walk stopped short of the first wrong token, or at the end. */
  readonly state: State;
  /** The position of the first token that does not fit; null if all do. */
  readonly failedAt: number | null;
}

/** Walks along tokens; `loosely` asks only for the right parts of speech. */
function parse(pattern: Pattern, tokens: readonly string[], loosely = false): Parse {
  const steps: { branch: Branch; token: string }[] = [];
  let state: State = { rest: pattern, chosen: new Map() };
  for (const [position, token] of tokens.entries()) {
    const branch = branches(state)
      .find(({ words, slot }) => (loosely ? slot.words : words).includes(token));
    if (branch === undefined) return { steps, state, failedAt: position };
    steps.push({ branch, token });
    state = advance(state, branch, token);
  }
  return { steps, state, failedAt: null };
}

function targetsOf(pattern: Pattern, words: readonly string[]): Target[] {
  const tokens = [...words, END], { steps, state, failedAt } = parse(pattern, tokens);
  if (failedAt !== null) throw unexpected("read a sentence", state, tokens, failedAt);
  return steps.map(({ branch, token }) => ({
    token,
    slot: branch.slot.name,
    probability: branch.probability / branch.words.length,
  }));
}

function nextTokenOf(pattern: Pattern, prefix: readonly string[]): Map<string, number> {
  const { state, failedAt } = parse(pattern, prefix);
  if (failedAt !== null) throw unexpected("tell the next token", state, prefix, failedAt);
  const open = branches(state);
  if (open.length === 0) {
    throw new RangeError(
      `Cannot tell the next token: expected words before <eos>, got ${
        JSON.stringify(prefix.join(" "))
      }`,
    );
  }
  return new Map(
    open.flatMap(({ words, probability }) =>
      words.map((word) => [word, probability / words.length] as const)
    ),
  );
}

function agreeingPairsOf(pattern: Pattern, words: readonly string[]) {
  const { steps, failedAt } = parse(pattern, [...words, END], true);
  const pairs = failedAt !== null
    ? []
    : steps.filter(({ branch: { slot } }) =>
      slot.given !== undefined && (slot.name === "noun" || slot.name === "verb")
    );
  const agree = pairs.filter(({ branch, token }) => branch.words.includes(token)).length;
  return { agree, total: pairs.length };
}

function unexpected(act: string, state: State, tokens: readonly string[], at: number): RangeError {
  const expected = branches(state).map(({ slot, words }) =>
    words.length === 1 ? words[0] : `one of ${words.length} ${slot.name}s`
  );
  const rule = expected.join(" or ") || "nothing after <eos>";
  return new RangeError(
    `Cannot ${act}: expected ${rule} at word ${at}, got ${JSON.stringify(tokens[at])} ` +
      `in ${JSON.stringify(tokens.join(" "))}`,
  );
}
