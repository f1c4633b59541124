/**
 * Made-up models for a test of causality: each sees the future in its own way, or not at all.
 *
 * @module
 */
import { callLimit, expectThat } from "lib/grade/mod.ts";
import type { LogitsOf } from "./parts.ts";

/** How much the logits at `position` depend on the token at `place`; 0 where they do not see it. */
export type Sees = (place: number, position: number, last: number) => number;

/** What a made-up model does with what it sees. */
export interface SuspectOptions {
  /** From the sum to the logits; default three of them, rising and falling. */
  readonly logits?: (past: number, future: number) => readonly number[];
}

const VOCAB_SIZE = 1000, MOST_CALLS = 1000;

/** Sees what a model may see. */
export const past: Sees = (place, position) => place <= position ? 1 : 0;

/** A model of sums over what it sees. */
export function suspect(sees: Sees, { logits = threeLogits }: SuspectOptions = {}): LogitsOf {
  return guarded((ids) =>
    ids.map((_, position) => {
      const sum = (isFuture: boolean) =>
        ids.reduce((total, id, place) => {
          if ((place > position) !== isFuture) return total;
          return total + sees(place, position, ids.length - 1) * Math.sin(id + 1);
        }, 0);
      return logits(sum(false), sum(true));
    })
  );
}

function threeLogits(before: number, after: number): number[] {
  return [before + after, 2 - before - after, (before + after) / 3];
}

/**
 * A model whose last logit moves to one side, by `step` for each later token that is not the one of
 * `known`: whoever looks at rising logits alone misses a falling one. It lies `below` the other logit.
 */
export function movingOneWay(known: readonly number[], step: number, below = 0): LogitsOf {
  return guarded((ids) =>
    ids.map((id, position) => {
      const changes = known.filter((token, place) => place > position && token !== ids[place]);
      return [id, id - below + step * changes.length];
    })
  );
}

/** Refuses ids that are none, and an answer that asks without end. */
function guarded(model: LogitsOf): LogitsOf {
  const count = callLimit(MOST_CALLS, "the logits");
  return (ids) => {
    count();
    const odd = ids.find((id) => !(Number.isInteger(id) && id >= 0 && id < VOCAB_SIZE));
    expectThat(odd === undefined, `expected ids from 0 to ${VOCAB_SIZE - 1}, got ${odd}`);
    return model(ids);
  };
}

/** A model whose sums round otherwise at each call, by up to 1e-5. */
export function rounding(model: LogitsOf): LogitsOf {
  let calls = 0;
  return (ids) => {
    const noise = 1e-5 * (calls++ % 2 === 0 ? 1 : -1);
    return model(ids).map((row) => row.map((logit) => logit + noise));
  };
}
