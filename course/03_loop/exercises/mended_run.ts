import * as tf from "@tensorflow/tfjs";
import type { Batch } from "lib/data/mod.ts";
import { callLimit, exercise, expectThat, type WrongAnswer } from "lib/grade/mod.ts";
import {
  accumulate,
  adam,
  applyUpdates,
  clipByGlobalNorm,
  scalarTensors,
} from "lib/optimizer/mod.ts";
import { disposeParams, type Params, valueAndGradients } from "lib/tensor/mod.ts";
import { loopTask, meanSquare, tensorsLeft } from "../cases.ts";
import { type AccumulationParts, type LoopState, numberOf } from "../loop.ts";

type Answer = (start: LoopState, parts: AccumulationParts) => LoopState;

/** The mistakes that the run of the notebook has, each by what its log shows. */
const BUGS = {
  high: "the first loss is too high: what is each micro-batch's sum of losses divided by?",
  rate: "the rate stays where it began: which step is the schedule asked for?",
  same: "each step learns the same sentences, by heart: where does each step begin to read?",
} as const;
type Bug = keyof typeof BUGS;

/** Where a run leaves the right way. */
interface Way {
  readonly bugs?: readonly Bug[];
  readonly isUnclipped?: boolean;
  readonly isLastOnly?: boolean;
  readonly keeps?: boolean;
  readonly cursorOf?: (micro: readonly Batch[]) => LoopState["cursor"] | undefined;
  readonly meanOf?: (loss: number, accumulation: number) => number;
}

const run = ({ bugs = [], ...way }: Way): WrongAnswer<Answer> => (start, parts) => {
  const { loader, transform, steps, accumulation, lossOf, log } = parts;
  let state = start, batches = loader.batches(start.cursor);
  while (state.step < steps) {
    if (bugs.includes("same")) batches = loader.batches(start.cursor);
    const { step, params, optimizer } = state;
    const scalars = transform.scalars(bugs.includes("rate") ? start.step : step);
    const micro = Array.from({ length: accumulation }, () => batches.next().value);
    const targets = micro.reduce((sum, batch) => sum + batch.targets, 0), { lr = NaN } = scalars;
    const next = tf.tidy(() => {
      let loss = 0, sum: Params | undefined;
      for (const batch of micro) {
        const divisor = bugs.includes("high") ? batch.targets : targets;
        const part = valueAndGradients(params, (p) => lossOf(p, batch, divisor));
        loss += numberOf(part.value);
        sum = accumulate(way.isLastOnly ? undefined : sum, part.gradients);
      }
      const clipped = clipByGlobalNorm(sum ?? {}, way.isUnclipped ? Infinity : 1);
      const moved = transform.update(clipped.gradients, optimizer, params, scalarTensors(scalars));
      const trainLoss = way.meanOf?.(loss, accumulation) ?? loss;
      log({ step: step + 1, trainLoss, lr, gradNorm: numberOf(clipped.norm) });
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
  const count = callLimit(100, "the loss of a micro-batch");
  const seen: number[][] = [], rows: object[] = [];
  const parts: AccumulationParts = {
    loader,
    transform,
    steps,
    accumulation,
    lossOf(params, batch, divisor) {
      count();
      seen.push([...batch.indices]);
      return meanSquare(params, batch).mul(batch.targets).div(divisor);
    },
    log: (row) => rows.push(row),
  };
  return { parts, seen, rows, start };
}

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
  mistakes: {
    ...Object.fromEntries(
      SUBSETS.map((bugs) => [
        `${bugs.length} of 3 mistakes ${bugs.length === 1 ? "is" : "are"} left in it; ` +
        bugs.map((bug) => BUGS[bug]).join(" And: "),
        run({ bugs }),
      ]),
    ),
    "the loss is divided twice: divided by the targets of the step, its parts only add up": [
      run({ meanOf: (loss, accumulation) => loss / accumulation }),
    ],
    "the gradient is no longer clipped": run({ isUnclipped: true }),
    "only the last micro-batch's gradient is used: add them up": run({ isLastOnly: true }),
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
          const { value, gradients } = valueAndGradients(
            params,
            (p) => tf.addN(micro.map((batch) => parts.lossOf(p, batch, count))),
          );
          const { gradients: short, norm } = clipByGlobalNorm(gradients, 1);
          const scalars = scalarTensors(numbers);
          const { updates, state: memory } = parts.transform
            .update(short, optimizer, params, scalars);
          const [trainLoss, gradNorm] = [numberOf(value), numberOf(norm)];
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
