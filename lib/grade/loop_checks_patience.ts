import { check, expectEqual, expectThat, type Mistake } from "./check.ts";

/** What a training with patience is made from. */
export interface PatienceParts {
  /** Trains for one epoch. */
  readonly trainEpoch: () => void;
  /** Measures the model on one side of the split: the loss in nats. */
  readonly lossOn: (side: "train" | "validation") => number;
  /** Keeps the weights as they are now, in place of those kept under that name before. */
  readonly save: (name: "best" | "last") => void;
  /** Puts the weights kept under a name back. */
  readonly load: (name: "best" | "last") => void;
}

/** How a training with patience went. */
export interface PatienceResult {
  /** Epochs that were trained. */
  readonly epochs: number;
  /** The epoch with the lowest validation loss, counted from 1. */
  readonly bestEpoch: number;
  /** That loss, in nats. */
  readonly bestLoss: number;
}

/** A student's training with validation, early stopping, and the best checkpoint. */
export type TrainWithPatience = (
  parts: PatienceParts,
  limits: { readonly epochs: number; readonly patience: number },
) => PatienceResult;

/**
 * Checks exercise 3.8b: stop when it no longer improves, and keep the best.
 *
 * @param trainWithPatience The student's function.
 * @throws {CheckError} If it stops at another epoch, or keeps or ends with other weights.
 *
 * @example
 * ```ts
 * import { checkTrainWithPatience } from "lib/grade/mod.ts";
 *
 * await checkTrainWithPatience((parts, { epochs, patience }) => {
 *   let epoch = 0, bestEpoch = 0, bestLoss = Infinity;
 *   while (epoch < epochs && epoch - bestEpoch < patience) {
 *     parts.trainEpoch();
 *     epoch++;
 *     const loss = parts.lossOn("validation");
 *     parts.save("last");
 *     if (!(loss < bestLoss)) continue;
 *     bestLoss = loss;
 *     bestEpoch = epoch;
 *     parts.save("best");
 *   }
 *   parts.load("best");
 *   return { epochs: epoch, bestEpoch, bestLoss };
 * });
 * ```
 */
export async function checkTrainWithPatience(trainWithPatience: TrainWithPatience): Promise<void> {
  await check("trainWithPatience", () => {
    for (const story of STORIES) expectStory(trainWithPatience, story);
  });
}

interface Story {
  readonly losses: readonly number[];
  readonly patience: number;
  /** Epochs at most. */
  readonly limit: number;
  /** The epoch after which it stops. */
  readonly end: number;
  readonly best: number;
}

const STORIES: readonly Story[] = [
  { losses: [4, 3, 3.5, 3.6, 3.7, 3.8, 3.9, 4], patience: 3, limit: 8, end: 5, best: 2 },
  { losses: [4, 3, 3.5, 3.2, 3.6, 3.1, 3.3, 3.4], patience: 3, limit: 8, end: 5, best: 2 },
  { losses: [4, 4.1, 3.9, 4.2, 3.8, 4, 3.9, 3.7], patience: 2, limit: 8, end: 7, best: 5 },
  { losses: [4, 5, 4.8, 4.7, 4.6, 4.5], patience: 2, limit: 6, end: 3, best: 1 },
  { losses: [4, NaN, 4.1, 4.2, 3, 3], patience: 2, limit: 6, end: 3, best: 1 },
  { losses: [3, 3, 3, 3], patience: 2, limit: 4, end: 3, best: 1 },
  { losses: [5, 4, 3], patience: 2, limit: 3, end: 3, best: 3 },
];

function expectStory(trainWithPatience: TrainWithPatience, story: Story): void {
  const { losses, patience, limit } = story, kept = new Map<string, number>();
  let trained = 0, weights = 0, isTrainUsed = false, isValidationUsed = false;
  const parts: PatienceParts = {
    trainEpoch: () => {
      expectThat(trained < limit, `expected at most ${limit} epochs, got one more`);
      weights = ++trained;
    },
    lossOn: (side) => {
      if (side === "train") isTrainUsed = true;
      else isValidationUsed = true;
      return side === "train" ? 4 - trained / 10 : losses[trained - 1] ?? 9;
    },
    save: (name) => kept.set(name, weights),
    load: (name) => weights = kept.get(name) ?? NaN,
  };
  const got = trainWithPatience(parts, { epochs: limit, patience });
  const text = `validation losses ${losses.join(", ")} and patience ${patience}`;
  const isOnTrain = isTrainUsed && !isValidationUsed;
  const wrongSide: Mistake = {
    when: isOnTrain,
    says: "it is measured on the training sentences, which are learned by heart sooner or later: " +
      'ask lossOn("validation")',
  };
  expectThat(trained === story.end, `expected ${story.end} epochs with ${text}, got ${trained}`, [
    wrongSide,
    ...stopMistakes(story, trained),
  ]);
  expectKept(kept, weights, story, wrongSide);
  const expected = {
    epochs: story.end,
    bestEpoch: story.best,
    bestLoss: losses[story.best - 1] ?? NaN,
  };
  expectEqual(got, expected, { what: `the result with ${text}` });
}

function stopMistakes({ losses, patience, end }: Story, trained: number): Mistake[] {
  const hasNan = losses.some(Number.isNaN);
  const isPrevious = trained === stopAgainstPrevious(losses, patience);
  const isWithoutReset = trained === stopWithoutReset(losses, patience);
  return [
    { when: hasNan, says: "a loss of NaN is no improvement: ask whether loss < best" },
    {
      when: new Set(losses).size === 1,
      says: "a loss that only equals the best is no improvement: ask whether loss < best",
    },
    { when: isPrevious, says: "a loss is compared with the one before it: compare with the best" },
    {
      when: isWithoutReset && trained < end,
      says: "the patience is not renewed: an improvement sets the count of bad epochs back to 0",
    },
    {
      when: Math.abs(trained - end) === 1,
      says: "the patience is off by one: it stops as soon as `patience` epochs in a row were no " +
        "better than the best",
    },
    { when: trained > end, says: "it never stops early" },
  ];
}

function stopAgainstPrevious(losses: readonly number[], patience: number): number {
  let bad = 0;
  for (const [i, loss] of losses.entries()) {
    bad = loss < (losses[i - 1] ?? Infinity) ? 0 : bad + 1;
    if (bad === patience) return i + 1;
  }
  return losses.length;
}

function stopWithoutReset(losses: readonly number[], patience: number): number {
  let bad = 0, best = Infinity;
  for (const [i, loss] of losses.entries()) {
    if (!(loss < best)) bad++;
    best = Math.min(best, loss);
    if (bad === patience) return i + 1;
  }
  return losses.length;
}

function expectKept(
  kept: ReadonlyMap<string, number>,
  weights: number,
  { end, best }: Story,
  wrongSide: Mistake,
): void {
  const epochs = { best: kept.get("best"), last: kept.get("last") };
  const isSwapped = epochs.best === end && epochs.last === best && best !== end;
  const swapped: Mistake = {
    when: isSwapped,
    says: "best and last are swapped: every epoch is saved as last, an improvement as best too",
  };
  expectEqual(epochs, { best, last: end }, {
    what: "the epochs of the checkpoints",
    mistakes: [
      wrongSide,
      swapped,
      { when: epochs.best === end, says: "best is overwritten by epochs that are no better" },
      {
        when: epochs.last === undefined,
        says: "last is never saved: a stopped run goes on from it",
      },
      { when: epochs.last === best, says: "last is saved only with the best: save it every epoch" },
    ],
  });
  expectThat(
    weights === best,
    `expected to end with the weights of epoch ${best}, got those of ${weights}`,
    [{ when: weights === end, says: 'the best weights are not put back: load("best") at the end' }],
  );
}
