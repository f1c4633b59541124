import * as tf from "@tensorflow/tfjs";
import type { Batch } from "lib/data/mod.ts";
import { callLimit, exercise, expectThat, type WrongAnswer } from "lib/grade/mod.ts";
import { adam, applyUpdates, clipByGlobalNorm, scalarTensors } from "lib/optimizer/mod.ts";
import { disposeParams, type Params, valueAndGradients } from "lib/tensor/mod.ts";
import { loopTask, meanSquare, tensorsLeft } from "../cases.ts";
import { type AccumulationParts, type LoopState, numberOf } from "../loop.ts";

type Answer = (start: LoopState, parts: AccumulationParts) => LoopState;

/** The mistakes that the run of the notebook has, each by what its log shows. */
const BUGS = {
  high: "the first loss is too high: the targets of how many micro-batches are counted?",
  rate: "the rate stays where it began: which step is the schedule asked for?",
  same: "each step learns the same sentences, by heart: where does each step begin to read?",
} as const;
type Bug = keyof typeof BUGS;

/** Where a run leaves the right way. */
interface Way {
  readonly bugs?: readonly Bug[];
  /** What of the micro-batches is learned. */
  readonly used?: (micro: readonly Batch[]) => readonly Batch[];
  readonly targetsOf?: (micro: readonly Batch[]) => number;
  readonly keeps?: boolean;
  readonly cursorOf?: (micro: readonly Batch[]) => LoopState["cursor"] | undefined;
}

const countTargets = (micro: readonly Batch[]) =>
  micro.reduce((sum, { targets }) => sum + targets, 0);

const run = ({ bugs = [], ...way }: Way): WrongAnswer<Answer> => (start, parts) => {
  const { loader, transform, steps, accumulation, gradientsOf, log } = parts;
  let state = start, batches = loader.batches(start.cursor);
  while (state.step < steps) {
    if (bugs.includes("same")) batches = loader.batches(start.cursor);
    const { step, params, optimizer } = state;
    const scalars = transform.scalars(bugs.includes("rate") ? start.step : step);
    const micro = Array.from({ length: accumulation }, () => batches.next().value);
    const targets = way.targetsOf?.(micro) ??
      countTargets(bugs.includes("high") ? micro.slice(0, 1) : micro);
    const next = tf.tidy(() => {
      const { loss, gradients, norm } = gradientsOf(params, way.used?.(micro) ?? micro, targets);
      const moved = transform.update(gradients, optimizer, params, scalarTensors(scalars));
      const [trainLoss, gradNorm] = [numberOf(loss), numberOf(norm)];
      log({ step: step + 1, trainLoss, lr: scalars.lr ?? NaN, gradNorm });
      return { params: applyUpdates(params, moved.updates), optimizer: moved.state };
    });
    if (!way.keeps) disposeParams(params, optimizer);
    const cursor = way.cursorOf?.(micro) ?? micro.at(-1)?.next ?? state.cursor;
    state = { step: step + 1, cursor, ...next };
  }
  return state;
};

const SUBSETS: readonly (readonly Bug[])[] = [
  ["high", "rate", "same"],
  ["high", "rate"],
  ["high", "same"],
  ["rate", "same"],
  ["high"],
  ["rate"],
  ["same"],
];

/** A task whose batches have 2, 2, 2 and 1 sentences, and what a run did with them. */
function task(accumulation: number, steps: number) {
  const { parts: { loader, transform }, start } = loopTask({
    batchSize: 2,
    transform: adam(0.3, { schedule: (step) => 1 / (step + 1) }),
  });
  const count = callLimit(60, "a gradient");
  const seen: number[][] = [], rows: object[] = [];
  const parts: AccumulationParts = {
    loader,
    transform,
    steps,
    accumulation,
    gradientsOf(params, microBatches, targetCount) {
      count();
      seen.push(microBatches.flatMap(({ indices }) => [...indices]));
      const { value, gradients } = valueAndGradients(
        params,
        (p) => tf.addN(microBatches.map((batch) => sumOfSquares(p, batch))).div(targetCount),
      );
      const clipped = clipByGlobalNorm(gradients, 5);
      return { loss: value, ...clipped };
    },
    log: (row) => rows.push(row),
  };
  return { parts, seen, rows, start };
}

const sumOfSquares = (params: Params, batch: Batch) => meanSquare(params, batch).mul(batch.targets);

const observed =
  (accumulation: number, steps: number, from: Partial<LoopState> = {}) => (answer: Answer) => {
    const { parts, seen, rows, start } = task(accumulation, steps);
    const { step, cursor, params, optimizer } = answer({ ...start(), ...from }, parts);
    return { rows, batches: seen, step, cursor, params, optimizer };
  };

/** 3.7b: a run with accumulation, its three mistakes mended. */
export default exercise<Answer>({
  name: "mendedRun",
  reference: (start, parts) => run({})(start, parts) as LoopState, // as run gives it
  returns: {
    step: "number",
    cursor: { epoch: "number", batch: "number" },
    params: "params",
    optimizer: "params",
  },
  changesInput: true,
  probes: {
    "3 steps of 3 micro-batches": observed(3, 3),
    "4 steps of 2 micro-batches": observed(2, 4),
    "2 further steps after 3": observed(2, 5, { step: 3, cursor: { epoch: 1, batch: 2 } }),
    "3 steps of one micro-batch": observed(1, 3),
    "a run that has its steps behind it": observed(2, 4, { step: 4 }),
  },
  properties: {
    "the tensors of each step": (answer) => {
      const left = (steps: number) =>
        tensorsLeft(() => {
          const { parts, start } = task(2, steps);
          answer(start(), parts);
        });
      const perStep = (left(3) - left(1)) / 2;
      expectThat(perStep <= 0, `expected no tensors left behind, got ${perStep} a step`);
    },
  },
  asksBeside: true,
  mistakes: {
    ...Object.fromEntries(
      SUBSETS.map((bugs) => [
        `${bugs.length} of 3 mistakes ${bugs.length === 1 ? "is" : "are"} left in it; ` +
        bugs.map((bug) => BUGS[bug]).join(" And: "),
        run({ bugs }),
      ]),
    ),
    "the sentences are counted, and not their targets": run({
      targetsOf: (micro) => micro.reduce((sum, { indices }) => sum + indices.length, 0),
    }),
    "the targets of the last micro-batch are taken for all": run({
      targetsOf: (micro) => countTargets(micro.slice(-1)),
    }),
    "each micro-batch is taken for as large as the first: add their targets up": run({
      targetsOf: (micro) => countTargets(micro.slice(0, 1)) * micro.length,
    }),
    "only one micro-batch of each step is learned": [
      run({ used: (micro) => micro.slice(-1) }),
      run({ used: (micro) => micro.slice(0, 1) }),
    ],
    "the cursor is the last batch's own: the place to go on from is its next": run({
      cursorOf: (micro) => micro.at(-1)?.cursor,
    }),
    "the weights and the memory of the step before must be freed": run({ keeps: true }),
  },
  styles: {
    "a for loop that reads from state.cursor": (start, parts) => {
      let state = start;
      for (let step = start.step; step < parts.steps; step++) {
        const micro: Batch[] = [];
        for (const batch of parts.loader.batches(state.cursor)) {
          micro.push(batch);
          if (micro.length === parts.accumulation) break;
        }
        const { params, optimizer } = state, numbers = parts.transform.scalars(step);
        const count = micro.map(({ targets }) => targets).reduce((a, b) => a + b);
        const next = tf.tidy(() => {
          const { gradients, loss, norm } = parts.gradientsOf(params, micro, count);
          const scalars = scalarTensors(numbers);
          const { updates, state: memory } = parts.transform
            .update(gradients, optimizer, params, scalars);
          const [trainLoss, gradNorm] = [numberOf(loss), numberOf(norm)];
          parts.log({ step: step + 1, trainLoss, gradNorm, lr: numbers.lr ?? NaN });
          return { params: applyUpdates(params, updates), optimizer: memory };
        });
        tf.dispose([params, optimizer]);
        state = { ...next, step: step + 1, cursor: micro.at(-1)?.next ?? state.cursor };
      }
      return state;
    },
    "the mended lines alone": (start, parts) => run({})(start, parts) as LoopState, // as run gives it
  },
});
