/** Turns text into ids and back; any object that passes `checkTokenizer` can be used. */
export interface Tokenizer {
  /** V: ids are 0 to `size` − 1. */
  readonly size: number;
  /** The id that pads the texts of a batch to one length. */
  readonly padId: number;
  /** The id before the first word. */
  readonly bosId: number;
  /** The id after the last word. */
  readonly eosId: number;
  /** The id of every word that is not in the vocabulary. */
  readonly unkId: number;
  /** The ids of a text: int32, `bosId` first and `eosId` last. */
  encode(text: string): Int32Array;
  /** The text of ids; special tokens are left out unless `keepSpecial` is true. */
  decode(ids: ArrayLike<number>, options?: DecodeOptions): string;
  /**
   * The token of an id.
   *
   * @throws {RangeError} If there is no such id.
   */
  tokenOf(id: number): string;
  /** The id of a token; undefined if it has none. */
  idOf(token: string): number | undefined;
}

/** What {@linkcode Tokenizer.decode} writes. */
export interface DecodeOptions {
  /** Whether special tokens such as `<bos>` stay in the text; default false. */
  readonly keepSpecial?: boolean;
}

const NUMBERS = ["size", "padId", "bosId", "eosId", "unkId"] as const;
const METHODS = ["encode", "decode", "tokenOf", "idOf"] as const;

/**
 * Checks that an object, such as a student's own tokenizer, does what {@linkcode Tokenizer}
 * promises.
 *
 * @param candidate The object.
 * @param texts Texts that it must give back unchanged; their words must have ids.
 * @returns The same object.
 * @throws {TypeError} If a member is missing or of the wrong kind, or `encode` does not return an
 *   Int32Array.
 * @throws {RangeError} If ids are out of range or used twice, `<bos>` or `<eos>` is missing, or a
 *   text does not come back unchanged.
 *
 * @example
 * ```ts
 * import { checkTokenizer, createWordLevelTokenizer } from "lib/tokenizer/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * const words = createWordLevelTokenizer(["<pad>", "<bos>", "<eos>", "<unk>", "The", "dog"]);
 * checkTokenizer(words, ["The dog"]);
 * assertThrows(() => checkTokenizer({ ...words, padId: 9 }, []), RangeError, "padId");
 * ```
 */
export function checkTokenizer(candidate: unknown, texts: readonly string[]): Tokenizer {
  const tokenizer = checkMembers(candidate);
  checkIds(tokenizer);
  for (const text of texts) checkText(tokenizer, text);
  return tokenizer;
}

function checkMembers(candidate: unknown): Tokenizer {
  if (typeof candidate !== "object" || candidate === null) {
    throw new TypeError(`Cannot use a tokenizer: expected an object, got ${candidate}`);
  }
  for (const name of NUMBERS) {
    const member: unknown = Reflect.get(candidate, name);
    if (typeof member !== "number") throw wrongMember(name, "a number", member);
  }
  for (const name of METHODS) {
    const member: unknown = Reflect.get(candidate, name);
    if (typeof member !== "function") throw wrongMember(name, "a function", member);
  }
  return candidate as Tokenizer; // every member was checked above
}

function wrongMember(name: string, kind: string, member: unknown): TypeError {
  return new TypeError(
    `Cannot use a tokenizer: expected ${name} to be ${kind}, got ${typeof member}`,
  );
}

function checkIds(tokenizer: Tokenizer): void {
  if (!Number.isInteger(tokenizer.size) || tokenizer.size < 4) {
    throw new RangeError(
      `Cannot use a tokenizer: expected a size from 4, got ${tokenizer.size}`,
    );
  }
  const special = NUMBERS.slice(1).map((name) => [name, tokenizer[name]] as const);
  for (const [name, id] of special) {
    if (!isId(tokenizer, id)) {
      throw new RangeError(
        `Cannot use a tokenizer: expected ${name} to be an id below ${tokenizer.size}, got ${id}`,
      );
    }
  }
  if (new Set(special.map(([, id]) => id)).size < special.length) {
    throw new RangeError(
      `Cannot use a tokenizer: expected four different special ids, got ` +
        special.map(([name, id]) => `${name} ${id}`).join(", "),
    );
  }
  for (let id = 0; id < tokenizer.size; id++) {
    const token = tokenizer.tokenOf(id), back = tokenizer.idOf(token);
    if (back !== id) {
      throw new RangeError(
        `Cannot use a tokenizer: expected idOf(tokenOf(${id})) to be ${id}, got ${back}`,
      );
    }
  }
}

function checkText(tokenizer: Tokenizer, text: string): void {
  const quoted = JSON.stringify(text), ids: unknown = tokenizer.encode(text);
  if (!(ids instanceof Int32Array)) {
    throw new TypeError(
      `Cannot use a tokenizer: expected encode(${quoted}) to be an Int32Array, got ${typeof ids}`,
    );
  }
  const { bosId, eosId } = tokenizer;
  if (ids.length < 2 || ids[0] !== bosId || ids.at(-1) !== eosId) {
    throw new RangeError(
      `Cannot use a tokenizer: expected encode(${quoted}) to begin with bosId ${bosId} and to end ` +
        `with eosId ${eosId}, got [${ids}]`,
    );
  }
  const wrong = ids.find((id) => !isId(tokenizer, id));
  if (wrong !== undefined) {
    throw new RangeError(
      `Cannot use a tokenizer: expected encode(${quoted}) to give ids below ${tokenizer.size}, ` +
        `got ${wrong}`,
    );
  }
  const back = tokenizer.decode(ids);
  if (back !== text) {
    throw new RangeError(
      `Cannot use a tokenizer: expected decode(encode(${quoted})) to be the text, ` +
        `got ${JSON.stringify(back)}`,
    );
  }
}

function isId({ size }: Tokenizer, id: number): boolean {
  return Number.isInteger(id) && id >= 0 && id < size;
}
