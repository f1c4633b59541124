import { mean, standardError } from "lib/core/mod.ts";

/** One sentence's attention, and the places between which it is measured. */
export interface AttentionQuestion {
  /** Attention weights [layers][H][T asking][T looked at], as `inspect` of `lib/model` gives them. */
  readonly attention: readonly (readonly (readonly (readonly number[])[])[])[];
  /** The place that looks: to predict the verb, that is the place before it. */
  readonly from: number;
  /** The places looked at, such as the noun's. */
  readonly onto: readonly number[];
}

/** How much one head looks where it is asked about. */
export interface HeadMass {
  /** The head's block, from 0. */
  readonly layer: number;
  /** Its number in the block, from 0. */
  readonly head: number;
  /** The mean share of its attention, from 0 to 1, that goes from `from` onto `onto`. */
  readonly mass: number;
  /** How far that mean may be off by the choice of sentences, as one standard deviation. */
  readonly standardError: number;
  /** The mean share that a head would give them that looks at all it may see alike. */
  readonly chance: number;
}

/**
 * Measures how much each head looks from one place onto others, averaged over sentences, beside what
 * chance would give: places looked at / places to be seen.
 *
 * A head can look somewhere out of habit: ask the same about another word too, such as the adjective.
 * And looking is not using: only with the head switched off does the loss tell.
 *
 * @param questions A sentence each, at least two, all of one model.
 * @returns The heads, layer by layer.
 * @throws {RangeError} If there are fewer than two questions, or a place is not in its sentence or
 *   lies behind the one that looks.
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

/** Where a word of a slot is predicted and where it stands, both counted from `<bos>` at 0. */
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
