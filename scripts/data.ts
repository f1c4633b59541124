/**
 * Writes a level's sentences and tokenizer into a folder, and describes them:
 *
 *     ./denow task data --level agreement
 *
 * A training run with the same level, seed and count learns from the same sentences.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import {
  deriveSeed,
  explainFile,
  flagsOf,
  formatFlags,
  largest,
  parseConfig,
  parseFlags,
  writeFileAtomically,
} from "lib/core/mod.ts";
import {
  createGrammar,
  generateCorpus,
  type Grammar,
  LEVELS,
  lossLadder,
  splitCorpus,
} from "lib/data/mod.ts";
import { createWordLevelTokenizer, tokenizerToJson } from "lib/tokenizer/mod.ts";
import { print, runMain } from "./_command_line.ts";

const SAMPLES = 5;
const BAR_WIDTH = 40;

const schema = z.strictObject({
  level: z.enum(LEVELS).default("plain").describe("grammar"),
  seed: z.int().default(1).describe("of sentences and split"),
  // Billions would not fit into memory.
  count: z.int().min(2).max(10_000_000).default(10_000).describe("different sentences"),
  validationShare: z.number().gt(0).lt(1).default(0.1).describe("share held out for validation"),
  out: z.string().min(1).optional().describe("folder (default data/LEVEL)"),
});

/** What to write. */
export type DataSettings = z.output<typeof schema>;

/** The files of a level, and a description of them. */
export interface DataFiles {
  /** Contents by file name. */
  readonly files: Readonly<Record<string, string>>;
  /** Lines for people. */
  readonly description: string;
}

/** Makes the files without writing them; the same settings give the same bytes everywhere. */
export function makeDataFiles({ level, seed, count, validationShare }: DataSettings): DataFiles {
  const grammar = createGrammar(level);
  const corpus = generateCorpus(grammar, { count, seed: deriveSeed(seed, "corpus") });
  const split = splitCorpus(corpus, { validationShare, seed: deriveSeed(seed, "split") });
  const files = {
    "train.txt": toText(split.train),
    "validation.txt": toText(split.validation),
    "tokenizer.json": tokenizerToJson(createWordLevelTokenizer(grammar.vocabulary)),
  };
  const ladder = lossLadder(grammar);
  const description = [
    grammar.describe(),
    "",
    `Sentences   ${split.train.length} to train, ${split.validation.length} to validate, none in both`,
    `Vocabulary  ${grammar.vocabulary.length} tokens, the first ` +
    grammar.vocabulary.slice(0, 5).join(" "),
    `Losses      uniform ${ladder.uniform.toFixed(3)}, unigram ${ladder.unigram.toFixed(3)}, ` +
    `floor ${ladder.floor.toFixed(3)} nats per target`,
    "",
    "Tokens with <bos> and <eos>",
    ...histogram(corpus),
    "",
    ...examplesOf(grammar, corpus),
    "",
    "SHA-256",
    ...Object.entries(files).map(([name, text]) => `  ${sha256(text)}  ${name}`),
  ].join("\n");
  return { files, description };
}

function toText(sentences: readonly (readonly string[])[]): string {
  return sentences.map((words) => `${words.join(" ")}\n`).join("");
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function histogram(corpus: readonly (readonly string[])[]): string[] {
  const counts = new Map<number, number>();
  for (const { length } of corpus) counts.set(length + 2, (counts.get(length + 2) ?? 0) + 1);
  const most = largest(counts.values());
  return [...counts].sort(([a], [b]) => a - b).map(([length, count]) => {
    const bar = "#".repeat(Math.ceil(BAR_WIDTH * count / most));
    return `  ${String(length).padStart(2)} ${bar} ${count}`;
  });
}

function examplesOf(grammar: Grammar, corpus: readonly (readonly string[])[]): string[] {
  return corpus.slice(0, SAMPLES).map((words) => {
    const { agree, total } = grammar.agreeingPairs(words);
    const pairs = total === 0 ? "" : `  (${agree} of ${total} pairs agree)`;
    return `  ${words.join(" ")}${pairs}`;
  });
}

function main(args: readonly string[]): void {
  const flags = flagsOf(schema);
  const { settings, extra } = parseFlags(flags, args, { help: "boolean" });
  if (extra.help === true) {
    print(
      "Usage: ./denow task data [flags]\n\n" +
        `Writes sentences and tokenizer of a level, and describes them.\n${formatFlags(flags)}`,
    );
    return;
  }
  const config = parseConfig(schema, settings, "settings of the data");
  const { files, description } = makeDataFiles(config);
  const folder = config.out ?? `data/${config.level}`;
  explainFile(`make ${folder}`, () => Deno.mkdirSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileAtomically(`${folder}/${name}`, text);
  print(`${description}\n\nWritten to ${folder}`);
}

if (import.meta.main) await runMain(() => main(Deno.args));
