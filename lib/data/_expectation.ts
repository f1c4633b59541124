import { isSlot, type Pattern, type Slot } from "./pattern.ts";

/** A slot, and the probability that a sentence has it. */
interface Occurrence {
  readonly slot: Slot;
  readonly probability: number;
}

/** The slots of a pattern; whether an optional part is there does not depend on the words. */
export function occurrences(pattern: Pattern, probability = 1): Occurrence[] {
  return pattern.flatMap((part) =>
    isSlot(part)
      ? [{ slot: part, probability }]
      : occurrences(part.parts, probability * part.probability)
  );
}

/** The mean number of targets of a sentence, `<eos>` among them. */
export function meanTargets(pattern: Pattern): number {
  return occurrences(pattern).reduce((sum, { probability }) => sum + probability, 0);
}

/** The entropy of a whole sentence in nats, by the chain rule: a term for every choice. */
export function sentenceEntropy(pattern: Pattern): number {
  return pattern.reduce(
    (sum, part) => sum + (isSlot(part) ? slotEntropy(part) : optionEntropy(part)),
    0,
  );
}

function optionEntropy({ probability: p, parts }: { probability: number; parts: Pattern }): number {
  const coin = [p, 1 - p].reduce((sum, q) => q === 0 ? sum : sum - q * Math.log(q), 0);
  return coin + p * sentenceEntropy(parts);
}

/** Mean of ln |words left|: all words left are equally likely. */
function slotEntropy(slot: Slot): number {
  const { given, wordsAfter } = slot;
  if (given === undefined || wordsAfter === undefined) return Math.log(slot.words.length);
  return [...marginal(given)].reduce(
    (sum, [word, probability]) => sum + probability * Math.log(wordsAfter(word).length),
    0,
  );
}

/** The probability of each word in a slot, over all possible words before it. */
export function marginal(slot: Slot): Map<string, number> {
  const { given, wordsAfter } = slot, result = new Map<string, number>();
  const spread = (words: readonly string[], probability: number) => {
    for (const word of words) {
      result.set(word, (result.get(word) ?? 0) + probability / words.length);
    }
  };
  if (given === undefined || wordsAfter === undefined) spread(slot.words, 1);
  else for (const [word, probability] of marginal(given)) spread(wordsAfter(word), probability);
  return result;
}
