import { isSlot, type Pattern, type Slot } from "./pattern.ts";

/** The state of an unfinished sentence: what may still come, and the words that decide about it. */
export interface State {
  readonly rest: Pattern;
  readonly chosen: ReadonlyMap<Slot, string>;
}

/** One slot that may come next; no word fits two branches of a state. */
export interface Branch {
  readonly slot: Slot;
  /** The words it can hold here, all equally likely. */
  readonly words: readonly string[];
  /** How likely the slot comes next. */
  readonly probability: number;
  /** What may come after it. */
  readonly rest: Pattern;
}

/** The slots that may come next. */
export function branches({ rest, chosen }: State, probability = 1): Branch[] {
  const [first, ...others] = rest;
  if (first === undefined) return [];
  if (isSlot(first)) {
    return [{ slot: first, words: wordsOf(first, chosen), probability, rest: others }];
  }
  const taken = { rest: [...first.parts, ...others], chosen }, skipped = { rest: others, chosen };
  return [
    ...branches(taken, probability * first.probability),
    ...branches(skipped, probability * (1 - first.probability)),
  ];
}

/** The state after `word` filled the slot of `branch`. */
export function advance(state: State, branch: Branch, word: string): State {
  return { rest: branch.rest, chosen: new Map(state.chosen).set(branch.slot, word) };
}

function wordsOf(slot: Slot, chosen: ReadonlyMap<Slot, string>): readonly string[] {
  if (slot.given === undefined || slot.wordsAfter === undefined) return slot.words;
  const decisive = chosen.get(slot.given);
  if (decisive === undefined) {
    throw new TypeError(
      `Cannot fill a slot ${slot.name}: expected a slot ${slot.given.name} before it, got none`,
    );
  }
  return slot.wordsAfter(decisive);
}
