import { assert, assertEquals, assertFalse, assertStringIncludes, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { useBackend } from "lib/backend/mod.ts";
import { NonFiniteLossError } from "lib/core/mod.ts";
import {
  type Evaluation,
  guardEvaluation,
  guardFinite,
  judgeFit,
  looksLikeLeak,
} from "lib/train/mod.ts";

await useBackend();

function measured(gap: number, gapStandardError = 0.01): Evaluation {
  const oracleLoss = 3.678, loss = oracleLoss + gap;
  const perplexity = Math.exp(loss);
  return { loss, oracleLoss, gap, gapStandardError, perplexity, targets: 6000, slots: [] };
}

Deno.test("judgeFit() tells the four cases apart by the two gaps", () => {
  const cases: [train: number, validation: number, kind: string][] = [
    [0.02, 0.022, "good fit"],
    [-0.04, 0.03, "good fit"], // a little by heart does no harm
    [1.4, 1.4, "underfitting"],
    [0.12, 0.13, "underfitting"],
    [-0.3, 0.4, "overfitting"],
    [0.15, 0.9, "overfitting"], // both: the larger one counts
    [2, 2.3, "underfitting"],
    [0.02, -0.05, "leak"],
  ];
  for (const [train, validation, kind] of cases) {
    const evidence = { train: measured(train), validation: measured(validation), bestLoss: 3.7 };
    assertEquals(judgeFit(evidence).kind, kind, `train ${train}, validation ${validation}`);
  }
});

Deno.test("judgeFit() takes no difference for real that chance could have made", () => {
  const evidence = { train: measured(0, 0.1), validation: measured(0.3, 0.1), bestLoss: 3.9 };
  assertEquals(judgeFit(evidence).kind, "good fit");
});

Deno.test("judgeFit() shows the numbers it rests on", () => {
  const evidence = { train: measured(-0.3), validation: measured(0.4), bestLoss: 3.9 };
  const reasons = judgeFit(evidence).reasons.join("\n");
  assertStringIncludes(reasons, "On training sentences: loss 3.3780, oracle 3.6780, gap -0.3000");
  assertStringIncludes(reasons, "Learned by heart: 0.7000 ± 0.0141");
  assertStringIncludes(reasons, "Best validation loss of the run 3.9000, at the end 4.0780");
});

Deno.test("looksLikeLeak() begins at 3 standard errors below the oracle", () => {
  assertFalse(looksLikeLeak({ gap: -0.0299, gapStandardError: 0.01 }));
  assert(looksLikeLeak({ gap: -0.0301, gapStandardError: 0.01 }));
  assertFalse(looksLikeLeak({ gap: 1, gapStandardError: 0.01 }));
});

const BAD = [NaN, Infinity, -Infinity];

Deno.test("judgeFit() judges nothing that is NaN or infinite, wherever it stands", () => {
  const evidence = { train: measured(0.02), validation: measured(0.022), bestLoss: 3.7 };
  for (const bad of BAD) {
    for (const part of ["train", "validation"] as const) {
      for (const number of ["loss", "oracleLoss", "gap", "gapStandardError", "targets"] as const) {
        const spoilt = { ...evidence, [part]: { ...evidence[part], [number]: bad } };
        assertThrows(() => judgeFit(spoilt), NonFiniteLossError, `of ${bad}; lower train.lr`);
      }
    }
    assertThrows(
      () => judgeFit({ ...evidence, bestLoss: bad }),
      NonFiniteLossError,
      `Cannot judge the fit: expected finite numbers, got a best loss of ${bad}`,
    );
  }
});

Deno.test("looksLikeLeak() compares nothing that is NaN or infinite", () => {
  for (const bad of BAD) {
    for (const number of ["gap", "gapStandardError"]) {
      const spoilt = { gap: 0.1, gapStandardError: 0.01, [number]: bad };
      assertThrows(() => looksLikeLeak(spoilt), NonFiniteLossError, "expected a finite gap, got");
    }
  }
});

Deno.test("guardFinite() lets numbers through and stops at NaN and infinity in either place", () => {
  guardFinite(3, { loss: 6.9, gradNorm: 1e30 });
  for (const bad of BAD) {
    const message = `expected finite numbers at step 3, got loss ${bad}, gradient norm 2; the ` +
      "weights before this step are kept. Lower train.lr";
    assertThrows(() => guardFinite(3, { loss: bad, gradNorm: 2 }), NonFiniteLossError, message);
    assertThrows(() => guardFinite(3, { loss: 2, gradNorm: bad }), NonFiniteLossError, `${bad}`);
  }
});

Deno.test("guardFinite() stops at a bad weight, and says where the weights before it are", () => {
  const numbers = { loss: 2, gradNorm: 1, badWeight: "NaN in head.weight" };
  assertThrows(
    () => guardFinite(3, numbers, "checkpoints/a"),
    NonFiniteLossError,
    "got loss 2, gradient norm 1, and NaN in head.weight among the new weights; the weights before " +
      "this step are kept and saved in checkpoints/a. Lower train.lr",
  );
});

Deno.test("guardEvaluation() stops at losses and optimizer states that are not finite", () => {
  const good = measured(0.1), state = { "v.w": tf.tensor1d([1, 2]) };
  guardEvaluation(5, good, state);
  for (const bad of BAD) {
    for (const number of ["loss", "gap", "gapStandardError"]) {
      assertThrows(
        () => guardEvaluation(5, { ...good, [number]: bad }, state),
        NonFiniteLossError,
        "expected finite numbers at the validation after step 5, got",
      );
    }
    assertThrows(
      () => guardEvaluation(5, good, { ...state, "v.b": tf.tensor1d([0, bad]) }),
      NonFiniteLossError,
      `got ${bad} in v.b in the optimizer's state; this state is not saved`,
    );
  }
  assertThrows(
    () => guardEvaluation(0, measured(NaN), {}),
    NonFiniteLossError,
    "lower model.initStd",
  );
});
