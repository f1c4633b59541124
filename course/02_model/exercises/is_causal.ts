import { exercise, type WrongAnswer } from "lib/grade/mod.ts";
import { isCausal, type LogitsOf } from "../parts.ts";
import { movingOneWay, past, rounding, type Sees, suspect } from "../suspects.ts";

type Answer = typeof isCausal;

/** At each place a leak is shown alone, stands an id that someone may put in: 1, 999, 7, 5 and 0. */
const IDS = [2, 1, 999, 7, 5, 0], SHORT = [0, 5, 6];

/** A test that changes some places and compares some others. */
interface Probe {
  readonly changed?: (T: number) => readonly number[];
  readonly compared?: (changed: number, T: number) => readonly [from: number, to: number];
  readonly other?: (id: number) => number;
  readonly isSame?: (after: number, before: number) => boolean;
  readonly row?: (row: readonly number[]) => readonly number[];
}

const probeWith = (lines: Probe): WrongAnswer<Answer> => (logitsOf, ids) => {
  const { changed = (T) => [...Array(T).keys()], compared = (place) => [0, place] } = lines;
  const { other = (id) => id === 5 ? 6 : 5, row = (all) => all } = lines;
  const { isSame = (after, before) => Math.abs(after - before) <= 1e-4 } = lines;
  const before = logitsOf(ids);
  return changed(ids.length).every((place) => {
    const after = logitsOf(ids.with(place, other(ids[place] ?? 0)));
    const [from, to] = compared(place, ids.length);
    return after.slice(from, to).every((logits, t) =>
      row(logits).every((logit, v) => isSame(logit, row(before[from + t] ?? [])[v] ?? NaN))
    );
  });
};

/** Sees the past, and of the future what is said. */
const peeking = (sees: Sees): Sees => (place, position, last) =>
  place <= position ? 1 : sees(place, position, last);

/** Ids that someone may put in for another one: where one of them stands, no change is made. */
const MANY_IDS = [
  8,
  1,
  2,
  3,
  4,
  5,
  6,
  7,
  9,
  10,
  11,
  12,
  13,
  17,
  20,
  42,
  50,
  99,
  100,
  123,
  500,
  998,
  999,
  0,
];

/** Sees the past, and one later place from one earlier. */
const oneLeak = (from: number, to: number) => () =>
  suspect(peeking((place, position) => position === from && place === to ? 1 : 0));

const asked = (model: () => LogitsOf, ids: readonly number[] = IDS) => (): Parameters<Answer> => [
  model(),
  [...ids],
];

const EACH = "change each later token in turn, not only the last one or the first";
const LATER =
  "change each later token to another id; every logit before it must stay: every, not some";

/** 2.6b: whether a model sees the future. */
export default exercise<Answer>({
  name: "isCausal",
  reference: isCausal,
  returns: "boolean",
  cases: {
    "a causal model": asked(() => suspect(past)),
    "a causal model, ids 0, 5 and 6": asked(() => suspect(past), SHORT),
    "a causal model whose sums round otherwise at each call": asked(() => rounding(suspect(past))),
    "a model that sees its own token alone": asked(() =>
      suspect((place, t) => place === t ? 1 : 0)
    ),
    "one id": asked(() => suspect(peeking(() => 1)), [3]),
    "a model without any mask": asked(() => suspect(peeking(() => 1))),
    "a model without any mask, two ids": asked(() => suspect(peeking(() => 1)), [0, 999]),
    "a model in which each place sees one token ahead": asked(() =>
      suspect(peeking((place, position) => place === position + 1 ? 1 : 0))
    ),
    "a model in which place 0 sees place 1": asked(oneLeak(0, 1)),
    "a model in which place 1 sees place 2": asked(oneLeak(1, 2)),
    "a model in which place 1 sees place 3": asked(oneLeak(1, 3)),
    "a model in which place 3 sees place 4": asked(oneLeak(3, 4)),
    "a model in which place 0 sees the last token": asked(oneLeak(0, 5)),
    "a model in which place 2 sees the last token": asked(oneLeak(2, 5)),
    "a model in which place 4 sees the last token": asked(oneLeak(4, 5)),
    "a model that looks ahead a little": asked(() => suspect(peeking(() => 1e-3))),
    "a model whose smallest logit leaks, and rises": asked(() => movingOneWay(IDS, 0.5, 9)),
    "a model whose last logit moves by 1.5e-4": asked(() => movingOneWay(IDS, 1.5e-4)),
    "a model whose last logit moves by 1e-5, which is rounding": asked(() =>
      movingOneWay(IDS, 1e-5)
    ),
    "a model whose last logit alone leaks, and rises": asked(() => movingOneWay(IDS, 1)),
    "a model whose last logit alone leaks, and falls": asked(() => movingOneWay(IDS, -1)),
    "a model in which one logit gains what another loses": asked(() =>
      suspect(peeking(() => 1), { logits: (before, after) => [before + after, -before - after] })
    ),
  },
  probes: {
    "models in which one place sees the next one, for many ids": (answer) =>
      MANY_IDS.slice(1).map((_, place) => answer(oneLeak(place, place + 1)(), [...MANY_IDS])),
  },
  mistakes: {
    "the answer is the wrong way round: true is for a model that does not look ahead": (...args) =>
      !isCausal(...args),
    [LATER]: [
      () => true,
      (logitsOf, ids) =>
        ids.some((_, place) => probeWith({ changed: () => [place] })(logitsOf, ids) === true),
      probeWith({ changed: () => [0] }),
      probeWith({ other: (id) => id }),
    ],
    "only places before the changed token must stay: at it and after it logits may change": [
      () => false,
      probeWith({ compared: (_, T) => [0, T] }),
      probeWith({ compared: (place) => [0, place + 1] }),
      probeWith({ compared: (place, T) => [place, T] }),
    ],
    "compare all places before the changed token, not the one right before it alone": probeWith({
      compared: (place) => [Math.max(0, place - 1), place],
    }),
    "compare all places before the changed token, not the first alone": probeWith({
      compared: (place) => [0, Math.min(1, place)],
    }),
    "also the logits right before the changed token must stay as they were": probeWith({
      compared: (place) => [0, Math.max(0, place - 1)],
    }),
    [EACH]: [
      probeWith({ changed: (T) => [T - 1] }),
      probeWith({ changed: (T) => T > 1 ? [1] : [] }),
      probeWith({ changed: (T) => [Math.floor(T / 2)] }),
      probeWith({ changed: (T) => [...Array(Math.max(0, T - 1)).keys()] }),
    ],
    "compare with a tolerance of 1e-4: === takes rounding for a leak": probeWith({
      isSame: (after, before) => after === before,
    }),
    "a change of 1e-3 is far above rounding: it is a leak too": [0.1, 0.01, 1].map((most) =>
      probeWith({ isSame: (after, before) => Math.abs(after - before) <= most })
    ),
    "logits may fall as well as rise: take the size of the difference, by Math.abs": [
      probeWith({ isSame: (after, before) => after - before <= 1e-4 }),
      probeWith({ isSame: (after, before) => before - after <= 1e-4 }),
    ],
    "compare all logits of a place, not the first alone": probeWith({
      row: (row) => row.slice(0, 1),
    }),
    "compare each logit, not their sum: what one gains another can lose": probeWith({
      row: (row) => [row.reduce((sum, logit) => sum + logit, 0)],
    }),
    "compare each logit, not only which is the largest": probeWith({
      row: (row) => [row.indexOf(Math.max(...row))],
    }),
    "an id is one of 0 to 999: id + 1 is none for the last": [
      probeWith({ other: (id) => id + 1 }),
      probeWith({ other: (id) => id + 1000 }),
    ],
    "id − 1 is no id for 0": probeWith({ other: (id) => id - 1 }),
    "the id put in can be the one that stands there: take another one then": [
      probeWith({ other: () => 5 }),
      probeWith({ other: () => 0 }),
      probeWith({ other: () => 999 }),
      probeWith({ other: () => 7 }),
      probeWith({ other: () => 1 }),
      probeWith({ other: () => 42 }),
    ],
    "work on a copy, ids.with(place, id): the ids were changed": (logitsOf, ids) => {
      const isRight = isCausal(logitsOf, ids);
      (ids as number[])[0] = 7; // what TypeScript forbids, JavaScript does
      return isRight;
    },
  },
  styles: {
    "each prefix against the whole": (logitsOf, ids) => {
      const whole = logitsOf(ids);
      for (let n = 1; n < ids.length; n++) {
        for (const [t, row] of logitsOf(ids.slice(0, n)).entries()) {
          if (row.some((logit, v) => Math.abs(logit - (whole[t]?.[v] ?? NaN)) > 1e-4)) return false;
        }
      }
      return true;
    },
    "all later tokens changed at once": (logitsOf, ids) => {
      const before = logitsOf(ids);
      for (let place = 0; place < ids.length; place++) {
        const after = logitsOf(ids.map((id, t) => t > place ? (id + 1) % 1000 : id));
        const moved = after[place]?.map((logit, v) => Math.abs(logit - (before[place]?.[v] ?? 0)));
        if (Math.max(...moved ?? []) > 1e-4) return false;
      }
      return true;
    },
  },
});
