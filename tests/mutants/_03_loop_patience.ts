import {
  checkTrainWithPatience,
  type PatienceParts,
  type TrainWithPatience,
} from "lib/grade/mod.ts";
import { type Exercise, exercise } from "./_exercise.ts";

/** What a wrong training with patience does otherwise. */
interface Patience {
  readonly side?: "train" | "validation";
  readonly isBetter?: (loss: number, best: number, before: number) => boolean;
  readonly allowed?: (patience: number) => number;
  readonly isRenewed?: boolean;
  readonly save?: (parts: PatienceParts, isBetter: boolean) => void;
  readonly load?: "best" | "last" | "none";
}

function saveRight(parts: PatienceParts, isBetter: boolean): void {
  parts.save("last");
  if (isBetter) parts.save("best");
}

const patient = (way: Patience): TrainWithPatience => (parts, { epochs, patience }) => {
  const { side = "validation", isBetter = (loss, best) => loss < best, load = "best" } = way;
  const { isRenewed = true, save = saveRight } = way;
  let epoch = 0, bad = 0, before = Infinity, bestEpoch = 0, bestLoss = Infinity;
  while (epoch < epochs && bad < (way.allowed?.(patience) ?? patience)) {
    parts.trainEpoch();
    epoch++;
    const loss = parts.lossOn(side), isGood = isBetter(loss, bestLoss, before);
    save(parts, isGood);
    if (isGood && isRenewed) bad = 0;
    if (!isGood) bad++;
    if (isGood) [bestEpoch, bestLoss] = [epoch, loss];
    before = loss;
  }
  if (load !== "none") parts.load(load);
  return { epochs: epoch, bestEpoch, bestLoss };
};

const PATIENCE = exercise<TrainWithPatience>("trainWithPatience", checkTrainWithPatience, [
  ["patience off by one, late", patient({ allowed: (n) => n + 1 }), /the patience is off by one/],
  ["patience off by one, early", patient({ allowed: (n) => n - 1 }), /the patience is off by one/],
  ["patience not renewed", patient({ isRenewed: false }), /the patience is not renewed/],
  [
    "compared with the loss before",
    patient({ isBetter: (loss, _best, before) => loss < before }),
    /compared with the one before/,
  ],
  ["never stops", patient({ allowed: () => Infinity }), /it never stops early/],
  ["validation on training data", patient({ side: "train" }), /measured on the training sentences/],
  [
    "best and last swapped",
    patient({
      save: (parts, isBetter) => {
        parts.save("best");
        if (isBetter) parts.save("last");
      },
    }),
    /best and last are swapped/,
  ],
  [
    "best overwritten",
    patient({
      save: (parts) => {
        parts.save("last");
        parts.save("best");
      },
    }),
    /best is overwritten/,
  ],
  [
    "last never saved",
    patient({
      save: (parts, isBetter) => {
        if (isBetter) parts.save("best");
      },
    }),
    /last is never saved/,
  ],
  [
    "the limit forgotten",
    (parts, { patience }) => patient({})(parts, { epochs: 99, patience }),
    /expected at most 3 epochs, got one more/,
  ],
  [
    "epochs counted from 0",
    (parts, limits) => {
      const { epochs, bestEpoch, bestLoss } = patient({})(parts, limits);
      return { epochs, bestEpoch: bestEpoch - 1, bestLoss };
    },
    /expected the result .* to be 2 at \.bestEpoch, got 1/,
  ],
  [
    "last only with best",
    patient({
      save: (parts, isBetter) => {
        if (!isBetter) return;
        parts.save("last");
        parts.save("best");
      },
    }),
    /last is saved only with the best/,
  ],
  ["last weights kept", patient({ load: "none" }), /best weights are not put back/],
  ["last weights loaded", patient({ load: "last" }), /best weights are not put back/],
  [
    "a loss of NaN is an improvement",
    patient({ isBetter: (loss, best) => !(loss >= best) }),
    /NaN is no improvement/,
  ],
  [
    "an equal loss is an improvement",
    patient({ isBetter: (loss, best) => loss <= best }),
    /only equals the best/,
  ],
]);

/** The exercise about early stopping. */
export const PATIENCE_EXERCISES: readonly Exercise[] = [PATIENCE];
