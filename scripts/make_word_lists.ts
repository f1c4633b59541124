// deno-lint-ignore-file no-console -- a main: its output is its purpose
/**
 * Makes the word lists in `data/words` from WordNet 3.1:
 *
 *     ./denow run -A scripts/make_word_lists.ts FOLDER
 *
 * FOLDER holds WordNet's `index.sense` and `data.*` files. The same files give the same lists.
 * Words are ranked by how often people who read running text marked them with a sense: the common
 * words come first, and words that are mostly another part of speech are left out.
 *
 * @module
 */
import { STOP_WORDS } from "./stop_words.ts";

type PartOfSpeech = "noun" | "verb" | "adj" | "adv";

/** One meaning of one word. */
interface Sense {
  readonly partOfSpeech: PartOfSpeech;
  /** WordNet's file of the meaning: 5 = animals, 38 = verbs of motion (manual page `lexnames`). */
  readonly file: number;
  /** 1 = the commonest meaning of the word. */
  readonly rank: number;
  /** How often the meaning was marked in running text. */
  readonly count: number;
  /** The position of the meaning's line in the data file. */
  readonly offset: string;
}

/** A word that may go into a list, with its first meaning. */
interface Candidate {
  readonly word: string;
  readonly count: number;
  readonly sense: Sense;
  /** The meaning's line in the data file: words, relations, verb frames, gloss. */
  readonly line: string;
}

/** The classes of nouns, and the classes of verbs that go with them in level `agreement`. */
const CLASSES: readonly (readonly [nouns: readonly number[], verbs: readonly number[]])[] = [
  [[5], [38]], // animals; motion
  [[18], [32]], // people; communication
  [[8], [29]], // the body; what bodies do
  [[20], [30]], // plants; change
  [[27], [39]], // substances; perception
  [[6], [35]], // things made; contact
  [[13], [33, 34, 36, 40]], // food; contest, consumption, creation, trade
  [[10], [31, 37]], // texts and signs; thought and feeling
  [[14], [41]], // groups of people; social life
  [[17], [42]], // land, water and sky; states
];
const CLASS_SIZE = 25;
const ADJECTIVES = 250;
const ADVERBS = 245; // 1,000 minus the special tokens, `The`, and the rest

/** The share of a word's marks that must fall on its part of speech. */
const SHARE: Readonly<Record<PartOfSpeech, number>> = { noun: 0.8, verb: 0.3, adj: 0.8, adv: 0.5 };

/** "Something ----s", "Somebody ----s", "It is ----ing". */
const INTRANSITIVE_FRAMES = [1, 2, 3];

const senseCode = new Map<string, PartOfSpeech>([
  ["1", "noun"],
  ["2", "verb"],
  ["3", "adj"],
  ["4", "adv"],
  ["5", "adj"],
]);

function readSenses(folder: string): Map<string, Sense[]> {
  const senses = new Map<string, Sense[]>();
  for (const line of Deno.readTextFileSync(`${folder}/index.sense`).trimEnd().split("\n")) {
    const [key = "", offset = "", rank, count] = line.trim().split(" ");
    const [word = "", rest = ""] = key.split("%");
    const [code = "", file] = rest.split(":");
    const partOfSpeech = senseCode.get(code);
    if (partOfSpeech === undefined) throw new SyntaxError(`Cannot read index.sense: got ${line}`);
    const sense = {
      partOfSpeech,
      file: Number(file),
      rank: Number(rank),
      count: Number(count),
      offset,
    };
    senses.set(word, [...senses.get(word) ?? [], sense]);
  }
  return senses;
}

function readLines(folder: string, partOfSpeech: PartOfSpeech): Map<string, string> {
  const lines = Deno.readTextFileSync(`${folder}/data.${partOfSpeech}`).split("\n");
  return new Map(lines.map((line) => [line.slice(0, 8), line]));
}

/** The words of one part of speech that may be shown in class, the commonest first. */
function candidatesOf(
  partOfSpeech: PartOfSpeech,
  senses: ReadonlyMap<string, readonly Sense[]>,
  lines: ReadonlyMap<string, string>,
): Candidate[] {
  const stopped = new Set(STOP_WORDS[partOfSpeech].trim().split(/\s+/));
  const candidates: Candidate[] = [];
  for (const [word, all] of senses) {
    const own = all.filter((sense) => sense.partOfSpeech === partOfSpeech);
    const first = own.find((sense) => sense.rank === 1);
    if (first === undefined || !/^[a-z]{3,10}$/.test(word) || stopped.has(word)) continue;
    const line = lines.get(first.offset) ?? "";
    const ownCount = total(own), count = total(own.filter((sense) => sense.file === first.file));
    const isDominant = ownCount > 0 && ownCount / total(all) >= SHARE[partOfSpeech];
    // A word whose commonest meaning belongs to another class would be confusing in this one.
    if (!isDominant || count / ownCount < 0.6 || !isPlain(word, line)) continue;
    candidates.push({ word, count, sense: first, line });
  }
  return candidates.sort((a, b) => b.count - a.count || (a.word < b.word ? -1 : 1));
}

function total(senses: readonly Sense[]): number {
  return senses.reduce((sum, sense) => sum + sense.count, 0);
}

/**
 * Whether the line has the word in lower case and free in position, and the gloss has no warning.
 */
function isPlain(word: string, line: string): boolean {
  const [head = "", gloss = ""] = line.split("|");
  const isOffensive = /offensive|slur|vulgar|obscene|disparag|derogat/.test(gloss);
  return head.split(" ").includes(word) && !isOffensive;
}

/** Whether the first meaning can stand without an object. */
function isIntransitive({ word, line, sense }: Candidate): boolean {
  const fields = line.split(" ");
  const words = parseInt(fields[3] ?? "", 16), pointersAt = 4 + 2 * words;
  const number = Array.from({ length: words }, (_, i) => fields[4 + 2 * i]).indexOf(word) + 1;
  const framesAt = pointersAt + 1 + 4 * Number(fields[pointersAt]);
  const frames = Array.from({ length: Number(fields[framesAt]) }, (_, i) => ({
    frame: Number(fields[framesAt + 2 + 3 * i]),
    of: parseInt(fields[framesAt + 3 + 3 * i] ?? "", 16),
  })).filter(({ of }) => of === 0 || of === number).map(({ frame }) => frame);
  const takesObject = frames.some((frame) => frame >= 8 && frame <= 11);
  // Nearly all verbs of thought, touch, trade and social life may take an object, as "reads" and
  // "wins".
  const mayTakeObject = [31, 33, 34, 35, 36, 40, 41].includes(sense.file);
  return frames.some((frame) => INTRANSITIVE_FRAMES.includes(frame)) &&
    (mayTakeObject || !takesObject);
}

/** "runs", "watches", "flies". */
function thirdPerson(verb: string): string {
  if (/[^aeiou]y$/.test(verb)) return `${verb.slice(0, -1)}ies`;
  return /(s|x|z|ch|sh|o)$/.test(verb) ? `${verb}es` : `${verb}s`;
}

function take(candidates: readonly Candidate[], count: number, what: string): string[] {
  if (candidates.length < count) {
    throw new RangeError(
      `Cannot fill ${what}: expected ${count} words, got ${candidates.length}: ` +
        candidates.map(({ word }) => word).join(" "),
    );
  }
  return candidates.slice(0, count).map(({ word }) => word);
}

function takeClasses(
  candidates: readonly Candidate[],
  files: readonly (readonly number[])[],
): string[][] {
  return files.map((own) =>
    take(candidates.filter(({ sense }) => own.includes(sense.file)), CLASS_SIZE, `files ${own}`)
  );
}

function makeLists(folder: string): Record<string, string[]> {
  const senses = readSenses(folder);
  const candidates = (of: PartOfSpeech) => candidatesOf(of, senses, readLines(folder, of));
  const adjectives = candidates("adj").filter(({ word, sense }) =>
    sense.file === 0 && !/(ed|ing)$/.test(word) // "closed", "running" look like verbs
  );
  const adverbs = candidates("adv").filter(({ word }) => word.endsWith("ly"));
  const nouns = takeClasses(candidates("noun"), CLASSES.map(([files]) => files));
  const verbs = takeClasses(
    candidates("verb").filter(isIntransitive),
    CLASSES.map(([, files]) => files),
  ).map((words) => words.map(thirdPerson));
  return {
    adjectives: take(adjectives, ADJECTIVES, "adjectives").sort(),
    nouns: nouns.flatMap((words) => words.sort()),
    verbs: verbs.flatMap((words) => words.sort()),
    adverbs: take(adverbs, ADVERBS, "adverbs").sort(),
  };
}

function main(args: readonly string[]): void {
  const [folder] = args;
  if (folder === undefined || args.length !== 1) {
    throw new RangeError("Cannot make word lists: expected one argument, WordNet's dict folder");
  }
  const lists = makeLists(folder), all = Object.values(lists).flat();
  const twice = all.filter((word, i) => all.indexOf(word) !== i);
  if (twice.length > 0) {
    throw new RangeError(`Cannot make word lists: expected each word once, got ${twice} twice`);
  }
  for (const [name, words] of Object.entries(lists)) {
    Deno.writeTextFileSync(
      new URL(`../data/words/${name}.txt`, import.meta.url),
      words.map((word) => `${word}\n`).join(""),
    );
    console.log(`${name}: ${words.length} words`);
  }
}

if (import.meta.main) main(Deno.args);
