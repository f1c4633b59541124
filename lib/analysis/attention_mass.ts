import { mean, standardError } from "lib/core/mod.ts";

/** One sentence's attention, and the places between which to measure it. */
export interface AttentionQuestion {
  /** Attention weights [layers][H][T queries][T keys], as `inspect` of `lib/model` gives them. */
  readonly attention: readonly (readonly (readonly (readonly number[])[])[])[];
  /** The place that looks; for the prediction of the verb, this is the place before the verb. */
  readonly from: number;
  /** The places that are looked at, such as the noun's. */
  readonly onto: readonly number[];
}

/** How much one head looks at the places in question. */
export interface HeadMass {
  /** The head's block, from 0. */
  readonly layer: number;
  /** The head's number in its block, from 0. */
  readonly head: number;
  /** The mean share of its attention, from 0 to 1, that goes from `from` onto `onto`. */
  readonly mass: number;
  /** The standard error of that mean, due to the choice of sentences. */
  readonly standardError: number;
  /** The mean share for a head that looks equally at all places that it may see. */
  readonly chance: number;
}

/**
 * Measures how much each head looks from one place at others, averaged over sentences, and compares
 * it with chance: number of places looked at / number of places that may be seen.
 *
 * A head may look at these places for every word: measure another word too, such as the adjective.
 * A head that looks at a word need not use it: only the loss with the head switched off shows that.
 *
 * @param questions One question per sentence, at least two, all from the same model.
 * @returns The heads, layer by layer.
 * @throws {RangeError} If there are fewer than two questions, or a place is not in its sentence or
 *   comes after the place that looks.
 * @throws {TypeError} If the questions differ in their number of heads.
 *
 * @example
 * ```ts
 * import { attentionMass } from "lib/analysis/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const attention = [[[[1, 0], [0.75, 0.25]]]]; // one layer of one head
 * const question = { attention, from: 1, onto: [0] };
 * const [head] = attentionMass([question, question]);
 * assertEquals([head?.mass, head?.standardError, head?.chance], [0.75, 0, 0.5]);
 * ```
 */
export function attentionMass(questions: Iterable<AttentionQuestion>): HeadMass[] {
  const heads = new Map<string, { layer: number; head: number; masses: number[] }>();
  const chances: number[] = [];
  for (const { attention, from, onto } of questions) {
    chances.push(new Set(onto).size / (from + 1));
    for (const [layer, maps] of attention.entries()) {
      for (const [head, map] of maps.entries()) {
        const key = `${layer} ${head}`, known = heads.get(key) ?? { layer, head, masses: [] };
        known.masses.push(massOf(map, from, onto));
        heads.set(key, known);
      }
    }
  }
  if (chances.length < 2) {
    throw new RangeError(
      `Cannot measure attention: expected at least 2 sentences, got ${chances.length}`,
    );
  }
  const chance = mean(chances);
  return [...heads.values()].map(({ layer, head, masses }) => {
    if (masses.length !== chances.length) {
      throw new TypeError(
        `Cannot measure attention: expected layer ${layer} with head ${head} in all ` +
          `${chances.length} sentences, got it in ${masses.length}`,
      );
    }
    return { layer, head, mass: mean(masses), standardError: standardError(masses), chance };
  });
}

function massOf(
  map: readonly (readonly number[])[],
  from: number,
  onto: readonly number[],
): number {
  const row = map[from];
  if (row === undefined) throw outside(`a place below ${map.length} that looks`, from);
  let mass = 0;
  for (const place of new Set(onto)) {
    const weight = place <= from ? row[place] : undefined;
    if (weight === undefined) throw outside(`places from 0 to ${from} looked at`, place);
    mass += weight;
  }
  return mass;
}

function outside(rule: string, place: number): RangeError {
  return new RangeError(`Cannot measure attention: expected ${rule}, got ${place}`);
}

/** Where a word of a slot is predicted and where it is read, both counted from `<bos>` at 0. */
export interface SlotPlace {
  /** The place whose output predicts the word: the one before it. */
  readonly askedAt: number;
  /** The place at which the model reads the word. */
  readonly readAt: number;
}

/**
 * Finds the places of a slot's words in a sentence that begins with `<bos>`.
 *
 * @param slots The slot of each target, as a grammar's `slots` gives them.
 * @param slot The slot's name, such as `verb`.
 * @returns The slot's places in order; the target at t is predicted at place t and read at t + 1.
 *
 * @example
 * ```ts
 * import { slotPlaces } from "lib/analysis/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const slots = ["The", "adjective", "noun", "verb", "adverb", "<eos>"];
 * assertEquals(slotPlaces(slots, "verb"), [{ askedAt: 3, readAt: 4 }]);
 * ```
 */
export function slotPlaces(slots: readonly string[], slot: string): SlotPlace[] {
  return slots.flatMap((name, target) =>
    name === slot ? [{ askedAt: target, readAt: target + 1 }] : []
  );
}
