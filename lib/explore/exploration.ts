/** What an explorer shows of a model: plain JSON, small enough to be part of a page. */
export interface Exploration {
  /** The page's title, such as `plain-001, weights of step 846`. */
  readonly title: string;
  /** The number of blocks of the model. */
  readonly layers: number;
  /** The number of heads of each block. */
  readonly heads: number;
  /** The token of each id that is shown. */
  readonly tokens: Readonly<Record<number, string>>;
  /** The sentences to choose from. */
  readonly sentences: readonly ExploredSentence[];
  /** For each id the tokens whose embeddings have the most similar direction, nearest first. */
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
   * place, place looked at; only places up to the asking one, since the weights of later places are
   * 0.
   */
  readonly attention: string;
  /** The likeliest next tokens after each place, [T]. */
  readonly next: readonly NextGuess[];
}

/** The likeliest tokens after a place, by the model. */
export interface NextGuess {
  /**
   * The likeliest tokens by the model, likeliest first; then the token that really comes, if it is
   * not among them. The oracle's probability is null where it has no answer.
   */
  readonly tokens: readonly (readonly [id: number, model: number, oracle: number | null])[];
  /** The probability of all other tokens together. */
  readonly rest: readonly [model: number, oracle: number | null];
  /**
   * The model's probability of all tokens that the grammar rules out; null where the oracle has no
   * answer.
   */
  readonly impossible: number | null;
}

/** A token and the cosine of its embedding with another's. */
export type NearToken = readonly [id: number, cosine: number];
