import { assertEquals, assertThrows } from "@std/assert";
import * as tf from "@tensorflow/tfjs";
import {
  CheckpointStore,
  decodeSafetensors,
  type TensorData,
  toBytes,
  toTensors,
} from "lib/checkpoint/mod.ts";
import { DTYPE_BYTES } from "lib/checkpoint/safetensors.ts";
import { Random } from "lib/core/mod.ts";
import { python } from "../support/python.ts";
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
  const bad = new Map([...sound, ["c", randomTensor(random, "C64", [4])] as const]);
  const text =
    'Cannot load tensor "c": expected F32, F16, BF16, F64, I32, I64, I16, I8, U32, U64, ' +
    "U16, U8 or BOOL, got C64";
  assertThrows(() => toTensors(bad), TypeError, text);
  assertEquals(tf.memory().numTensors, before);
});

Deno.test("toTensors() reads every element type as NumPy does, each value of the narrow ones", () => {
  const path = `${temporaryFolder()}/types.safetensors`;
  const written: Record<string, (number | string)[]> = JSON.parse(
    python(new URL("write_element_types.py", import.meta.url), [path]),
  );
  const { tensors } = decodeSafetensors(Deno.readFileSync(path)), made = toTensors(tensors);
  assertEquals([...tensors.keys()].sort(), Object.keys(written).sort());
  for (const [name, values] of Object.entries(written)) {
    const isFloat = /F/.test(tensors.get(name)?.dtype ?? "");
    assertEquals(made[name]?.dtype, name === "bool" ? "bool" : isFloat ? "float32" : "int32");
    assertEquals([...made[name]!.dataSync()], values.map(Number), name);
  }
  tf.dispose(made);
});

Deno.test("toTensors() refuses what does not fit, and leaves no tensor", () => {
  const before = tf.memory().numTensors;
  const tooLarge: [TensorData["dtype"], ArrayBufferView<ArrayBuffer>, string][] = [
    ["I64", BigInt64Array.of(1n, 2n ** 31n), "expected one within int32, got 2147483648"],
    ["I64", BigInt64Array.of(-(2n ** 31n) - 1n), "expected one within int32, got -2147483649"],
    [
      "U64",
      BigUint64Array.of(2n ** 64n - 1n),
      "expected one within int32, got 18446744073709551615",
    ],
    ["U32", Uint32Array.of(2 ** 31), "expected one within int32, got 2147483648"],
    ["F64", Float64Array.of(1, 1e39), "expected one within float32, got 1e+39"],
  ];
  for (const [dtype, { buffer, byteLength }, text] of tooLarge) {
    const shape = [byteLength / DTYPE_BYTES[dtype]], data = new Uint8Array(buffer);
    assertThrows(
      () => toTensors(new Map([["a", { dtype, shape, data }]])),
      RangeError,
      `Cannot load tensor "a" (${dtype}): ${text}`,
    );
  }
  assertEquals(tf.memory().numTensors, before);
  const fits = {
    dtype: "F64",
    shape: [3],
    data: new Uint8Array(Float64Array.of(1e38, -Infinity, NaN).buffer),
  } as const;
  const made = toTensors(new Map([["a", fits]]));
  assertEquals([...made["a"]!.dataSync()], [Math.fround(1e38), -Infinity, NaN]);
  tf.dispose(made);
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
