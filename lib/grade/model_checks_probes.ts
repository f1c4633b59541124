import { check, expectClose, expectThat } from "./check.ts";
import { isNear } from "./_model_numbers.ts";

/** From ids [T] to the logits at each position, [T][V]. */
export type LogitsOf = (ids: readonly number[]) => readonly (readonly number[])[];

/** What a made-up model's logits at `position` depend on: places that it sees. */
type Sees = (place: number, position: number, length: number) => boolean;

interface Suspect {
  readonly name: string;
  readonly sees: Sees;
  readonly says: string;
  /** How much the future counts; by default as much as the past. */
  readonly leak?: number;
}

const VOCAB_SIZE = 1000;
const IDS = [1, 4, 9, 7, 5, 2] as const;

const CAUSAL: Sees = (place, position) => place <= position;

/** Models that look ahead: each is missed by another way to look too little. */
const LEAKS: readonly Suspect[] = [
  {
    name: "a model without any mask",
    sees: () => true,
    says: "change a later token to another id, and compare the logits before it",
  },
  {
    name: "a model in which each place sees one token ahead",
    sees: (place, position) => place <= position + 1,
    says: "also the logits right before the changed token must stay as they were",
  },
  {
    name: "a model in which the first place sees the last token",
    sees: (place, position, T) => CAUSAL(place, position, T) || (position === 0 && place === T - 1),
    says: "compare all places before the changed token, also those far away",
  },
  {
    name: "a model in which place 1 sees place 3",
    sees: (place, position) => place <= position || (position === 1 && place === 3),
    says: "change each later token in turn, not only the last one or the first",
  },
  {
    name: "a model that looks ahead a little",
    sees: () => true,
    leak: 0.01,
    says: "a change of 0.01 is far above rounding: it is a leak too",
  },
];

/**
 * Checks a test for causality by models made up for it: some see ahead, each in its own way.
 *
 * @param isCausal Whether no change of a later token changes an earlier place's logits; differences
 *   up to 1e-4 are rounding.
 * @throws {CheckError} If a model is judged wrongly, or asked with ids outside 0..999.
 *
 * @example
 * ```ts
 * import { checkIsCausal } from "lib/grade/mod.ts";
 *
 * await checkIsCausal((logitsOf, ids) => {
 *   const before = logitsOf(ids);
 *   return ids.every((id, changed) => {
 *     const after = logitsOf(ids.with(changed, id === 5 ? 6 : 5)).slice(0, changed);
 *     return after.every((row, t) =>
 *       row.every((logit, v) => Math.abs(logit - (before[t]?.[v] ?? NaN)) < 1e-4)
 *     );
 *   });
 * });
 * ```
 */
export function checkIsCausal(
  isCausal: (logitsOf: LogitsOf, ids: readonly number[]) => boolean,
): Promise<void> {
  return check("isCausal", () => {
    const ids = [...IDS], judge = (model: LogitsOf) => isCausal(model, ids);
    expectThat(
      judge(modelThat(CAUSAL)) === true,
      "expected true for a causal model, got false",
      [{
        when: true,
        says:
          "only places before the changed token must stay: at it and after it logits may change",
      }],
    );
    expectThat(
      judge(withNoise(modelThat(CAUSAL))) === true,
      "expected true for a causal model whose sums round differently at each call, got false",
      [{ when: true, says: "compare with a tolerance of 1e-4: === takes rounding for a leak" }],
    );
    for (const { name, sees, says, leak = 1 } of LEAKS) {
      expectThat(
        judge(modelThat(sees, leak)) === false,
        `expected false for ${name}, got true`,
        [{ when: true, says }],
      );
    }
    expectThat(
      String(ids) === String(IDS),
      `expected the ids to be left as they were, got ${ids}; change a copy, ids.with(place, id)`,
    );
  });
}

/** A model of sums: past and present count fully, the future by `leak`. */
function modelThat(sees: Sees, leak = 1): LogitsOf {
  return (ids) => {
    const odd = ids.find((id) => !(Number.isInteger(id) && id >= 0 && id < VOCAB_SIZE));
    expectThat(
      odd === undefined && ids.length === IDS.length,
      `expected ${IDS.length} ids from 0 to ${VOCAB_SIZE - 1}, got ${odd ?? ids.length}`,
    );
    return ids.map((_, position) => {
      const seen = ids.reduce((sum, id, place) => {
        const weight = sees(place, position, ids.length) ? place > position ? leak : 1 : 0;
        return sum + weight * Math.sin(id + 1);
      }, 0);
      return [seen, 2 - seen, seen / 3];
    });
  };
}

function withNoise(model: LogitsOf): LogitsOf {
  let calls = 0;
  return (ids) => {
    const noise = 1e-6 * calls++;
    return model(ids).map((row) => row.map((logit) => logit + noise));
  };
}

/** Of float32, and more. */
const ROUNDING = 1e-5;

/** What the lists of the check give by other measures. */
const DIFFERENCE_MISTAKES: readonly [number, string][] = [
  [0.3, "differences below 0 count too: take |a − b|, by Math.abs"],
  [0.2, "that is the mean: one wrong number among many would hide in it"],
  [0.8, "that is the sum: take the largest"],
  [Math.sqrt(0.34), "that is the root of the sum of squares: take the largest"],
  [Math.sqrt(0.34 / 4), "that is the root of the mean square: take the largest"],
  [0.25, "that is its square: take |a − b|"],
];

/** As many numbers as two weights of the exercise's model: too many for arguments of a function. */
const MANY = 300_000;

/**
 * Checks a measure of how far two lists of numbers are apart: the largest |a − b|, NaN if one is NaN.
 *
 * @param worstDifference From two lists of the same length to the largest difference.
 * @throws {CheckError} If a difference is not seen; the message says what was passed over.
 *
 * @example
 * ```ts
 * import { checkWorstDifference } from "lib/grade/mod.ts";
 *
 * await checkWorstDifference((a, b) =>
 *   a.reduce((worst, x, i) => Math.max(worst, Math.abs(x - (b[i] ?? NaN))), 0)
 * );
 * ```
 */
export function checkWorstDifference(
  worstDifference: (a: Float32Array, b: Float32Array) => number,
): Promise<void> {
  const of = (a: readonly number[], b: readonly number[]) =>
    worstDifference(Float32Array.from(a), Float32Array.from(b));
  return check("worstDifference", () => {
    const a = [1, 3, 3, 4], b = [1, 3.5, 2.7, 4];
    for (const [first, second] of [[a, b], [b, a]] as const) {
      const answer = of(first, second);
      expectClose(answer, 0.5, {
        what: `the worst difference of [${first}] and [${second}]`,
        mistakes: DIFFERENCE_MISTAKES.map(([value, says]) => ({
          when: isNear(answer, value, ROUNDING),
          says,
        })),
      });
    }
    expectClose(of([1, 2], [1, 2]), 0, { what: "the worst difference of equal lists" });
    for (const [first, second] of [[[1, NaN, 3], [1, 2, 3]], [[1, 2, 3], [1, NaN, 3]]] as const) {
      const answer = of(first, second);
      expectThat(Number.isNaN(answer), `expected NaN where a number is NaN, got ${answer}`, [{
        when: true,
        says: "NaN > x is false, so `if` passes it over: Math.max hands it on",
      }]);
    }
    const many = new Float32Array(MANY), other = new Float32Array(MANY).fill(0.5, MANY - 1);
    expectClose(worstDifference(many, other), 0.5, {
      what: `the worst difference of ${MANY} numbers, of which the last differs,`,
    });
  }, [{
    when: () => overflows(worstDifference),
    says: "Math.max(...numbers) hands each number over as an argument: too many; use a loop",
  }]);
}

function overflows(worstDifference: (a: Float32Array, b: Float32Array) => number): boolean {
  try {
    worstDifference(new Float32Array(MANY), new Float32Array(MANY));
    return false;
  } catch (error) {
    return error instanceof RangeError;
  }
}
