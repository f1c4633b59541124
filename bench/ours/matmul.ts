/**
 * Matrix products alone: [rows, inner] times [inner, columns].
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { compile, type CompileMode, type Precision, useBackend } from "lib/backend/mod.ts";
import { describeBackend, readSpec, serve } from "./_serve.ts";

interface Spec {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  readonly products: number;
  readonly mode: CompileMode;
  readonly precision: Precision;
}

const { rows, inner, columns, products, mode, precision } = readSpec<Spec>();
const backend = await useBackend({ backend: "tensorflow" });
const product = compile(
  ({ a, b }: { a: tf.Tensor; b: tf.Tensor }) => tf.matMul(a, b),
  { mode, precision, name: "product" },
);
const a = tf.randomNormal([rows, inner]), b = tf.randomNormal([inner, columns]);
await serve(describeBackend(backend), () => {
  for (let i = 0; i < products; i++) product({ a, b }).dispose();
});
