import { Random } from "lib/core/mod.ts";

/** Sentences for training and sentences for validation. */
export interface Split {
  /** The sentences that the model learns from. */
  readonly train: string[][];
  /** The sentences that it never learns from. */
  readonly validation: string[][];
}

/**
 * Splits sentences so that none is on both sides, even if the input has copies.
 *
 * The draw is over different sentences, and all copies of one go to its side. If one
 * splits first and removes copies later, the validation measures what was learned by heart.
 *
 * @param sentences The sentences; a list of words each.
 * @param options.validationShare Share of the different sentences, above 0 and below 1; default 0.1.
 * @param options.seed An integer.
 * @returns Both sides, each in the order of the input.
 * @throws {RangeError} If the share is out of range, or leaves one side without a sentence.
 *
 * @example
 * ```ts
 * import { splitCorpus } from "lib/data/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const sentences = [["a"], ["b"], ["a"], ["c"]];
 * const { train, validation } = splitCorpus(sentences, { validationShare: 1 / 3, seed: 1 });
 * assertEquals(train.length + validation.length, 4);
 * ```
 */
export function splitCorpus(
  sentences: readonly (readonly string[])[],
  { validationShare = 0.1, seed }: { readonly validationShare?: number; readonly seed: number },
): Split {
  if (!(validationShare > 0 && validationShare < 1)) {
    throw new RangeError(
      `Cannot split a corpus: expected a validation share between 0 and 1, got ${validationShare}`,
    );
  }
  const different = new Set(sentences.map(keyOf)),
    size = Math.round(validationShare * different.size);
  if (size === 0 || size === different.size) {
    throw new RangeError(
      `Cannot split a corpus: expected a sentence on both sides, got ${size} of ` +
        `${different.size} different ones for validation`,
    );
  }
  const held = new Set(new Random(seed).shuffle(different).slice(0, size));
  const side = (isHeld: boolean) =>
    sentences.filter((words) => held.has(keyOf(words)) === isHeld).map((words) => [...words]);
  return { train: side(false), validation: side(true) };
}

/** Words hold no blank, so the sentence's text tells sentences apart. */
function keyOf(words: readonly string[]): string {
  return words.join(" ");
}
