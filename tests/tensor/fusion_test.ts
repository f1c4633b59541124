import { assert, assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { compile, useBackend } from "lib/backend/mod.ts";
import { gelu, layerNorm } from "lib/model/mod.ts";
import { type Fuse, fusible, type Pass, withFusion } from "lib/tensor/mod.ts";
import { numberOf, numbersOf } from "../support/tensors.ts";

await useBackend();

const twice = fusible("twice", (x: tf.Tensor): [tf.Tensor] => [x.mul(2)]);

/** Fuses by compiling, as `train()` op by op does. */
function compilingFuse(names: string[]): Fuse {
  const known = new Map<Pass, Pass>();
  return (name, pass) => {
    let fused = known.get(pass);
    if (fused === undefined) {
      names.push(name);
      const compiled = compile((inputs: readonly tf.Tensor[]) => pass(...inputs));
      known.set(pass, fused = (...inputs) => compiled(inputs));
    }
    return fused;
  };
}

Deno.test("withFusion() gives every fusible() chain in it to `fuse`, and none outside", () => {
  const seen: string[] = [];
  const plusOne: Fuse = (name, pass) => (...inputs) => {
    seen.push(name);
    return pass(...inputs).map((output) => output.add(1));
  };
  assertEquals(numberOf(withFusion(plusOne, () => twice(tf.scalar(3))[0])), 7);
  assertEquals(numberOf(twice(tf.scalar(3))[0]), 6);
  assertEquals(seen, ["twice"]);
});

Deno.test("withFusion() puts back what was in force, after an error too", () => {
  const outer: Fuse = (_, pass) => (...inputs) => pass(...inputs).map((output) => output.add(10));
  withFusion(outer, () => {
    assertThrows(
      () =>
        withFusion((_, pass) => pass, () => {
          throw new Error("inside");
        }),
      Error,
      "inside",
    );
    assertEquals(numberOf(twice(tf.scalar(3))[0]), 16);
  });
  assertEquals(numberOf(twice(tf.scalar(3))[0]), 6);
});

for (
  const { name, layer, inputs, passes } of [
    {
      name: "gelu()",
      layer: (x: tf.Tensor) => gelu(x),
      inputs: [tf.linspace(-4, 4, 24).reshape([6, 4])],
      passes: ["gelu", "geluGradient"],
    },
    {
      name: "layerNorm()",
      layer: (x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor) => layerNorm(x, weight, bias),
      inputs: [
        tf.linspace(-1, 2, 24).square().reshape([6, 4]),
        tf.tensor1d([1, 2, -1, 0.5]),
        tf.tensor1d([0, 1, 2, 3]),
      ],
      passes: ["layerNorm", "layerNormGradient"],
    },
  ]
) {
  Deno.test(`${name} gives the same value and gradients with its chains compiled`, () => {
    // Not a plain sum, whose gradient by a normalised row is 0.
    const weights = tf.linspace(1, 3, 24).reshape([6, 4]);
    // Both layers get as many tensors as they take: those listed above.
    const run = layer as (...tensors: tf.Tensor[]) => tf.Tensor;
    const loss = (...tensors: tf.Tensor[]) => run(...tensors).mul(weights).sum();
    const written = tf.valueAndGrads(loss)(inputs), names: string[] = [];
    const fused = withFusion(compilingFuse(names), () => tf.valueAndGrads(loss)(inputs));
    assertEquals(names, passes);
    for (const [i, tensor] of [written.value, ...written.grads].entries()) {
      const expected = numbersOf(tensor);
      const actual = numbersOf([fused.value, ...fused.grads][i] ?? tf.scalar(NaN));
      assertEquals(actual.length, expected.length);
      expected.forEach((one, k) => {
        const distance = Math.abs(one - (actual[k] ?? NaN));
        assert(distance <= 2e-6 * Math.max(1, Math.abs(one)), `${i}: ${actual[k]} is not ${one}`);
      });
    }
  });
}
