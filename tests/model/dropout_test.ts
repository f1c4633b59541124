import { assert, assertEquals, assertLess, assertNotEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { useBackend } from "lib/backend/mod.ts";
import { dropoutSites } from "lib/model/dropout.ts";
import { int32, normalTensor, numbersOf } from "../support/tensors.ts";

await useBackend();

const DRAWS = 100_000;

/** What the first `count` sites make of a row of ones. */
function masks(rate: number, seed: tf.Tensor | undefined, count: number): number[][] {
  const nextSite = dropoutSites(rate, seed);
  return Array.from({ length: count }, () => numbersOf(nextSite()(tf.ones([40]))));
}

for (const rate of [0.1, 0.5, 0.9]) {
  Deno.test(`dropoutSites() drops a share of ${rate} within 4 standard errors and scales the rest`, () => {
    const values = numbersOf(dropoutSites(rate, int32([1, 2]))()(tf.ones([DRAWS])));
    const kept = values.filter((value) => value !== 0);
    const standardError = Math.sqrt(rate * (1 - rate) / DRAWS);
    assertLess(Math.abs(1 - kept.length / DRAWS - rate), 4 * standardError);
    assertEquals(new Set(kept), new Set([Math.fround(1 / (1 - rate))]));
  });
}

Deno.test("dropoutSites() scales values by keep / (1 − rate) where they stand", () => {
  const x = normalTensor([8, 5], 1);
  const nextSite = dropoutSites(0.25, int32([1, 2]));
  const site = nextSite();
  const mask = numbersOf(site(tf.ones([8, 5])));
  const scale = Math.fround(1 / (1 - 0.25));
  assertEquals(
    numbersOf(site(x)),
    numbersOf(x).map((value, i) => Math.fround(value * (mask[i] ? scale : 0))),
  );
});

Deno.test("dropoutSites() gives each site a mask of its own, the same ones for the same seed", () => {
  const first = masks(0.5, int32([1, 2]), 4);
  assertEquals(new Set(first.map(String)).size, 4);
  assertEquals(masks(0.5, int32([1, 2]), 4), first);
  for (const other of [int32([1, 3]), int32([2, 2])]) {
    const others = masks(0.5, other, 4);
    for (const [site, mask] of others.entries()) assertNotEquals(mask, first[site]);
  }
});

Deno.test("dropoutSites() draws from the tensor's value at the call: a recorded step draws anew", () => {
  const draw = (seed: tf.Tensor) => numbersOf(dropoutSites(0.5, seed)()(tf.ones([40])));
  assertNotEquals(draw(int32([1, 1]).add(int32([0, 0]))), draw(int32([1, 1]).add(int32([0, 1]))));
});

Deno.test("dropoutSites() is the identity in evaluation and at rate 0", () => {
  const x = tf.ones([3]);
  assert(dropoutSites(0.5)()(x) === x);
  assert(dropoutSites(0, int32([1, 2]))()(x) === x);
});

Deno.test("dropoutSites() refuses a rate that would drop all or scale down", () => {
  for (const rate of [1, -0.1, NaN]) {
    assertThrows(
      () => dropoutSites(rate),
      RangeError,
      `Cannot drop values: expected a rate from 0 to below 1, got ${rate}`,
    );
  }
});
