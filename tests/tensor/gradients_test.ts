import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { useBackend } from "lib/backend/mod.ts";
import { differentiable, param, type Params, valueAndGradients } from "lib/tensor/mod.ts";
import { assertGradientsMatchDifferences } from "../support/finite_difference.ts";
import { assertTensorsKept, numberOf, numbersOf } from "../support/tensors.ts";

await useBackend();

/** a b³, with a gradient by `a` that is wrong on purpose: 10 in place of b³. */
const marked = differentiable(
  (a: tf.Tensor, b: tf.Tensor) => ({ value: a.mul(b.pow(3)), saved: [a, b] }),
  (dy, a, b) => [dy.mul(10), dy.mul(a).mul(b.square()).mul(3)],
);

Deno.test("differentiable() passes saved tensors and gradients in the order of the inputs", () => {
  const [da, db] = tf.grads((a, b) => marked(a, b))([tf.scalar(3), tf.scalar(5)]);
  assertEquals([da, db].map((tensor) => tensor && numberOf(tensor)), [10, 3 * 3 * 25]);
});

Deno.test("differentiable() multiplies by what comes from above, inside a longer chain", () => {
  const gradient = tf.grad((a: tf.Tensor) => marked(a.mul(2), tf.scalar(5)).square())(tf.scalar(3));
  // y = (2a · 125)²: dy/dmarked = 2 · 750, dmarked/d(2a) = 10 as given, d(2a)/da = 2.
  assertEquals(numberOf(gradient), 2 * 750 * 10 * 2);
});

Deno.test("finite differences tell a wrong gradient from a right one", () => {
  const product = (p: Params) => marked(param(p, "a"), param(p, "b"));
  // 10 is b³ at b = ∛10 alone.
  assertGradientsMatchDifferences(product, { a: tf.scalar(3), b: tf.scalar(Math.cbrt(10)) }, 1);
  assertThrows(
    () => assertGradientsMatchDifferences(product, { a: tf.scalar(3), b: tf.scalar(2) }, 1),
    Error,
    "a[0]: computed 10, measured 8",
  );
});

Deno.test("differentiable() adds up the gradients of an input that is used twice", () => {
  const square = differentiable(
    (x: tf.Tensor, y: tf.Tensor) => ({ value: x.mul(y), saved: [x, y] }),
    (dy, x, y) => [dy.mul(y), dy.mul(x)],
  );
  const gradient = tf.grad((x: tf.Tensor) => square(x, x))(tf.tensor1d([3, -4]));
  assertEquals(numbersOf(gradient), [6, -8]);
});

Deno.test("differentiable() keeps nothing but the value, and outside of gradients saves nothing", () => {
  const a = tf.scalar(3), b = tf.scalar(5);
  assertTensorsKept(1, () => marked(a, b));
  assertTensorsKept(3, () => valueAndGradients({ a, b }, () => marked(a, b)));
});

Deno.test("valueAndGradients() gives every gradient under its parameter's name and shape", () => {
  const params: Params = {
    b: tf.tensor2d([[1, 2, 3]]),
    a: tf.tensor1d([4, 5]),
    "10": tf.scalar(2),
  };
  const { value, gradients } = valueAndGradients(params, (p) => {
    const sums = param(p, "a").square().sum().add(param(p, "b").sum().mul(7));
    return sums.mul(param(p, "10"));
  });
  assertEquals(numberOf(value), 2 * (16 + 25 + 7 * 6));
  assertEquals(Object.keys(gradients), Object.keys(params));
  assertEquals(param(gradients, "a").arraySync(), [16, 20]);
  assertEquals(param(gradients, "b").arraySync(), [[14, 14, 14]]);
  assertEquals(param(gradients, "10").arraySync(), 83);
});

Deno.test("valueAndGradients() frees all but the value and the gradients", () => {
  const params = { a: tf.tensor1d([4, 5]), b: tf.tensor1d([1, 2]) };
  assertTensorsKept(3, () => {
    valueAndGradients(params, (p) => param(p, "a").mul(param(p, "b")).exp().log().sum());
  });
});

Deno.test("valueAndGradients() refuses a value that is no scalar, even of one number", () => {
  const params = { a: tf.tensor1d([4]) };
  assertThrows(
    () => valueAndGradients(params, (p) => param(p, "a").square()),
    TypeError,
    "Cannot differentiate: expected a scalar, got shape [1]",
  );
});

Deno.test("valueAndGradients() names the parameters that the value does not depend on", () => {
  const params = { a: tf.scalar(4), "head.bias": tf.scalar(1), c: tf.scalar(2) };
  assertTensorsKept(0, () => {
    assertThrows(
      () => valueAndGradients(params, (p) => param(p, "a").square()),
      RangeError,
      "Cannot differentiate: expected a value that depends on every parameter, got one that does " +
        "not on head.bias, c",
    );
  });
});
