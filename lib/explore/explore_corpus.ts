import { deriveSeed, quote } from "lib/core/mod.ts";
import { generate, type LanguageModel } from "lib/model/mod.ts";
import type { Corpus } from "lib/train/mod.ts";
import type { Exploration } from "./exploration.ts";
import { explore, type SentenceToExplore } from "./explore.ts";

/** Options of {@linkcode exploreCorpus}. */
export interface ExploreCorpusOptions {
  /** The page's title. */
  readonly title: string;
  /** How many validation sentences to show; default 12. */
  readonly validation?: number;
  /** How many sentences the model generates; default 4. */
  readonly drawn?: number;
  /** Your own sentences, words separated by spaces; they come first. */
  readonly texts?: readonly string[];
}

/**
 * Looks into a model while it reads sentences of its language: your own, validation sentences, and
 * some that it generates.
 *
 * @param model Settings and parameters; they are not changed.
 * @param corpus The sentences, the tokenizer and the grammar of its run.
 * @param options Title, and which sentences.
 * @returns What an explorer shows.
 * @throws {RangeError} If a text has a word that is not in the vocabulary, or does not fit into the
 *   model.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { exploreCorpus } from "lib/explore/mod.ts";
 * import { createRun, runConfig } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const { config, corpus, state } = createRun(runConfig({ data: { examples: 500 }, train: { warmup: 0 } }));
 * const model = { config: config.model, params: state.params };
 * const seen = exploreCorpus(model, corpus, { title: "before training", validation: 2, drawn: 1 });
 * assertEquals(seen.sentences.map(({ source }) => source), ["validation", "validation", "drawn"]);
 * ```
 */
export function exploreCorpus(
  model: LanguageModel,
  corpus: Corpus,
  options: ExploreCorpusOptions,
): Exploration {
  const { title, validation = 12, drawn = 4, texts = [] } = options;
  const { tokenizer, grammar, validationSentences } = corpus;
  const known = validationSentences.slice(0, validation).map((words) => words.join(" "));
  const sentences: SentenceToExplore[] = [
    ...texts.map((text) => ({ source: "your own", ids: encode(text, corpus) })),
    ...known.map((text) => ({ source: "validation", ids: tokenizer.encode(text) })),
    ...drawSentences(model, corpus, drawn).map((ids) => ({ source: "drawn", ids })),
  ];
  return explore(model, sentences, { title, tokenizer, grammar });
}

function encode(text: string, { tokenizer }: Corpus): Int32Array {
  const words = text.trim().split(/\s+/);
  const unknown = words.find((word) => tokenizer.idOf(word) === undefined);
  if (unknown === undefined) return tokenizer.encode(words.join(" "));
  throw new RangeError(
    `Cannot explore: expected words of the vocabulary, got ${quote(unknown)}`,
  );
}

function drawSentences(
  model: LanguageModel,
  { tokenizer, grammar }: Corpus,
  count: number,
): number[][] {
  if (count === 0) return [];
  const prompts = Array.from({ length: count }, () => [tokenizer.bosId]);
  return generate(model, prompts, {
    maxNewTokens: grammar.maxLength - 1,
    eosId: tokenizer.eosId,
    seed: deriveSeed(0, "explorer"),
  }).map((ids) => [...ids]);
}
