import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { useBackend } from "lib/backend/mod.ts";
import { crossEntropy, forward } from "lib/model/mod.ts";
import { mapParams, param, type Params, valueAndGradients } from "lib/tensor/mod.ts";
import { assertGradientsMatchDifferences } from "../support/finite_difference.ts";
import { SMALL_LENGTH, SMALL_VOCABULARY, smallBatch, smallModel } from "../support/small_model.ts";
import {
  assertTensorsClose,
  assertTensorsKept,
  int32,
  numberOf,
  numbersOf,
  randomIds,
} from "../support/tensors.ts";

await useBackend();

/** The same sums in another order, of losses and gradients up to 5; the worst seen is 8e-7. */
const ROUNDING = 2e-6;

const V = SMALL_VOCABULARY, T = SMALL_LENGTH;
const { ids, mask, labels } = smallBatch();

for (const tiedHead of [true, false]) {
  const which = tiedHead ? "tied" : "untied";

  Deno.test(`forward() and crossEntropy(), ${which}: finite differences find every gradient`, () => {
    const { config, params } = smallModel({ tiedHead, dropout: 0.2 });
    const dropoutSeed = int32([1, 2]);
    const loss = (p: Params) =>
      tf.tidy(() => {
        const { logits } = forward(config, p, ids, { mask, dropoutSeed });
        return crossEntropy(logits, labels, { labelSmoothing: 0.1 });
      });
    assertGradientsMatchDifferences(loss, params, 3);
  });
}

Deno.test("crossEntropy()'s divisor makes 4 micro-batches of 16 add up to the batch of 64", () => {
  const { config, params } = smallModel();
  const tokens = randomIds([64, T], V, 8);
  // Sentences of 1 to 5 targets: the micro-batches differ in their number of targets.
  const targets = numbersOf(randomIds([64, T], V, 9))
    .map((id, i) => i % T <= Math.floor(i / T / 16 + i % 7) % T ? id : -100);
  const count = targets.filter((label) => label !== -100).length;
  const gradientsOf = (first: number, size: number) =>
    valueAndGradients(params, (p) => {
      const { logits } = forward(config, p, tokens.slice([first, 0], [size, T]));
      const own = int32(targets.slice(first * T, (first + size) * T));
      return crossEntropy(logits, own, { divisor: count });
    });
  const whole = gradientsOf(0, 64);
  const parts = [0, 16, 32, 48].map((first) => gradientsOf(first, 16));
  const losses = parts.map(({ value }) => numberOf(value));
  assertAlmostEquals(losses.reduce((sum, loss) => sum + loss), numberOf(whole.value), ROUNDING);
  const sums = mapParams(
    params,
    (_, name) => tf.addN(parts.map(({ gradients }) => param(gradients, name))),
  );
  for (const name of Object.keys(params)) {
    assertTensorsClose(param(sums, name), param(whole.gradients, name), ROUNDING, name);
  }
});

Deno.test("a tied head's embedding learns at tokens that the input lacks; an untied one's does not", () => {
  for (const tiedHead of [true, false]) {
    const { config, params } = smallModel({ tiedHead });
    const { gradients } = valueAndGradients(params, (p) => {
      const { logits } = forward(config, p, tf.tensor2d([[1, 2]], [1, 2], "int32"));
      return crossEntropy(logits, int32([2, 3]));
    });
    const absent = param(gradients, "tokenEmbedding.weight").slice(4).abs().max();
    assertEquals(numberOf(absent) > 0, tiedHead);
  }
});

Deno.test("forward() and its gradients leave nothing behind but what they give", () => {
  const { config, params } = smallModel({ dropout: 0.2 });
  const dropoutSeed = int32([1, 2]);
  const options = { mask, dropoutSeed };
  assertTensorsKept(1, () => tf.tidy(() => forward(config, params, ids, options).logits));
  assertTensorsKept(1 + Object.keys(params).length, () => {
    valueAndGradients(params, (p) => crossEntropy(forward(config, p, ids, options).logits, labels));
  });
});

Deno.test("forward() learns one batch by heart, down to the floor and not below", () => {
  const { config, params: initial } = smallModel();
  const lossAndStep = (params: Params) =>
    tf.tidy(() => {
      const { value, gradients } = valueAndGradients(
        params,
        (p) => crossEntropy(forward(config, p, ids, { mask }).logits, labels),
      );
      const next = mapParams(
        params,
        (tensor, name) => tensor.sub(param(gradients, name).mul(0.3)),
      );
      return { loss: value, next: { ...next } };
    });
  let params = initial, loss = NaN;
  for (let step = 0; step < 150; step++) {
    const result = lossAndStep(params);
    loss = numberOf(result.loss);
    params = result.next;
  }
  // Two of the 12 targets cannot be told apart: sentences 0 and 2 start alike and go on differently.
  const floor = 2 * Math.log(2) / 12;
  assert(loss > floor - ROUNDING && loss < floor + 0.02, `${loss} against ${floor}`);
});
