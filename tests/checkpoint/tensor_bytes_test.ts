import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import { CheckpointStore, type TensorData, toBytes, toTensors } from "lib/checkpoint/mod.ts";
import { Random } from "lib/core/mod.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { randomTensor } from "./_fixtures.ts";

await tf.setBackend("cpu");

/** Values whose bits are easily lost: signed zeros, subnormals, the largest, infinity, NaN. */
const HARD = [0, -0, 2 ** -149, -1e-40, 3.4028234663852886e38, 1 / 3, -Infinity, NaN];

Deno.test("toBytes() and toTensors() keep every bit, shape and dtype, in order", () => {
  const tensors = {
    "blocks.0.weight": tf.tensor(HARD, [2, 2, 2]),
    "a.scalar": tf.scalar(0.1),
    "empty": tf.zeros([0, 3]),
    "ids": tf.tensor1d([1, -2147483648, 2147483647], "int32"),
    "__proto__x": tf.ones([1]),
  };
  const bytes = toBytes(tensors), back = toTensors(bytes);
  assertEquals(Object.keys(back), Object.keys(tensors));
  for (const [name, tensor] of Object.entries(tensors)) {
    assertEquals([back[name]?.shape, back[name]?.dtype], [tensor.shape, tensor.dtype]);
  }
  assertEquals(toBytes(back), bytes);
  const hard = new Float32Array(bytes.get("blocks.0.weight")!.data.slice().buffer);
  assertEquals([...hard], HARD.map(Math.fround));
  tf.dispose([tensors, back]);
});

Deno.test("toBytes() gives a copy, and toTensors() takes one", () => {
  const tensors = { a: tf.tensor1d([1, 2]) }, bytes = toBytes(tensors);
  bytes.get("a")!.data.fill(0);
  assertEquals([...tensors.a.dataSync()], [1, 2]);
  const made = toTensors(bytes);
  bytes.get("a")!.data.fill(255);
  assertEquals([...made["a"]!.dataSync()], [0, 0]);
  tf.dispose([tensors, made]);
});

Deno.test("toTensors() reads data that begin at any address", () => {
  const source = toBytes({ a: tf.tensor1d([0.5, -1]) }).get("a")!;
  const shifted = new Uint8Array(source.data.length + 1);
  shifted.set(source.data, 1);
  const tensors = toTensors(new Map([["a", { ...source, data: shifted.subarray(1) }]]));
  assertEquals([...tensors["a"]!.dataSync()], [0.5, -1]);
});

Deno.test("toTensors() makes as many tensors as there are names, and none where it throws", () => {
  const before = tf.memory().numTensors, random = new Random(1);
  const sound: [string, TensorData][] = ["a", "b"].map((name) => [
    name,
    randomTensor(random, "F32", [4]),
  ]);
  const tensors = toTensors(new Map(sound));
  assertEquals(tf.memory().numTensors, before + 2);
  tf.dispose(tensors);
  const bad = new Map([...sound, ["c", randomTensor(random, "BF16", [4])] as const]);
  const text = 'Cannot load tensor "c": expected F32 or I32, got BF16';
  assertThrows(() => toTensors(bad), TypeError, text);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("toBytes() refuses other dtypes", () => {
  const text = 'Cannot save tensor "mask": expected float32 or int32, got bool';
  assertThrows(() => toBytes({ mask: tf.tensor1d([true], "bool") }), TypeError, text);
});

Deno.test("tensors come back from a store with the bits they had", () => {
  const store = CheckpointStore.open(`${temporaryFolder()}/a`);
  const model = toBytes({ w: tf.tensor(HARD, [8]) }), optimizer = toBytes({ m: tf.ones([3]) });
  store.save({ step: 1, model, optimizer, modelConfig: {}, state: {} });
  const loaded = store.load("last");
  assertEquals(toBytes(toTensors(loaded.model)), model);
  assertEquals(toBytes(toTensors(loaded.optimizer)), optimizer);
});
