import { exercise, type WrongAnswer } from "lib/grade/mod.ts";

/** A gap to the oracle with its standard error, in nats. */
type Gap = { readonly gap: number; readonly error: number };
type Kind = "leak" | "overfitting" | "underfitting" | "good fit" | "unknown";
type Answer = (train: Gap, validation: Gap) => Kind;

const SMALL = 0.1;

/** The verdict with one of its rules changed. */
const altered = (rules: {
  readonly isLeak?: (validation: Gap) => boolean;
  readonly byHeart?: (train: Gap, validation: Gap) => number;
  readonly small?: number;
  readonly errors?: number;
  readonly isChecked?: boolean;
  readonly isTrainFirst?: boolean;
}): WrongAnswer<Answer> =>
(train, validation) => {
  const { small = SMALL, errors = 3, isChecked = true } = rules;
  const numbers = [train.gap, train.error, validation.gap, validation.error];
  if (isChecked && !numbers.every(Number.isFinite)) return "unknown";
  const isLeak = rules.isLeak ?? (({ gap, error }: Gap) => gap < -3 * error);
  if (isLeak(validation)) return "leak";
  const byHeart = rules.byHeart?.(train, validation) ?? validation.gap - train.gap;
  const byHeartError = Math.hypot(train.error, validation.error);
  const isUnder = train.gap > Math.max(small, errors * train.error);
  const isOver = byHeart > Math.max(small, errors * byHeartError);
  if (rules.isTrainFirst && isUnder) return "underfitting";
  if (isOver && byHeart > train.gap) return "overfitting";
  if (isUnder) return "underfitting";
  return isOver ? "overfitting" : "good fit";
};

const given = (train: [number, number], validation: [number, number]) => (): Parameters<Answer> => [
  { gap: train[0], error: train[1] },
  { gap: validation[0], error: validation[1] },
];

/** 4.6: what a trained model's gaps on seen and on new sentences say. */
export default exercise<Answer>({
  name: "verdictOf",
  reference: altered({}) as Answer, // gives a kind
  returns: "text",
  cases: {
    "gaps 0.02 and 0.03": given([0.02, 0.01], [0.03, 0.01]),
    "gaps −0.3 on seen, 0.4 on new sentences": given([-0.3, 0.01], [0.4, 0.01]),
    "gaps 0.9 and 0.95": given([0.9, 0.02], [0.95, 0.02]),
    "gaps 0.5 and 0.75: both, more of it is not learned": given([0.5, 0.01], [0.75, 0.01]),
    "gaps 0.2 and 0.9: both, more of it is by heart": given([0.2, 0.01], [0.9, 0.01]),
    "0.05 below the oracle on new sentences, with an error of 0.01": given([0, 0.01], [
      -0.05,
      0.01,
    ]),
    "0.025 below the oracle, with an error of 0.01": given([0, 0.01], [-0.025, 0.01]),
    "below the oracle on both, far more on seen sentences": given([-0.5, 0.01], [-0.05, 0.01]),
    "0.05 below the oracle, with an error of 0.01, and of 0.05 on seen ones": given([0, 0.05], [
      -0.05,
      0.01,
    ]),
    "0.025 below the oracle, with an error of 0.01, and of 0.001 on seen ones": given([0, 0.001], [
      -0.025,
      0.01,
    ]),
    "an error that is NaN": given([0.02, NaN], [0.03, 0.01]),
    "an infinite error": given([0.02, Infinity], [0.03, 0.01]),
    "an infinite error on new sentences": given([0.02, 0.01], [0.03, Infinity]),
    "a difference of 0.15 with errors of 0.05": given([0.02, 0.05], [0.17, 0.05]),
    "a gap of 0.2 with an error of 0.1": given([0.2, 0.1], [0.2, 0.1]),
    "a small difference that is surely there": given([0.02, 0.001], [0.08, 0.001]),
    "a small gap that is surely there": given([0.06, 0.001], [0.06, 0.001]),
    "a difference of exactly 3 errors": given([0, 0], [0.75, 0.25]),
    "a gap of exactly 3 errors": given([0.75, 0.25], [0.75, 0.25]),
    "exactly 3 errors below the oracle": given([0, 0.25], [-0.75, 0.25]),
    "a difference of 0.15 with errors of 0.01": given([0.02, 0.01], [0.17, 0.01]),
    "a difference of 3.5 errors": given([0, 0], [0.35, 0.1]),
    "a gap of 0.15 with an error of 0.01": given([0.15, 0.01], [0.15, 0.01]),
    "a validation gap that is NaN": given([0.02, 0.01], [NaN, 0.01]),
    "a training gap that is NaN": given([NaN, 0.01], [0.02, 0.01]),
    "an infinite validation gap": given([0.02, 0.01], [Infinity, 0.01]),
  },
  drawn: (random) => {
    const gap = () => ({ gap: random.normal() / 3, error: random.uniform() / 10 });
    return [gap(), gap()];
  },
  mistakes: {
    "NaN passes every comparison: what is no number must not be called a good fit": altered({
      isChecked: false,
    }),
    "there is no look at the leak: below the oracle by more than 3 errors something is wrong":
      altered({
        isLeak: () => false,
      }),
    "every gap below 0 is called a leak: luck alone gives some, up to 3 errors": altered({
      isLeak: ({ gap }) => gap < 0,
    }),
    "what is learned by heart is the *difference* of the two gaps": altered({
      byHeart: (_train, validation) => validation.gap,
    }),
    "the difference has its sign turned: validation minus train": altered({
      byHeart: (train, validation) => train.gap - validation.gap,
    }),
    "errors are not looked at: a difference within 3 of them may be luck": altered({ errors: 0 }),
    "small differences count here: below 0.1 nats nothing is worth a name": altered({ small: 0 }),
    "where both are large, the larger one names the verdict": altered({ isTrainFirst: true }),
    "overfitting and underfitting have changed places": (train, validation) => {
      const kind = altered({})(train, validation);
      return kind === "overfitting"
        ? "underfitting"
        : kind === "underfitting"
        ? "overfitting"
        : kind;
    },
    "one answer for all": () => "good fit",
  },
  styles: {
    "a table of rules": (train, validation) => {
      const heart = validation.gap - train.gap;
      const error = Math.sqrt(train.error ** 2 + validation.error ** 2);
      const isHeart = heart > 0.1 && heart > 3 * error,
        isLeft = train.gap > 0.1 &&
          train.gap > 3 * train.error;
      const rules: [boolean, Kind][] = [
        [!Number.isFinite(train.gap + train.error + validation.gap + validation.error), "unknown"],
        [validation.gap / validation.error < -3, "leak"],
        [isHeart && isLeft, heart > train.gap ? "overfitting" : "underfitting"],
        [isHeart, "overfitting"],
        [isLeft, "underfitting"],
        [true, "good fit"],
      ];
      return rules.find(([holds]) => holds)?.[1] ?? "unknown";
    },
    "early returns": (train, validation) => {
      for (const { gap, error } of [train, validation]) {
        if (!Number.isFinite(gap) || !Number.isFinite(error)) return "unknown";
      }
      if (validation.gap + 3 * validation.error < 0) return "leak";
      const heart = validation.gap - train.gap;
      const isReal = (size: number, error: number) => size > 0.1 && size > 3 * error;
      const isOver = isReal(heart, Math.hypot(train.error, validation.error));
      const isUnder = isReal(train.gap, train.error);
      if (isOver && !(isUnder && train.gap >= heart)) return "overfitting";
      return isUnder ? "underfitting" : "good fit";
    },
  },
});
