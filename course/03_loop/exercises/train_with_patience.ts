import { callLimit, exercise, expectThat, type WrongAnswer } from "lib/grade/mod.ts";
import type { PatienceLimits, PatienceParts, PatienceResult } from "../loop.ts";

type Answer = (parts: PatienceParts, limits: PatienceLimits) => PatienceResult;

/** Where a wrong training with patience leaves the right way. */
interface Way {
  readonly side?: "train" | "validation";
  readonly isBetter?: (loss: number, best: number, before: number) => boolean;
  readonly allowed?: (patience: number) => number;
  readonly isRenewed?: boolean;
  readonly save?: (parts: PatienceParts, isBetter: boolean) => void;
  readonly afterBad?: (parts: PatienceParts) => void;
  readonly load?: (parts: PatienceParts, isEarly: boolean) => void;
  readonly limit?: (epochs: number) => number;
  readonly result?: (result: PatienceResult, lastLoss: number) => object;
}

function saveRight(parts: PatienceParts, isBetter: boolean): void {
  parts.save("last");
  if (isBetter) parts.save("best");
}

const onlyBest = (parts: PatienceParts, isBetter: boolean) => {
  if (isBetter) parts.save("best");
};

const patient = (way: Way): WrongAnswer<Answer> => (parts, { epochs, patience }) => {
  const { side = "validation", isBetter = (loss, best) => loss < best } = way;
  const { isRenewed = true, save = saveRight, load = (given) => given.load("best") } = way;
  const most = way.limit?.(epochs) ?? epochs, allowed = way.allowed?.(patience) ?? patience;
  let epoch = 0, bad = 0, before = Infinity, bestEpoch = 0, bestLoss = Infinity;
  while (epoch < most && bad < allowed) {
    parts.trainEpoch();
    epoch++;
    const loss = parts.lossOn(side), isGood = isBetter(loss, bestLoss, before);
    save(parts, isGood);
    if (isGood && isRenewed) bad = 0;
    if (!isGood) {
      bad++;
      way.afterBad?.(parts);
    }
    if (isGood) [bestEpoch, bestLoss] = [epoch, loss];
    before = loss;
  }
  load(parts, bad >= allowed);
  const result = { epochs: epoch, bestEpoch, bestLoss };
  return { ...result, ...way.result?.(result, before) };
};

function expectSide(side: string): void {
  const isSide = side === "train" || side === "validation";
  expectThat(isSide, `expected lossOn("train") or lossOn("validation"), got "${side}"`);
}

/** A training whose validation losses are known; each epoch gives the weights a number. */
const story = (losses: readonly number[], limits: PatienceLimits) => (answer: Answer) => {
  const kept = new Map<string, number>(), weights: number[] = [], lasts: unknown[] = [];
  const countLosses = callLimit(200, "a loss"), countSaves = callLimit(200, "a checkpoint");
  const countEpochs = callLimit(60, "an epoch");
  let now = 0, trained = 0;
  const parts: PatienceParts = {
    trainEpoch: () => {
      countEpochs();
      if (trained > 0) lasts.push(kept.get("last") ?? "none");
      trained++;
      weights.push(++now);
    },
    lossOn: (side) => {
      countLosses();
      expectSide(side);
      return side === "train" ? 4 - trained / 10 : losses[trained - 1] ?? losses.at(-1) ?? NaN;
    },
    save: (name) => {
      countSaves();
      kept.set(name, now);
    },
    load: (name) => {
      countSaves();
      now = kept.get(name) ?? NaN;
    },
  };
  const { epochs, bestEpoch, bestLoss } = answer(parts, limits);
  expectThat(trained > 0, "expected epochs to be trained, got none: trainEpoch is never called");
  return {
    epochsTrained: trained,
    weightsOfEpoch: weights,
    lastBeforeNextEpoch: lasts,
    lastKept: kept.get("last") ?? "none",
    bestKept: kept.get("best") ?? "none",
    weightsAtEnd: now,
    epochs,
    bestEpoch,
    bestLoss,
  };
};

/** 3.10: stop when it no longer improves, and keep the best. */
export default exercise<Answer>({
  name: "trainWithPatience",
  reference: patient({}) as Answer, // with nothing replaced it is right
  returns: { epochs: "number", bestEpoch: "number", bestLoss: "number" },
  probes: Object.fromEntries(
    ([
      ["4, 3, 3.5, 3.6, 3.7, 3.8", { epochs: 8, patience: 3 }],
      ["4, 3, 3.5, 3.2, 3.6, 3.1, 3.3", { epochs: 8, patience: 3 }],
      ["4, 4.1, 3.9, 4.2, 3.8, 4, 3.9, 3.7", { epochs: 8, patience: 2 }],
      ["4, 5, 4.8, 4.7, 4.6", { epochs: 6, patience: 2 }],
      ["4, NaN, 4.1, 4.2, 3", { epochs: 6, patience: 2 }],
      ["3, 3, 3, 3", { epochs: 4, patience: 2 }],
      ["5, 4, 3", { epochs: 3, patience: 2 }],
      ["5, 4, 4.5, 4.4", { epochs: 4, patience: 3 }],
      ["2, 3", { epochs: 5, patience: 1 }],
      ["7", { epochs: 1, patience: 4 }],
      ["0.4, 0.2, 0, 0.1, 0.3", { epochs: 9, patience: 2 }],
    ] satisfies [string, PatienceLimits][]).map(([text, limits]) => {
      const { epochs, patience } = limits, losses = text.split(", ").map(Number);
      const name = `validation losses ${text}, patience ${patience}, at most ${epochs} epochs`;
      return [name, story(losses, limits)];
    }),
  ),
  mistakes: {
    "the patience is off by one: it stops as soon as `patience` epochs in a row were no better than the best":
      [
        patient({ allowed: (n) => n + 1 }),
        patient({ allowed: (n) => n - 1 }),
      ],
    "the patience is not renewed: an improvement sets the count of bad epochs back to 0": patient({
      isRenewed: false,
    }),
    "a loss is compared with the one before it: compare with the best": patient({
      isBetter: (loss, _best, before) => loss < before,
    }),
    "it never stops early": patient({ allowed: () => Infinity }),
    "the limit of epochs is not kept": patient({ limit: () => 99 }),
    "there is one epoch too many": patient({ limit: (epochs) => epochs + 1 }),
    "the number of epochs is one too large where the limit ends it: a `for` counts on once more": (
      parts,
      limits,
    ) => {
      let isEarly = false;
      const load = (given: PatienceParts, stopped: boolean) => {
        isEarly = stopped;
        given.load("best");
      };
      const result = patient({ load })(parts, limits) as PatienceResult; // a right one
      return isEarly ? result : { ...result, epochs: result.epochs + 1 };
    },
    "there is one epoch too few": patient({ limit: (epochs) => epochs - 1 }),
    'it is measured on the training sentences, which are learned by heart sooner or later: ask lossOn("validation")':
      patient({ side: "train" }),
    "a higher loss counts as better: ask whether loss < bestLoss": patient({
      isBetter: (loss, best) => best === Infinity || loss > best,
    }),
    "a loss of NaN is no improvement: ask whether loss < best": patient({
      isBetter: (loss, best) => !(loss >= best),
    }),
    "a loss that only equals the best is no improvement: ask whether loss < best": patient({
      isBetter: (loss, best) => loss <= best,
    }),
    "a loss of 0 is taken for none: begin with Infinity, and ask loss < bestLoss": patient({
      isBetter: (loss, best) => loss !== 0 && loss < best,
    }),
    "best and last are swapped: every epoch is saved as last, an improvement as best too": patient({
      save: (parts, isBetter) => {
        parts.save("best");
        if (isBetter) parts.save("last");
      },
    }),
    "best is overwritten by epochs that are no better": patient({
      save: (parts) => {
        parts.save("last");
        parts.save("best");
      },
    }),
    "last is never saved: a stopped run goes on from it": patient({
      save: onlyBest,
    }),
    "best is never saved: save it when the loss is lower than ever": patient({
      save: (parts) => parts.save("last"),
    }),
    "last is saved only with the best: save it every epoch": patient({
      save: (parts, isBetter) => {
        if (!isBetter) return;
        parts.save("last");
        parts.save("best");
      },
    }),
    "last is saved only where the loss is no better: save it every epoch": patient({
      save: (parts, isBetter) => parts.save(isBetter ? "best" : "last"),
    }),
    "last is saved once, at the end: a crash before would lose all": patient({
      save: onlyBest,
      load: (parts) => {
        parts.save("last");
        parts.load("best");
      },
    }),
    "last is saved when the best is back: it is the latest": patient({
      load: (parts) => {
        parts.load("best");
        parts.save("last");
      },
    }),
    "last is saved before its epoch is trained: save it after": (parts, limits) => {
      const trainEpoch = () => {
        parts.save("last");
        parts.trainEpoch();
      };
      return patient({
        save: onlyBest,
      })({ ...parts, trainEpoch }, limits);
    },
    "the best is put back after each bad epoch: train on, and load it once at the end": patient({
      afterBad: (parts) => parts.load("best"),
    }),
    'the best weights are not put back: load("best") at the end': [
      patient({ load: () => {} }),
      patient({ load: (parts) => parts.load("last") }),
    ],
    "the best is put back only where it stopped early: the limit of epochs may come first": patient(
      {
        load: (parts, isEarly) => {
          if (isEarly) parts.load("best");
        },
      },
    ),
    "bestEpoch is counted from 0: the first epoch is 1": patient({
      result: ({ bestEpoch }) => ({ bestEpoch: bestEpoch - 1 }),
    }),
    "epochs is the limit: give how many were trained": (parts, limits) => {
      const result = patient({})(parts, limits) as PatienceResult; // as patient gives it
      return { ...result, epochs: limits.epochs };
    },
    "epochs and bestEpoch are the same number here: one is the last epoch, one the best": patient({
      result: ({ epochs }) => ({ bestEpoch: epochs }),
    }),
    "this is the last loss: bestLoss is the lowest": patient({
      result: (_result, bestLoss) => ({ bestLoss }),
    }),
  },
  styles: {
    "a count of bad epochs": (parts, { epochs, patience }) => {
      let bad = 0, best: { epoch: number; loss: number } | undefined, epoch;
      for (epoch = 1; epoch <= epochs; epoch++) {
        parts.trainEpoch();
        const loss = parts.lossOn("validation");
        parts.save("last");
        if (best === undefined || loss < best.loss) {
          parts.save("best");
          best = { epoch, loss };
          bad = 0;
        } else if (++bad >= patience) break;
      }
      parts.load("best");
      return {
        epochs: Math.min(epoch, epochs),
        bestEpoch: best?.epoch ?? 0,
        bestLoss: best?.loss ?? Infinity,
      };
    },
    "a list of losses": ({ trainEpoch, lossOn, save, load }, limits) => {
      const losses: number[] = [];
      const bestAt = () => losses.reduce((at, x, i) => x < (losses[at] ?? Infinity) ? i : at, 0);
      do {
        trainEpoch();
        losses.push(lossOn("validation"));
        if (bestAt() === losses.length - 1) save("best");
        save("last");
      } while (losses.length < limits.epochs && losses.length - 1 - bestAt() < limits.patience);
      load("best");
      return { epochs: losses.length, bestEpoch: bestAt() + 1, bestLoss: losses[bestAt()] ?? NaN };
    },
  },
});
