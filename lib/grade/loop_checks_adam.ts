import * as tf from "@tensorflow/tfjs";
import { isNear, mistakesByValue, numbersOf } from "./_loop_cases.ts";
import { check, expectClose, expectThat } from "./check.ts";

/** A student's bias corrections of the update at `step`, counted from 0. */
export type BiasCorrections = (
  step: number,
  rates: { readonly beta1: number; readonly beta2: number },
) => { readonly correction1: number; readonly correction2: number };

/**
 * Checks exercise 3.3a, what Adam's two means are multiplied with: 1 / (1 − βᵗ), t = step + 1.
 *
 * @param biasCorrections The student's function.
 * @throws {CheckError} If one of the two is wrong at some step.
 *
 * @example
 * ```ts
 * import { checkBiasCorrections } from "lib/grade/mod.ts";
 * import { scaleByAdam } from "lib/optimizer/mod.ts";
 *
 * await checkBiasCorrections((step, rates) => {
 *   const { correction1 = NaN, correction2 = NaN } = scaleByAdam(rates).scalars(step);
 *   return { correction1, correction2 };
 * });
 * ```
 */
export async function checkBiasCorrections(biasCorrections: BiasCorrections): Promise<void> {
  await check("biasCorrections", () => {
    const beta1 = 0.9, beta2 = 0.999;
    for (const step of [0, 1, 9, 4999]) {
      const { correction1, correction2 } = biasCorrections(step, { beta1, beta2 });
      const got = [correction1, correction2], t = step + 1;
      const right = [1 / (1 - beta1 ** t), 1 / (1 - beta2 ** t)];
      expectClose(got, right, {
        what: `[correction1, correction2] at step ${step}`,
        mistakes: [
          {
            when: !got.every(Number.isFinite),
            says: "this divides by 0: steps count from 0, the exponent is step + 1",
          },
          {
            when: isNear(got, [1 / (1 - beta1 ** (t + 1)), 1 / (1 - beta2 ** (t + 1))]),
            says: "the exponent is one too large: at step 0 it is 1",
          },
          ...mistakesByValue(got, [
            [
              [1, 1],
              "there is no bias correction: the first means are 10 and 1000 times too small",
            ],
            [[10, 1000], "the exponent is missing: β is raised to the power of step + 1"],
            [
              right.toReversed(),
              "the betas are swapped: beta1 is for the mean, beta2 for the squares",
            ],
            [
              right.map((one) => 1 / one),
              "this is 1 − βᵗ, to divide by: asked for is 1 / (1 − βᵗ)",
            ],
          ]),
        ],
      });
    }
  });
}

/** What one AdamW update of one parameter starts from; all of the parameter's shape. */
export interface AdamwInput {
  /** The loss's derivative by the weight. */
  readonly gradient: tf.Tensor;
  /** The weight before the update. */
  readonly weight: tf.Tensor;
  /** The running mean of gradients before the update. */
  readonly m: tf.Tensor;
  /** The running mean of squared gradients before the update. */
  readonly v: tf.Tensor;
}

/** The numbers of one AdamW update that change from step to step. */
export interface AdamwScalars {
  /** float32 scalar: the learning rate of this step. */
  readonly lr: tf.Tensor;
  /** float32 scalar: 1 / (1 − β₁ᵗ). */
  readonly correction1: tf.Tensor;
  /** float32 scalar: 1 / (1 − β₂ᵗ). */
  readonly correction2: tf.Tensor;
}

/** The numbers of one AdamW update. */
export interface AdamwNumbers extends AdamwScalars {
  /** β₁, what is kept of the mean. */
  readonly beta1: number;
  /** β₂, what is kept of the mean square. */
  readonly beta2: number;
  /** ε, added to the root. */
  readonly epsilon: number;
  /** λ of this parameter; 0 where it does not decay. */
  readonly weightDecay: number;
}

/** What one AdamW update of one parameter gives. */
export interface AdamwOutput {
  /** What is added to the weight. */
  readonly update: tf.Tensor;
  /** The running mean after the update. */
  readonly m: tf.Tensor;
  /** The running mean square after the update. */
  readonly v: tf.Tensor;
}

/** A student's AdamW update of one parameter. */
export type AdamwMove = (before: AdamwInput, numbers: AdamwNumbers) => AdamwOutput;

/** Two elements: an ordinary one, and one whose gradient is so small that the place of ε shows. */
const CASE = { gradient: [2, 1e-3], weight: [4, -2], m: [0.5, 1e-3], v: [3, 1e-6] };
const RATES = { lr: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-3, weightDecay: 0.5 };
const CORRECTIONS = { correction1: 2, correction2: 5 };

interface Expected {
  readonly update: number[];
  readonly m: number[];
  readonly v: number[];
}

/**
 * Checks exercise 3.3b, the AdamW update of one parameter.
 *
 * @param adamwMove The student's function.
 * @throws {CheckError} If a mean or the update is wrong.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { checkAdamwMove } from "lib/grade/mod.ts";
 *
 * await useBackend();
 * await checkAdamwMove(({ gradient, weight, m, v }, numbers) => {
 *   const { lr, correction1, correction2, beta1, beta2, epsilon, weightDecay } = numbers;
 *   const mean = m.mul(beta1).add(gradient.mul(1 - beta1));
 *   const square = v.mul(beta2).add(gradient.square().mul(1 - beta2));
 *   const typical = square.mul(correction2).sqrt().add(epsilon);
 *   const direction = mean.mul(correction1).div(typical).add(weight.mul(weightDecay));
 *   return { update: direction.mul(lr).neg(), m: mean, v: square };
 * });
 * ```
 */
export async function checkAdamwMove(adamwMove: AdamwMove): Promise<void> {
  await check("adamwMove", () =>
    tf.tidy(() => {
      const { gradient, weight, m, v } = CASE;
      const lists = { gradient, weight, m, v };
      const tensors = Object.fromEntries(
        Object.entries(lists).map(([name, values]) => [name, tf.tensor1d(values)]),
      );
      const { correction1, correction2 } = CORRECTIONS;
      const got = adamwMove(
        // fromEntries forgets the names that it was given.
        tensors as unknown as AdamwInput,
        {
          ...RATES,
          lr: tf.scalar(RATES.lr),
          correction1: tf.scalar(correction1),
          correction2: tf.scalar(correction2),
        },
      );
      const isRecord = got?.update instanceof tf.Tensor && got.m instanceof tf.Tensor &&
        got.v instanceof tf.Tensor;
      expectThat(isRecord, "expected { update, m, v }, three tensors, got something else");
      expectMeans(got);
      expectUpdate(got);
    }));
}

function expectMeans({ m, v }: AdamwOutput): void {
  const right = move({}), withDecay = move({ isL2: true });
  const { beta1, beta2 } = RATES;
  const mixed = (list: number[], values: number[], keep: number) =>
    list.map((old, i) => keep * old + (1 - keep) * (values[i] ?? 0));
  expectClose(m, tf.tensor1d(right.m), {
    what: "m, the running mean",
    mistakes: mistakesByValue(numbersOf(m), [
      [withDecay.m, L2],
      [mixed(CASE.m, CASE.gradient, 1 - beta1), "beta1 and 1 − beta1 are swapped: most is kept"],
      [mixed(CASE.m, CASE.gradient, beta2), "m takes beta2: it is beta1 that belongs to the mean"],
      [right.m.map((one) => one * CORRECTIONS.correction1), CORRECTED],
    ]),
  });
  const squares = CASE.gradient.map((g) => g * g);
  expectClose(v, tf.tensor1d(right.v), {
    what: "v, the running mean square",
    tolerance: 1e-7,
    mistakes: mistakesByValue(numbersOf(v), [
      [withDecay.v, L2],
      [mixed(CASE.v, CASE.gradient, beta2), "v holds gradients that are not squared"],
      [mixed(CASE.v, squares, 1 - beta2), "beta2 and 1 − beta2 are swapped: most is kept"],
      [mixed(CASE.v, squares, beta1), "v takes beta1: it is beta2 that belongs to the squares"],
      [right.v.map((one) => one * CORRECTIONS.correction2), CORRECTED],
    ]),
  });
}

const L2 = "the decay is inside the gradient (L2), where Adam divides it by the gradient's size: " +
  "decoupled decay is added after the division";
const CORRECTED = "what is kept for the next step is the mean itself, without its correction";

function expectUpdate({ update }: AdamwOutput): void {
  const right = move({}).update, got = numbersOf(update);
  const { lr, weightDecay } = RATES;
  expectClose(update, tf.tensor1d(right), {
    what: "the update",
    mistakes: mistakesByValue(got, [
      [right.map((one) => -one), "the sign is wrong: what is added to the weights leads downhill"],
      [move({ isEpsilonInside: true }).update, "ε is inside the root: it is √v̂ + ε, not √(v̂ + ε)"],
      [move({ hasCorrections: false }).update, "there is no bias correction: m̂ and v̂ are missing"],
      [move({ weightDecay: 0 }).update, "the weight decay is missing"],
      [
        move({ weightDecay: weightDecay / lr }).update,
        "the decay is not multiplied by the learning rate: it is lr · λ · weight",
      ],
      [
        move({ weightDecay: -weightDecay }).update,
        "the decay has the wrong sign: it must pull the weights towards 0",
      ],
      [move({ hasRoot: false }).update, "the root of v̂ is missing"],
      [right.map((one) => one / lr), "the learning rate is missing"],
      [
        right.map((one, i) => one + (CASE.weight[i] ?? 0)),
        "this is the new weight: asked for is what is added to the old one",
      ],
    ]),
  });
}

interface Variant {
  readonly isL2?: boolean;
  readonly isEpsilonInside?: boolean;
  readonly hasCorrections?: boolean;
  readonly hasRoot?: boolean;
  readonly weightDecay?: number;
}

/** The update in plain numbers, right or with one mistake. */
function move(variant: Variant): Expected {
  const { lr, beta1, beta2, epsilon } = RATES, { weightDecay = RATES.weightDecay } = variant;
  const { hasCorrections = true, hasRoot = true } = variant;
  const { correction1, correction2 } = hasCorrections
    ? CORRECTIONS
    : { correction1: 1, correction2: 1 };
  const result: Expected = { update: [], m: [], v: [] };
  for (const [i, weight] of CASE.weight.entries()) {
    const g = (CASE.gradient[i] ?? 0) + (variant.isL2 ? weightDecay * weight : 0);
    const m = beta1 * (CASE.m[i] ?? 0) + (1 - beta1) * g;
    const v = beta2 * (CASE.v[i] ?? 0) + (1 - beta2) * g * g, square = v * correction2;
    const typical = variant.isEpsilonInside
      ? Math.sqrt(square + epsilon)
      : (hasRoot ? Math.sqrt(square) : square) + epsilon;
    const decay = variant.isL2 ? 0 : weightDecay * weight;
    result.m.push(m);
    result.v.push(v);
    result.update.push(-lr * (m * correction1 / typical + decay));
  }
  return result;
}
