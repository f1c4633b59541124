import { ConfigError, deriveSeed } from "lib/core/mod.ts";
import {
  chooseLengths,
  createDataLoader,
  createDataset,
  createGrammar,
  type Curriculum,
  type DataLoader,
  type Dataset,
  type DifficultyKind,
  difficultyOf,
  generateCorpus,
  type Grammar,
  type LossLadder,
  lossLadder,
  splitCorpus,
} from "lib/data/mod.ts";
import { checkTokenizer, createWordLevelTokenizer, type Tokenizer } from "lib/tokenizer/mod.ts";
import type { RunConfig } from "./config.ts";
import type { EvaluationSet, Reference } from "./evaluate.ts";

/** The largest batch of a validation, in sentences. */
const EVALUATION_BATCH = 250;

/** The sentences of a run, ready for training and validation. */
export interface Corpus {
  /** The grammar that made them. */
  readonly grammar: Grammar;
  /** The tokenizer: words to ids, and back. */
  readonly tokenizer: Tokenizer;
  /** Losses to compare with: uniform, unigram, floor. */
  readonly ladder: LossLadder;
  /** The training sentences in batches. */
  readonly loader: DataLoader;
  /** Lengths in positions, rising: a batch is padded to the first one that is long enough. */
  readonly lengths: readonly number[];
  /** The validation sentences. */
  readonly validation: EvaluationSet;
  /** As many training sentences, to measure what the model has learned by heart. */
  readonly trainSample: EvaluationSet;
  /** The validation sentences' words. */
  readonly validationSentences: readonly (readonly string[])[];
}

/**
 * Makes a run's sentences: draws them, splits them, turns them into ids, and asks the grammar how
 * likely each word was.
 *
 * @param config The run's settings; `seed` and `data` decide the sentences.
 * @param tokenizer Your own tokenizer, one id per word; default one entry per word of the grammar.
 * @returns Loaders and oracle losses.
 * @throws {ConfigError} If vocabulary, lengths and model do not fit, or a curriculum finds no order.
 * @throws {RangeError} If the tokenizer's special ids, or the ids that it gives, are not in its
 *   vocabulary.
 * @throws {TypeError} If it is no tokenizer.
 *
 * @example
 * ```ts
 * import { createCorpus, runConfig } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const corpus = createCorpus(runConfig({ data: { examples: 500 } }));
 * assertEquals(corpus.validation.references.length, 50);
 * assertEquals(corpus.ladder.uniform, Math.log(1000));
 * ```
 */
export function createCorpus(config: RunConfig, tokenizer?: Tokenizer): Corpus {
  const grammar = createGrammar(config.data.level);
  const words = tokenizer === undefined
    ? createWordLevelTokenizer(grammar.vocabulary)
    : checkTokenizer(tokenizer, []);
  checkSizes(config, grammar, words);
  const { examples: count, validationShare } = config.data;
  const sentences = generateCorpus(grammar, { count, seed: deriveSeed(config.seed, "corpus") });
  const split = splitCorpus(sentences, {
    validationShare,
    seed: deriveSeed(config.seed, "split"),
  });
  const train = createDataset(split.train, words);
  const lengths = paddingLengths(config, train);
  const padTo = config.data.padTo === "longest" ? grammar.maxLength - 1 : config.data.padTo;
  const measure = (chosen: readonly string[][]) => evaluationSet(grammar, chosen, { words, padTo });
  return {
    grammar,
    tokenizer: words,
    ladder: lossLadder(grammar),
    loader: trainingLoader(config, train, {
      padId: words.padId,
      lengths,
      curriculum: curriculumOf(config, split.train, grammar),
    }),
    lengths,
    validation: measure(split.validation),
    trainSample: measure(split.train.slice(0, split.validation.length)),
    validationSentences: split.validation,
  };
}

function checkSizes({ model, data }: RunConfig, grammar: Grammar, tokenizer: Tokenizer): void {
  if (model.vocabSize !== tokenizer.size) {
    throw new ConfigError(
      `Cannot train on "${data.level}": expected a vocabulary of the data's ${tokenizer.size} ` +
        `entries, got model.vocabSize ${model.vocabSize}`,
    );
  }
  const positions = grammar.maxLength - 1;
  const longest = data.padTo === "longest" ? positions : data.padTo;
  if (!(positions <= longest && longest <= model.maxLength)) {
    throw new ConfigError(
      `Cannot train on "${data.level}": expected ${positions} positions, the longest sentence's, ` +
        `to fit into data.padTo ${data.padTo} and that into model.maxLength ${model.maxLength}`,
    );
  }
}

function paddingLengths({ data }: RunConfig, dataset: Dataset): number[] {
  if (data.padTo !== "longest") return [data.padTo];
  return chooseLengths(dataset.lengths.map((length) => length - 1));
}

function trainingLoader(
  config: RunConfig,
  dataset: Dataset,
  { padId, lengths, curriculum }: {
    readonly padId: number;
    readonly lengths: readonly number[];
    readonly curriculum: Curriculum | undefined;
  },
): DataLoader {
  return createDataLoader(dataset, {
    batchSize: config.train.batchSize,
    batchesPerStep: config.train.accumulation,
    seed: deriveSeed(config.seed, "shuffle"),
    padTo: lengths,
    fillRows: true, // a compiled step is compiled anew for each shape
    padId,
    maxLength: config.model.maxLength,
    // A curriculum decides itself which sentences come together.
    ...(curriculum !== undefined
      ? { curriculum }
      : config.data.lengthBuckets
      ? { buckets: lengths, stratified: true }
      : {}),
  });
}

/** The curriculum that a run's settings name, over its training sentences. */
function curriculumOf(
  { data }: RunConfig,
  sentences: readonly (readonly string[])[],
  grammar: Grammar,
): Curriculum | undefined {
  if (data.curriculum === "none") return undefined;
  return {
    difficulty: orderable(data.curriculum, sentences, grammar),
    order: data.curriculumOrder,
    pacing: { kind: data.pacing, start: data.pacingStart, steps: data.pacingSteps },
  };
}

/** The difficulties, or the reason why the settings name none that tells sentences apart. */
function orderable(
  kind: DifficultyKind,
  sentences: readonly (readonly string[])[],
  grammar: Grammar,
): number[] {
  try {
    return difficultyOf(kind, sentences, grammar);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new ConfigError(`${cause.message} as data.curriculum`, { cause });
  }
}

/** All batches have one shape, so that the losses are compiled once. */
function evaluationSet(
  grammar: Grammar,
  sentences: readonly (readonly string[])[],
  { words, padTo }: { readonly words: Tokenizer; readonly padTo: number },
): EvaluationSet {
  const dataset = createDataset(sentences, words);
  const references = sentences.map((sentence, index): Reference => {
    const targets = grammar.targets(sentence);
    const positions = dataset.at(index).length - 1;
    if (positions !== targets.length) {
      throw new ConfigError(
        `Cannot measure against the grammar: expected a tokenizer with one id a word, got ` +
          `${positions} targets for the ${targets.length} of "${sentence.join(" ")}"`,
      );
    }
    return {
      losses: targets.map(({ probability }) => -Math.log(probability)),
      slots: targets.map(({ slot }) => slot),
    };
  });
  // As even as possible: 260 sentences are two batches of 130, not one of 250 and one of 10.
  const batchSize = Math.ceil(dataset.size / Math.ceil(dataset.size / EVALUATION_BATCH));
  const options = { batchSize, seed: 0, padTo, fillRows: true, padId: words.padId };
  const loader = createDataLoader(dataset, options);
  return { batches: () => loader.sequential(), references };
}
