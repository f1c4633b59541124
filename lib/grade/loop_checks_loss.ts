import * as tf from "@tensorflow/tfjs";
import { largest } from "lib/core/mod.ts";
import { IGNORE_INDEX } from "lib/data/mod.ts";
import { crossEntropy as reference, forward, type ModelConfig } from "lib/model/mod.ts";
import { type Params, valueAndGradients } from "lib/tensor/mod.ts";
import { mistakesByValue, normalNumbers, numbersOf, tinyModel } from "./_loop_cases.ts";
import { check, expectClose, expectShape } from "./check.ts";

/** A student's loss: from scores [N, V] and labels [N] to a scalar in nats. */
export type CrossEntropy = (
  logits: tf.Tensor,
  labels: tf.Tensor,
  options?: { readonly divisor?: number | tf.Tensor },
) => tf.Tensor;

/**
 * Checks exercise 3.2a, the mean of −log p(label) over the labels that are not −100.
 *
 * @param crossEntropy The student's function.
 * @throws {CheckError} If value, gradient or divisor is wrong, or large logits overflow.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { checkCrossEntropy } from "lib/grade/mod.ts";
 * import { crossEntropy } from "lib/model/mod.ts";
 *
 * await useBackend();
 * await checkCrossEntropy(crossEntropy);
 * ```
 */
export async function checkCrossEntropy(crossEntropy: CrossEntropy): Promise<void> {
  await check("crossEntropy", () =>
    tf.tidy(() => {
      expectValue(crossEntropy);
      expectStable(crossEntropy);
      expectGradient(crossEntropy);
      expectDivisor(crossEntropy);
    }), [{
    when: () => hasNoGradient(crossEntropy),
    says: "the loss is computed from numbers, so nothing leads back to the logits: stay with " +
      "tensor operations, without dataSync() and arraySync()",
  }]);
}

const V = 5;
/** One ignored row, and one whose label is 0: the id of <pad>, yet a label like any other. */
const LABELS = [2, IGNORE_INDEX, 0, 4];

function logitsOfCase(): number[][] {
  const numbers = normalNumbers(LABELS.length * V, 1, 2);
  return LABELS.map((_, row) => numbers.slice(row * V, (row + 1) * V));
}

const NOT_IGNORED = "the row labelled -100 is not ignored: it adds its log Σ exp";

function logSumExp(row: readonly number[]): number {
  return Math.log(row.reduce((sum, z) => sum + Math.exp(z), 0));
}

function lossOf(crossEntropy: CrossEntropy, logits: number[][], labels: number[]): tf.Tensor {
  const loss = crossEntropy(tf.tensor2d(logits), tf.tensor1d(labels, "int32"));
  expectShape(loss, [], { what: "the loss" });
  return loss;
}

function expectValue(crossEntropy: CrossEntropy): void {
  const rows = logitsOfCase(), loss = lossOf(crossEntropy, rows, LABELS);
  const [got] = numbersOf(loss);
  const lossesOf = (logits: readonly number[][]) =>
    LABELS.map((label, i) => logSumExp(logits[i] ?? []) - (logits[i]?.[label] ?? 0));
  const [first = 0, ignored = 0, zero = 0, last = 0] = lossesOf(rows);
  const sum = first + zero + last, expected = sum / 3;
  const softmax = rows.map((row) => row.map((z) => Math.exp(z - logSumExp(row))));
  const [twice1 = 0, , twice2 = 0, twice3 = 0] = lossesOf(softmax);
  const probabilities = [first, zero, last].map((one) => Math.exp(-one));
  const overRows = (row: number, label: number) =>
    logSumExp(rows.map((one) => one[label] ?? 0)) - (rows[row]?.[label] ?? 0);
  expectClose(loss, tf.scalar(expected), {
    what: "the loss of 4 rows, one of them labelled -100,",
    mistakes: mistakesByValue(got, [
      [sum / 4, "this is the mean over pads too: divide by the labels that are not -100"],
      ...[ignored, ignored - largest(rows[1] ?? [])].flatMap((extra) =>
        [3, 4].map((count) => [(sum + extra) / count, NOT_IGNORED] as const)
      ),
      [(first + last) / 2, "label 0 is left out: what is ignored is -100, not the id of <pad>"],
      [(first + ignored + last) / 3, "label 0 is left out and -100 is not: compare with -100"],
      [sum, "this is the sum: divide by the number of labels that are not -100"],
      [-expected, "the sign is wrong: a loss is −log p, so it is never negative"],
      [expected / Math.LN2, "this is in bits: take the natural logarithm"],
      [(twice1 + twice2 + twice3) / 3, "softmax is taken twice: logits go in, not probabilities"],
      [1 - probabilities.reduce((a, b) => a + b) / 3, "this is 1 − p: the logarithm is missing"],
      [
        (overRows(0, 2) + overRows(2, 0) + overRows(3, 4)) / 3,
        "softmax goes over the rows: it must go over the vocabulary, the last axis",
      ],
    ]),
  });
}

function expectStable(crossEntropy: CrossEntropy): void {
  const loss = lossOf(crossEntropy, [[1000, 0, 0], [0, 0, -1000]], [1, 0]);
  const [got = NaN] = numbersOf(loss);
  expectClose(loss, tf.scalar((1000 + Math.LN2) / 2), {
    what: "the loss of logits as large as 1000",
    mistakes: [
      {
        when: !Number.isFinite(got),
        says: "softmax overflows, e^1000 is Infinity: take each row's largest logit off first",
      },
      {
        when: got < 100,
        says: "a small number inside the logarithm hides that p became 0: work with logits less " +
          "log Σ exp, and never take the logarithm of a probability",
      },
    ],
  });
}

function expectGradient(crossEntropy: CrossEntropy): void {
  const gradientOf = (loss: CrossEntropy) =>
    valueAndGradients(
      { logits: tf.tensor2d(logitsOfCase()) },
      ({ logits }) => loss(logits ?? tf.zeros([0]), tf.tensor1d(LABELS, "int32")),
    ).gradients.logits;
  expectClose(gradientOf(crossEntropy), gradientOf(reference), {
    what: "the gradient by the logits",
    mistakes: [{ when: true, says: "it is (softmax − one-hot) / targets, and 0 in ignored rows" }],
  });
}

function expectDivisor(crossEntropy: CrossEntropy): void {
  const logits = tf.tensor2d(logitsOfCase()), labels = tf.tensor1d(LABELS, "int32");
  const [alone = NaN] = numbersOf(crossEntropy(logits, labels));
  const mistakes = (got: tf.Tensor) =>
    mistakesByValue(numbersOf(got), [
      [alone, "the divisor is not used: it stands in for the number of targets"],
      [alone / 10, "it is divided twice: by the targets and by the divisor"],
    ]);
  for (const divisor of [10, tf.scalar(10)]) {
    const got = crossEntropy(logits, labels, { divisor });
    const what = `the loss with divisor ${typeof divisor === "number" ? "10" : "tf.scalar(10)"}`;
    expectClose(got, tf.scalar(3 * alone / 10), { what, mistakes: mistakes(got) });
  }
}

function hasNoGradient(crossEntropy: CrossEntropy): boolean {
  try {
    tf.tidy(() => expectGradient(crossEntropy));
    return false;
  } catch (error) {
    return error instanceof RangeError && error.message.includes("depends on every parameter");
  }
}

/** A student's loss of whole sentences: parameters, tokens [B, T + 1], and the model's settings. */
export type BatchLoss = (params: Params, tokens: tf.Tensor, model: ModelConfig) => tf.Tensor;

/** Sentences of 6, 4 and 5 tokens; 1 is <bos>, 2 is <eos>, 0 fills up. */
const TOKENS = [
  [1, 4, 5, 6, 7, 2],
  [1, 8, 9, 2, 0, 0],
  [1, 4, 10, 11, 2, 0],
];

const NOT_SHIFTED =
  "the labels are not shifted: the model is asked for the very token that it sees";
const SHIFTED_TWICE =
  "the labels are shifted twice: the label of place t is token t + 1, not t + 2";

/**
 * Checks exercise 3.2b, the loss of sentences: each token is predicted from those before it.
 *
 * @param batchLoss The student's function.
 * @throws {CheckError} If inputs and labels are not one apart, or pads are learned.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { padBatch } from "lib/data/mod.ts";
 * import { checkBatchLoss } from "lib/grade/mod.ts";
 * import { crossEntropy, forward } from "lib/model/mod.ts";
 * import * as tf from "@tensorflow/tfjs";
 *
 * await useBackend();
 * await checkBatchLoss((params, tokens, model) => {
 *   const rows = (tokens.arraySync() as number[][]).map((row) => row.filter((id) => id !== 0));
 *   const { ids, labels, shape } = padBatch(rows, { padId: 0 });
 *   const { logits } = forward(model, params, tf.tensor2d(ids, [...shape], "int32"));
 *   return crossEntropy(logits, tf.tensor1d(labels, "int32"));
 * });
 * ```
 */
export async function checkBatchLoss(batchLoss: BatchLoss): Promise<void> {
  await check("batchLoss", () =>
    tf.tidy(() => {
      const { config, params } = tinyModel();
      const got = batchLoss(params, tf.tensor2d(TOKENS, [3, 6], "int32"), config);
      expectShape(got, [], { what: "the loss" });
      const withPads = (row: number[]) => row.map((id) => id === 0 ? IGNORE_INDEX : id);
      const lossOf = (from: number, to: number, pads = withPads, cut = 5) => {
        const ids = TOKENS.map((row) => row.slice(from, from + cut));
        const labels = TOKENS.map((row) => pads([...row, 0, 0].slice(to, to + cut)));
        const { logits } = forward(config, params, tf.tensor2d(ids, [3, cut], "int32"));
        const [loss = NaN] = numbersOf(reference(logits, tf.tensor1d(labels.flat(), "int32")));
        return loss;
      };
      const asTheyAre = (row: number[]) => row;
      expectClose(got, tf.scalar(lossOf(0, 1)), {
        what: "the loss of 3 sentences",
        mistakes: mistakesByValue(numbersOf(got), [
          [lossOf(0, 0), NOT_SHIFTED],
          [lossOf(0, 0, withPads, 6), NOT_SHIFTED],
          [lossOf(0, 2), SHIFTED_TWICE],
          [lossOf(0, 2, withPads, 4), SHIFTED_TWICE],
          [
            lossOf(1, 0),
            "this predicts the token before: ids lose the last token, labels the first",
          ],
          [
            lossOf(0, 1, asTheyAre),
            "pads are learned: where the next token is 0, <pad>, the label is -100",
          ],
        ]),
      });
    }));
}
