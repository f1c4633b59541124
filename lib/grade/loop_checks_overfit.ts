import * as tf from "@tensorflow/tfjs";
import { applyUpdates, scalarTensors, sgd, type Transform } from "lib/optimizer/mod.ts";
import { disposeParams, param, type Params, valueAndGradients } from "lib/tensor/mod.ts";
import { isNear, numbersOf, tensorsLeft } from "./_loop_cases.ts";
import { check, expectClose, expectThat, type Mistake } from "./check.ts";

/** A student's smallest loop: weights and a loss in, the losses of all steps out. */
export type Overfit = (
  start: Params,
  lossOf: (params: Params) => tf.Tensor,
  options: { readonly transform: Transform; readonly steps: number },
) => number[];

/**
 * Checks exercise 3.1, the smallest loop: gradient, update, and again.
 *
 * @param overfit The student's function.
 * @throws {CheckError} If the losses are not those of gradient descent, or tensors are left behind.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { checkOverfit } from "lib/grade/mod.ts";
 * import { assertRejects } from "@std/assert";
 *
 * await useBackend();
 * await assertRejects(() => checkOverfit(() => []), Error, "no loss is noted");
 * ```
 */
export async function checkOverfit(overfit: Overfit): Promise<void> {
  await check("overfit", () => {
    const start: Params = { weight: tf.tensor1d([...START]) };
    const run = () => overfit(start, toyLoss, { transform: toyTransform(), steps: 6 });
    const losses = run();
    expectThat(
      !param(start, "weight").isDisposed,
      "expected the weights at the start to stay, got them disposed",
    );
    expectClose(losses, descend({}), {
      what: "the losses of 6 steps",
      tolerance: 1e-4,
      mistakes: mistakesOf(losses),
    });
    const left = tensorsLeft(run);
    expectThat(left === 0, `expected no tensor left behind, got ${left} after 6 steps`, [
      { when: true, says: "tensors are not garbage-collected: wrap the work in tf.tidy" },
    ]);
    disposeParams(start);
  });
}

function mistakesOf(losses: readonly number[]): Mistake[] {
  const isLike = (variant: Descent) => () => isNear(losses, descend(variant));
  return [
    { when: losses?.length === 0, says: "no loss is noted: push the value of each step" },
    {
      when: isLike({ keepsParams: false }),
      says: "the weights never change: take the updated ones into the next step",
    },
    {
      when: isLike({ keepsState: false }),
      says: "the optimizer's state is lost: hand the state of one update to the next",
    },
    {
      when: isLike({ sign: -1 }),
      says: "this climbs: an update is added to the weights, it leads downhill already",
    },
    {
      when: isLike({ isStepFixed: true }),
      says: "the step does not count up: transform.scalars(step) asks for the rate of this step",
    },
    {
      when: () => isNear(losses.slice(0, 5), descend({}).slice(1)),
      says: "the loss is noted after the update: note the value that the gradient belongs to",
    },
  ];
}

const START = [4, -2];

function toyLoss(params: Params): tf.Tensor {
  return param(params, "weight").mul([1, 3]).square().sum();
}

function toyTransform(): Transform {
  return sgd(0.05, { momentum: 0.5, schedule: (step) => 1 / (step + 1) });
}

interface Descent {
  readonly keepsParams?: boolean;
  readonly keepsState?: boolean;
  readonly isStepFixed?: boolean;
  readonly sign?: 1 | -1;
}

/** The losses of six steps, right or with one mistake. */
function descend(variant: Descent): number[] {
  const { keepsParams = true, keepsState = true, isStepFixed = false, sign = 1 } = variant;
  return tf.tidy(() => {
    const transform = toyTransform();
    let params: Params = { weight: tf.tensor1d(START) }, state = transform.init(params);
    return Array.from({ length: 6 }, (_, step) => {
      const { value, gradients } = valueAndGradients(params, toyLoss);
      const scalars = scalarTensors(transform.scalars(isStepFixed ? 0 : step));
      const next = transform.update(gradients, state, params, scalars);
      const updates = { weight: param(next.updates, "weight").mul(sign) };
      if (keepsParams) params = applyUpdates(params, updates);
      if (keepsState) state = next.state;
      return numbersOf(value)[0] ?? NaN;
    });
  });
}
