import * as tf from "@tensorflow/tfjs";
import { clipByGlobalNorm as clipReference, globalNorm } from "lib/optimizer/mod.ts";
import { mapParams, param, type Params, valueAndGradients } from "lib/tensor/mod.ts";
import { isNear, mistakesByValue, normalNumbers, numbersOf } from "./_loop_cases.ts";
import { check, expectClose, expectThat, type Mistake } from "./check.ts";

/** A student's clipping: gradients by name and the longest that is allowed. */
export type ClipByGlobalNorm = (
  gradients: Params,
  maxNorm: number,
) => { readonly gradients: Params; readonly norm: tf.Tensor };

/**
 * Checks exercise 3.5, clipping all gradients by their one common length.
 *
 * @param clipByGlobalNorm The student's function.
 * @throws {CheckError} If the gradients or the norm are wrong.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { checkClipByGlobalNorm } from "lib/grade/mod.ts";
 * import { clipByGlobalNorm } from "lib/optimizer/mod.ts";
 *
 * await useBackend();
 * await checkClipByGlobalNorm(clipByGlobalNorm);
 * ```
 */
export async function checkClipByGlobalNorm(clipByGlobalNorm: ClipByGlobalNorm): Promise<void> {
  await check("clipByGlobalNorm", () =>
    tf.tidy(() => {
      expectClipped(clipByGlobalNorm);
      const short = clipByGlobalNorm({ a: tf.tensor1d([0.3]), b: tf.tensor1d([0.4]) }, 1);
      const kept = ["a", "b"].flatMap((name) => numbersOf(param(short.gradients, name)));
      expectClose(kept, [0.3, 0.4], {
        what: "gradients of length 0.5 after clipping to 1",
        mistakes: mistakesByValue(kept, [
          [[0.6, 0.8], "short gradients are made longer: the factor is at most 1"],
        ]),
      });
    }));
}

/** Clips [3, 4] and [12], together of length 13, to 1. */
function expectClipped(clipByGlobalNorm: ClipByGlobalNorm): void {
  const given = { a: tf.tensor1d([3, 4]), b: tf.tensor2d([[12]]) };
  const { gradients, norm } = clipByGlobalNorm(given, 1);
  const got = ["a", "b"].flatMap((name) => numbersOf(param(gradients, name)));
  const scaled = (length: number) => [3 / length, 4 / length, 12 / length];
  expectClose(got, scaled(13), {
    what: "the gradients [3, 4] and [12] clipped to length 1",
    mistakes: mistakesByValue(got, [
      [
        [3 / 5, 4 / 5, 1],
        "each tensor is clipped alone, which turns the step: take one norm of all",
      ],
      [[1, 1, 1], "the values are clipped one by one, which turns the step: scale by one factor"],
      [scaled(169), "the root is missing: the norm is √ Σ g²"],
      [scaled(5 + 12), "the tensors' norms are added: add their squares, and take the root last"],
      [scaled(12), "this is the largest value: the norm is √ Σ g²"],
      [[3, 4, 12], "nothing is clipped"],
    ]),
  });
  expectClose(norm, tf.scalar(13), {
    what: "the norm",
    mistakes: mistakesByValue(numbersOf(norm), [
      [1, "this is the norm after clipping: what tells you something is the one before"],
      [169, "the root is missing: the norm is √ Σ g²"],
    ]),
  });
}

/** What a step's gradients are computed from, besides the parameters and the micro-batches. */
export interface StepGradientsParts<B> {
  /** The loss of a micro-batch: the sum over its targets, divided by `divisor`; default their number. */
  readonly lossOf: (params: Params, batch: B, divisor?: number | tf.Tensor) => tf.Tensor;
  /** The targets of all micro-batches together. */
  readonly targetCount: number | tf.Tensor;
  /** Longest gradient of the step. */
  readonly maxNorm: number;
}

/** The gradient of a step. */
export interface StepGradientsResult {
  /** float32 scalar: mean loss over all targets of the step. */
  readonly loss: tf.Tensor;
  /** The clipped gradients by name. */
  readonly gradients: Params;
  /** float32 scalar: the length before clipping. */
  readonly norm: tf.Tensor;
}

/** A student's accumulation over micro-batches, with clipping. */
export type StepGradients = <B>(
  params: Params,
  microBatches: readonly B[],
  parts: StepGradientsParts<B>,
) => StepGradientsResult;

/** A least-squares task whose micro-batches have 1, 4 and 3 rows. */
function toyTask() {
  const numbers = normalNumbers(16, 5);
  const microBatches = [[0, 1], [1, 5], [5, 8]].map(([from = 0, to = 0]) => ({
    rows: tf.tensor2d(numbers.slice(2 * from, 2 * to), [to - from, 2]),
    targets: to - from,
  }));
  const params: Params = { bias: tf.tensor1d([0.5]), weight: tf.tensor2d([[1], [-2]]) };
  type Rows = typeof microBatches[number];
  const lossOf = (p: Params, { rows, targets }: Rows, divisor: number | tf.Tensor = targets) =>
    rows.matMul(param(p, "weight")).add(param(p, "bias")).square().sum().div(divisor);
  return { microBatches, params, lossOf };
}

/**
 * Checks exercise 3.6, one step's gradient from several micro-batches.
 *
 * @param stepGradients The student's function.
 * @throws {CheckError} If loss, gradients or norm are not those of one large batch.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { checkStepGradients } from "lib/grade/mod.ts";
 * import { accumulate, clipByGlobalNorm } from "lib/optimizer/mod.ts";
 * import { type Params, valueAndGradients } from "lib/tensor/mod.ts";
 * import * as tf from "@tensorflow/tfjs";
 *
 * await useBackend();
 * await checkStepGradients((params, microBatches, { lossOf, targetCount, maxNorm }) => {
 *   let loss: tf.Tensor = tf.scalar(0), total: Params | undefined;
 *   for (const batch of microBatches) {
 *     const part = valueAndGradients(params, (p) => lossOf(p, batch, targetCount));
 *     loss = loss.add(part.value);
 *     total = accumulate(total, part.gradients);
 *   }
 *   return { loss, ...clipByGlobalNorm(total ?? {}, maxNorm) };
 * });
 * ```
 */
export async function checkStepGradients(stepGradients: StepGradients): Promise<void> {
  await check("stepGradients", () =>
    tf.tidy(() => {
      const { microBatches, params, lossOf } = toyTask(), targetCount = 8;
      const shareOf = (divisor?: number) =>
        microBatches.map((batch) => valueAndGradients(params, (p) => lossOf(p, batch, divisor)));
      const shares = shareOf(targetCount), means = shareOf();
      for (const maxNorm of [Infinity, 0.5]) {
        const got = stepGradients(params, microBatches, { lossOf, targetCount, maxNorm });
        const whole = sumOf(shares.map((share) => share.gradients));
        const expected = clipReference(whole, maxNorm);
        const context: Case = { got, shares, means, maxNorm };
        expectClose(flat(got.gradients), flat(expected.gradients), {
          what: `the gradients (maxNorm ${maxNorm})`,
          mistakes: gradientMistakes(context),
        });
        expectLoss(context);
        expectClose(got.norm, expected.norm, {
          what: "the norm",
          mistakes: [{
            when: isNear(numbersOf(got.norm), numbersOf(globalNorm(expected.gradients))),
            says: "this is the norm after clipping: asked for is the one before",
          }],
        });
      }
    }));
}

interface Share {
  readonly value: tf.Tensor;
  readonly gradients: Params;
}

interface Case {
  readonly got: StepGradientsResult;
  /** Each micro-batch's loss and gradients divided by the step's targets. */
  readonly shares: readonly Share[];
  /** The same, each divided by its own targets. */
  readonly means: readonly Share[];
  readonly maxNorm: number;
}

/** Looked for at once, and not when asked: by then the tensors are freed. */
function gradientMistakes({ got, shares, means, maxNorm }: Case): Mistake[] {
  const isLike = (other: Params) => isNear(flat(got.gradients), flat(other));
  const clipAll = (parts: readonly Share[]) =>
    sumOf(parts.map(({ gradients }) => clipReference(gradients, maxNorm).gradients));
  const scaled = (gradients: Params, by: number) => mapParams(gradients, (g) => g.mul(by));
  const atEnd = (gradients: Params) => clipReference(gradients, maxNorm).gradients;
  const sumOfMeans = sumOf(means.map((one) => one.gradients)), count = means.length;
  const last = [shares.at(-1), means.at(-1)].flatMap((one) => one === undefined ? [] : [one]);
  return [
    {
      when: maxNorm < Infinity &&
        [shares, means].some((parts) =>
          isLike(clipAll(parts)) || isLike(atEnd(clipAll(parts))) ||
          isLike(scaled(clipAll(parts), 1 / count))
        ),
      says: "each micro-batch is clipped before they are added: clip the step's gradient, once",
    },
    {
      when: isLike(atEnd(sumOfMeans)),
      says: "the sum is not divided: each micro-batch gives the mean over its own targets, and " +
        "3 of them make 3 times the gradient; divide each loss by targetCount",
    },
    {
      when: isLike(atEnd(scaled(sumOfMeans, 1 / count))),
      says: "this is the mean of means, which gives a target in a small micro-batch more weight: " +
        "divide each loss by targetCount",
    },
    {
      when: last.some(({ gradients }) => isLike(atEnd(gradients))),
      says: "only the last micro-batch counts: add its gradients to those before it",
    },
    {
      when: isLike(sumOf(shares.map((one) => one.gradients))),
      says: "the gradient is not clipped",
    },
  ];
}

function expectLoss({ got, shares, means }: Case): void {
  const total = (parts: readonly Share[]) =>
    parts.reduce((sum, { value }) => sum + (numbersOf(value)[0] ?? NaN), 0);
  const last = numbersOf(shares.at(-1)?.value ?? tf.scalar(NaN));
  expectClose(got.loss, tf.scalar(total(shares)), {
    what: "the loss of the step",
    mistakes: mistakesByValue(numbersOf(got.loss), [
      [total(means), "the losses of the micro-batches are added without a common divisor"],
      [
        total(means) / means.length,
        "this is the mean of the micro-batches' means: unequal ones weigh alike",
      ],
      [last, "this is the last micro-batch's loss alone"],
    ]),
  });
}

function sumOf(parts: readonly Params[]): Params {
  const [first, ...rest] = parts;
  expectThat(first !== undefined, "expected micro-batches, got none");
  return rest.reduce((sum, part) => mapParams(sum, (g, name) => g.add(param(part, name))), first);
}

function flat(gradients: Params): number[] {
  return ["bias", "weight"].flatMap((name) => numbersOf(param(gradients, name)));
}
