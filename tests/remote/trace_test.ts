import * as tf from "@tensorflow/tfjs";
import { compile, useBackend } from "lib/backend/mod.ts";
import { type AnyFunction, tensorsIn } from "lib/grade/mod.ts";
import { formsOf, replay, trace, withoutTensors } from "lib/remote/mod.ts";
import * as parts from "../../course/02_model/parts.ts";
import { forwardWith } from "../../course/02_model/reference.ts";
import { initializeParams, modelConfig } from "lib/model/mod.ts";
import { assert, assertEquals, assertThrows } from "@std/assert";

await useBackend({ onNotice: () => {} });

const config = modelConfig({
  ...{ vocabSize: 11, hiddenSize: 8, heads: 2, layers: 2, feedForwardSize: 12, maxLength: 6 },
  ...{ initStd: 0.5, dropout: 0 },
});
const params = initializeParams(config, 3);
const normal = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, "float32", seed);
const ids = tf.tensor2d([[1, 4, 2, 0], [3, 3, 10, 9]], [2, 4], "int32");
const mask = tf.tensor2d([[1, 1, 1, 0], [1, 1, 1, 1]], [2, 4], "float32");
const heads = () => ({
  queries: normal([2, 2, 4, 4], 1),
  keys: normal([2, 2, 4, 4], 2),
  values: normal([2, 2, 4, 4], 3),
});
const options = () => ({ heads: 2, allowed: parts.attentionMask(mask) });

/** Functions of tensors, and what they are called with. */
const FUNCTIONS: Readonly<Record<string, readonly [AnyFunction, () => unknown[]]>> = {
  attentionMask: [parts.attentionMask, () => [mask]],
  attend: [parts.attend, () => [heads(), parts.attentionMask(mask)]],
  splitHeads: [parts.splitHeads, () => [normal([2, 4, 8], 4), 2]],
  joinHeads: [parts.joinHeads, () => [normal([2, 2, 4, 4], 5)]],
  feedForward: [parts.feedForward, () => [params, "blocks.0.feedForward", normal([2, 4, 8], 6)]],
  multiHeadAttention: [
    parts.multiHeadAttention,
    () => [params, "blocks.0.attention", normal([2, 4, 8], 7), options()],
  ],
  block: [parts.block, () => [params, "blocks.1", normal([2, 4, 8], 8), options()]],
  forward: [parts.forward, () => [config, params, ids, mask]],
  "forwardWith({})": [forwardWith({}), () => [config, params, ids, mask]],
};

const values = (result: unknown) => tensorsIn(result).map((one) => [...one.dataSync()]);
const close = (a: unknown, b: unknown, what: string) => {
  const [these, those] = [a, b].map((one) => [one].flat(9) as number[]);
  assertEquals(these?.length, those?.length, what);
  for (const [i, x] of (these ?? []).entries()) {
    assert(Math.abs(x - (those?.[i] ?? NaN)) <= 1e-5 * Math.max(1, Math.abs(x)), `${what}: ${x}`);
  }
};

for (const [name, [original, make]] of Object.entries(FUNCTIONS)) {
  Deno.test(`replay(trace(${name})) gives its results and gradients, and can be compiled`, () => {
    const args = make(), noted = trace(original, withoutTensors(args) as unknown[], formsOf(args));
    const given = tensorsIn(args);
    const first = original(...args as never[]);
    assertEquals(values(replay(noted, given)), values(first), name);
    // TensorFlow.js has no gradient by a padding mask.
    const float = given.filter((one) => one.dtype === "float32" && one !== mask);
    const loss = (act: () => unknown) => () =>
      tensorsIn(act()).map((one) => one.square().sum()).reduce((a, b) => a.add(b)).asScalar();
    const gradients = (act: () => unknown) => {
      const { grads } = tf.engine().gradients(loss(act), float, undefined, true);
      return grads.map((one: tf.Tensor | undefined) =>
        one === undefined ? [] : [...one.dataSync()]
      );
    };
    if (float.length > 0) {
      const here = gradients(() => original(...args as never[]));
      close(gradients(() => replay(noted, given)), here, `${name}, gradients`);
    }
    const step = compile((tensors) => tensorsIn(replay(noted, tensors as tf.Tensor[])), {
      mode: "graph",
      name: "replayed",
    });
    close(values(step(given)), values(first), `${name}, compiled`);
  });
}

Deno.test("trace() leaves no tensors but constants, refuses what throws, and the engine is as before", () => {
  const { runKernel } = tf.engine(), before = tf.memory().numTensors;
  const args = [mask],
    noted = trace(parts.attentionMask, withoutTensors(args) as unknown[], formsOf(args));
  const constants = tensorsIn(noted);
  assertEquals(tf.memory().numTensors - before, constants.length);
  tf.dispose(constants);
  assertThrows(
    () =>
      trace(
        () => {
          throw new RangeError("no");
        },
        [],
        [],
      ),
    RangeError,
    "no",
  );
  assertEquals(tf.engine().runKernel, runKernel);
  assertEquals(tf.memory().numTensors, before);
});
