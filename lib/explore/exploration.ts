/** What an explorer shows of a model: plain JSON, small enough to lie in a page. */
export interface Exploration {
  /** What the page is called, such as `plain-001, weights of step 846`. */
  readonly title: string;
  /** Blocks of the model. */
  readonly layers: number;
  /** Heads of each block. */
  readonly heads: number;
  /** The token of each id that comes up. */
  readonly tokens: Readonly<Record<number, string>>;
  /** The sentences to choose from. */
  readonly sentences: readonly ExploredSentence[];
  /** The tokens whose embeddings point most nearly where that of an id does, nearest first. */
  readonly neighbors: Readonly<Record<number, readonly NearToken[]>>;
}

/** One sentence of T tokens as the model reads it. */
export interface ExploredSentence {
  /** Where it comes from, such as `validation` or `drawn`. */
  readonly source: string;
  /** Its tokens; the first is `<bos>`. */
  readonly ids: readonly number[];
  /**
   * The attention weights, in base64: one byte per weight, 255 standing for 1, in the order layer, head, asking
   * place, place looked at; only places up to the asking one, since the others weigh nothing.
   */
  readonly attention: string;
  /** What may follow each place, [T]. */
  readonly next: readonly NextGuess[];
}

/** The likeliest tokens after a place, by the model. */
export interface NextGuess {
  /**
   * The likeliest tokens by the model, likeliest first, and last the one that comes, if it is none of
   * these; the oracle's share is null where it has no answer.
   */
  readonly tokens: readonly (readonly [id: number, model: number, oracle: number | null])[];
  /** What all other tokens have together. */
  readonly rest: readonly [model: number, oracle: number | null];
  /** The model's probability of all that the grammar rules out; null where the oracle has no answer. */
  readonly impossible: number | null;
}

/** A token and the cosine of its embedding with another's. */
export type NearToken = readonly [id: number, cosine: number];
