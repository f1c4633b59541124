import * as tf from "@tensorflow/tfjs";
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { handleCount, useBackend } from "lib/backend/mod.ts";
import type { OpSink } from "lib/backend/c_library/op_sink.ts";
import { tensorFlowBinding } from "lib/backend/use_backend.ts";
import { BackendError } from "lib/core/mod.ts";

await useBackend({ backend: "tensorflow" });
const binding = tensorFlowBinding();

/** A sink that lists the calls it passes on to TensorFlow. */
function listing(calls: string[]): OpSink {
  const { native } = binding;
  return {
    createTensor: (...call) => (calls.push("create"), native.createTensor(...call)),
    deleteTensor: (id) => (calls.push("delete"), native.deleteTensor(id)),
    tensorDataSync: (id) => (calls.push("read"), native.tensorDataSync(id)),
    executeOp: (...call) => (calls.push(call[0]), native.executeOp(...call)),
  };
}

Deno.test("Binding shows the numbers that tfjs-node's kernels expect", () => {
  const { TF_FLOAT, TF_INT32, TF_UINT8, TF_STRING, TF_COMPLEX64, TF_INT64 } = binding;
  assertEquals([TF_FLOAT, TF_INT32, TF_UINT8, TF_STRING], [1, 3, 4, 7]);
  assertEquals([TF_COMPLEX64, TF_INT64, binding.TF_BOOL, binding.TF_RESOURCE], [8, 9, 10, 20]);
  const { TF_ATTR_STRING, TF_ATTR_INT, TF_ATTR_FLOAT } = binding;
  assertEquals([TF_ATTR_STRING, TF_ATTR_INT, TF_ATTR_FLOAT], [0, 1, 2]);
  const { TF_ATTR_BOOL, TF_ATTR_TYPE, TF_ATTR_SHAPE, TF_ATTR_FUNC } = binding;
  assertEquals([TF_ATTR_BOOL, TF_ATTR_TYPE, TF_ATTR_SHAPE, TF_ATTR_FUNC], [3, 4, 5, 8]);
  assertMatch(binding.TF_Version, /^2\.\d+\.\d+/);
  assertEquals(binding.isUsingGpuDevice(), binding.context.device !== "/device:CPU:0");
});

Deno.test("Binding.runThrough() sends every call to the sink, and only while it runs", () => {
  const calls: string[] = [];
  const sum = binding.runThrough(listing(calls), () => {
    const [result = 0] = tf.tidy(() => tf.add(tf.scalar(1), tf.scalar(2)).dataSync());
    return result;
  });
  assertEquals(sum, 3);
  assertEquals(calls, ["create", "create", "Add", "read", "delete", "delete", "delete"]);
  tf.tidy(() => void tf.add(1, 2));
  assertEquals(calls.length, 7);
});

Deno.test("Binding.runThrough() nests, and puts the sink before back when the work throws", () => {
  const outer: string[] = [], inner: string[] = [];
  const square = () => tf.tidy(() => void tf.square(2));
  binding.runThrough(listing(outer), () => {
    assertThrows(
      () =>
        binding.runThrough(listing(inner), () => {
          square();
          throw new Error("stopped");
        }),
      Error,
      "stopped",
    );
    square();
  });
  square();
  const once = ["create", "Square", "delete", "delete"];
  assertEquals([outer, inner], [once, once]);
});

Deno.test("Binding.runThrough() refuses work that goes on after it returns", () => {
  assertThrows(
    () => binding.runThrough(binding.native, () => Promise.resolve(1)),
    TypeError,
    "Cannot run through a sink: expected synchronous work, got a promise",
  );
});

Deno.test("Binding holds as many tensors after 200 gradient steps as after two", () => {
  const weight = tf.variable(tf.ones([4, 4]));
  const step = () => {
    const input = tf.ones([2, 4]);
    const { value, grads } = tf.variableGrads(() =>
      input.matMul(weight).square().mean().asScalar()
    );
    tf.dispose([value, grads, input]);
  };
  step();
  step();
  const before = [handleCount(), tf.memory().numTensors];
  for (let index = 0; index < 200; index++) step();
  assertEquals([handleCount(), tf.memory().numTensors], before);
  assertEquals(binding.getNumOfTensors(), handleCount());
  weight.dispose();
});

Deno.test("Binding refuses saved models, with the cure", () => {
  const error = assertThrows(
    () => binding.loadSavedModel("folder", "serve"),
    BackendError,
    'Cannot load the SavedModel "folder": expected a model in TensorFlow.js\'s own format\nCure: convert',
  );
  assertEquals(error.code, "UNIMPLEMENTED");
  const none = "a SavedModel: expected the id of a loaded one, got 0";
  assertThrows(() => binding.runSavedModel(0), BackendError, `Cannot run ${none}`);
  assertThrows(() => binding.deleteSavedModel(0), BackendError, `Cannot delete ${none}`);
  assertEquals(binding.getNumOfSavedModels(), 0);
});
