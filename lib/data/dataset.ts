/** What a data set asks of a tokenizer. */
export interface Encoder {
  /** Turns text into ids, `<bos>` first and `<eos>` last. */
  encode(text: string): Int32Array;
  /** V, where it is known: ids are 0 to `size` − 1. */
  readonly size?: number;
}

/** Examples, ready to be put into batches. */
export interface Dataset {
  /** How many there are. */
  readonly size: number;
  /** The number of ids of each example, `<bos>` and `<eos>` counted. */
  readonly lengths: readonly number[];
  /**
   * The ids of one example: int32 [its length], shared with the data set, not to be changed.
   *
   * @throws {RangeError} If there is no such example.
   */
  at(index: number): Int32Array;
}

/**
 * Encodes sentences once, so that an epoch costs no tokenizing.
 *
 * @param sentences The sentences, a list of words each.
 * @param encoder A tokenizer; it gets the words joined by single blanks.
 * @returns The data set, in the order of `sentences`.
 * @throws {RangeError} If there is no sentence, or an id is negative or not below the encoder's size.
 * @throws {TypeError} If the encoder gives no Int32Array, or fewer than two ids.
 *
 * @example
 * ```ts
 * import { createDataset } from "lib/data/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const encoder = { encode: (text: string) => Int32Array.of(1, text.length, 2) };
 * const dataset = createDataset([["The", "dog"]], encoder);
 * assertEquals([...dataset.at(0)], [1, 7, 2]);
 * ```
 */
export function createDataset(
  sentences: readonly (readonly string[])[],
  encoder: Encoder,
): Dataset {
  if (sentences.length === 0) {
    throw new RangeError("Cannot make a data set: expected at least one sentence, got none");
  }
  const examples = sentences.map((words) => encodeExample(words.join(" "), encoder));
  return Object.freeze({
    size: examples.length,
    lengths: Object.freeze(examples.map((ids) => ids.length)),
    at(index: number): Int32Array {
      const example = examples[index];
      if (example === undefined) {
        throw new RangeError(
          `Cannot read an example: expected an index below ${examples.length}, got ${index}`,
        );
      }
      return example;
    },
  });
}

function encodeExample(text: string, encoder: Encoder): Int32Array {
  const ids: unknown = encoder.encode(text); // a student's encoder may give anything
  if (!(ids instanceof Int32Array) || ids.length < 2) {
    const got = ids instanceof Int32Array ? `${ids.length} ids` : typeof ids;
    throw new TypeError(
      `Cannot make a data set: expected an Int32Array with <bos> and <eos>, got ${got} ` +
        `for ${JSON.stringify(text)}`,
    );
  }
  // Here, on the host: a compiled step would take the nearest row of the table without a word.
  const { size = Infinity } = encoder, wrong = ids.find((id) => !(id >= 0 && id < size));
  if (wrong !== undefined) {
    const rule = size === Infinity ? "ids from 0" : `ids from 0 to ${size - 1}`;
    throw new RangeError(
      `Cannot make a data set: expected ${rule}, got ${wrong} for ${JSON.stringify(text)}`,
    );
  }
  return ids;
}
