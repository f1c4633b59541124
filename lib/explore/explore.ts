import { compareNextTokens, nearestNeighbors } from "lib/analysis/mod.ts";
import { createOracle, type Grammar, type Oracle } from "lib/data/mod.ts";
import { inspect, type Inspection, type LanguageModel, tokenVectors } from "lib/model/mod.ts";
import type { Tokenizer } from "lib/tokenizer/mod.ts";
import { packAttention } from "./packed_attention.ts";
import type { Exploration, ExploredSentence, NearToken, NextGuess } from "./exploration.ts";

/** A sentence to look at. */
export interface SentenceToExplore {
  /** Its ids, `<bos>` first; an `<eos>` at the end is left out, since nothing follows it. */
  readonly ids: ArrayLike<number>;
  /** Where it comes from, as shown on the page; default `sentence`. */
  readonly source?: string;
}

/** Options of {@linkcode explore}. */
export interface ExploreOptions {
  /** The page's title. */
  readonly title: string;
  /** Translates between ids and words. */
  readonly tokenizer: Tokenizer;
  /** The grammar whose probabilities are shown beside the model's. */
  readonly grammar: Grammar;
  /** How many next tokens to name at each place; default 8. */
  readonly guesses?: number;
  /** How many of the nearest embeddings to name; default 8. */
  readonly neighbors?: number;
}

/**
 * Looks into a model while it reads sentences, and keeps what an explorer shows: the attention of
 * all heads, rounded to 1/255, the likeliest next tokens beside the oracle's, the nearest
 * embeddings.
 *
 * @param model Settings and parameters; they are not changed.
 * @param sentences The sentences; a sentence that the grammar does not know has no oracle.
 * @param options Title, tokenizer, grammar, and how much to name.
 * @returns Plain JSON; no tensor is left behind.
 * @throws {RangeError} If there is no sentence, or one does not fit into the model.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { createGrammar } from "lib/data/mod.ts";
 * import { explore } from "lib/explore/mod.ts";
 * import { initializeParams, modelConfig } from "lib/model/mod.ts";
 * import { createWordLevelTokenizer } from "lib/tokenizer/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const grammar = createGrammar("plain"), config = modelConfig({ layers: 1 });
 * const tokenizer = createWordLevelTokenizer(grammar.vocabulary);
 * const model = { config, params: initializeParams(config, 1) };
 * const seen = explore(model, [{ ids: tokenizer.encode("The") }], { title: "new", tokenizer, grammar });
 * assertEquals(seen.sentences[0]?.ids, [1, 4]); // <bos> The
 * ```
 */
export function explore(
  model: LanguageModel,
  sentences: readonly SentenceToExplore[],
  options: ExploreOptions,
): Exploration {
  if (sentences.length === 0) throw new RangeError("Cannot explore: expected sentences, got none");
  const { title, tokenizer, grammar, guesses = 8, neighbors = 8 } = options;
  const vocabulary = Array.from({ length: tokenizer.size }, (_, id) => tokenizer.tokenOf(id));
  const oracle = createOracle(grammar, vocabulary);
  const read = sentences.map(({ ids }) => Array.from(ids).filter((id) => id !== tokenizer.eosId));
  const explored = Array.from(inspect(model, read), (seen, index): ExploredSentence => ({
    source: sentences[index]?.source ?? "sentence",
    ids: seen.ids,
    attention: packAttention(seen.attention),
    next: seen.ids.map((_, place) =>
      guessNext(seen, place, { oracle, guesses, eosId: tokenizer.eosId })
    ),
  }));
  const near = nearTokens(model, new Set(read.flat()), neighbors);
  const { layers, heads } = model.config;
  const tokens = tokensOf({ sentences: explored, neighbors: near }, vocabulary);
  return { title, layers, heads, tokens, sentences: explored, neighbors: near };
}

/** The likeliest tokens, and the token that really comes, if it is not among them. */
function guessNext(
  { ids, probabilities }: Inspection,
  place: number,
  options: { readonly oracle: Oracle; readonly guesses: number; readonly eosId: number },
): NextGuess {
  const { oracle, guesses, eosId } = options, comes = ids[place + 1] ?? eosId;
  const model = probabilities[place] ?? new Float32Array();
  const known = askOracle(oracle, ids.slice(0, place + 1));
  // Zeros replace a missing answer of the oracle; they are not kept in the result.
  const best = known ?? new Float64Array(model.length);
  const { tokens, rest, impossible } = compareNextTokens(model, best, guesses);
  const own = { id: comes, model: model[comes] ?? NaN, oracle: best[comes] ?? NaN };
  const extra = tokens.some(({ id }) => id === comes) ? [] : [own];
  const left = extra.reduce(
    (sum, { model, oracle }) => ({ model: sum.model - model, oracle: sum.oracle - oracle }),
    rest,
  );
  const share = (value: number) => known === null ? null : short(value);
  return {
    tokens: [...tokens, ...extra].map(({ id, model, oracle }) => [id, short(model), share(oracle)]),
    rest: [short(Math.max(0, left.model)), share(Math.max(0, left.oracle))],
    impossible: share(impossible),
  };
}

/** The oracle's answer after a prefix; null if no sentence of the language begins like that. */
function askOracle(oracle: Oracle, prefix: readonly number[]): Float64Array | null {
  try {
    return oracle.next(prefix);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function nearTokens(
  { params }: LanguageModel,
  ids: ReadonlySet<number>,
  count: number,
): Record<number, NearToken[]> {
  const vectors = tokenVectors(params);
  return Object.fromEntries([...ids].map((id) => {
    const near = nearestNeighbors(vectors, id, { count });
    return [id, near.map(({ index, cosine }): NearToken => [index, short(cosine)])] as const;
  }));
}

/** The tokens of all ids that a page may show. */
function tokensOf(
  { sentences, neighbors }: Pick<Exploration, "sentences" | "neighbors">,
  vocabulary: readonly string[],
): Record<number, string> {
  const ids = new Set(sentences.flatMap((sentence) => [
    ...sentence.ids,
    ...sentence.next.flatMap(({ tokens }) => tokens.map(([id]) => id)),
  ]));
  for (const near of Object.values(neighbors)) near.forEach(([id]) => ids.add(id));
  return Object.fromEntries([...ids].map((id) => [id, vocabulary[id] ?? `#${id}`] as const));
}

/** Rounds to four digits; a page shows fewer. */
function short(value: number): number {
  return Number(value.toPrecision(4));
}
