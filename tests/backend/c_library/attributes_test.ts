import { assert, assertEquals, assertThrows } from "@std/assert";
import { handleCount, useBackend } from "lib/backend/mod.ts";
import type { OpAttribute, TensorMetadata } from "lib/backend/c_library/op_sink.ts";
import { tensorFlowBinding } from "lib/backend/use_backend.ts";
import { BackendError } from "lib/core/mod.ts";

await useBackend({ backend: "tensorflow" });
const binding = tensorFlowBinding();
const { TF_ATTR_BOOL, TF_ATTR_FLOAT, TF_ATTR_FUNC, TF_ATTR_INT, TF_ATTR_SHAPE } = binding;
const { TF_ATTR_STRING, TF_ATTR_TYPE, TF_FLOAT, TF_INT32, TF_STRING } = binding;

const int = (name: string, value: unknown) => ({ name, type: TF_ATTR_INT, value });
const type = (name: string, value: unknown) => ({ name, type: TF_ATTR_TYPE, value });
const floats = (...values: number[]) =>
  binding.createTensor([values.length], TF_FLOAT, Float32Array.from(values));

/** Runs one op on new tensors, which it frees with the outputs, and gives the outputs' values. */
function run(name: string, attributes: OpAttribute[], inputs: number[] = [], outputs = 1) {
  let results: TensorMetadata[] = [];
  try {
    results = binding.executeOp(name, attributes, inputs, outputs);
    return results.map(({ id, shape, dtype }) => ({
      shape,
      dtype,
      values: binding.tensorDataSync(id),
    }));
  } finally {
    for (const id of [...inputs, ...results.map(({ id }) => id)]) binding.deleteTensor(id);
  }
}

const first = (results: ReturnType<typeof run>) => {
  const [result] = results;
  assert(result !== undefined);
  return result;
};
const text = (values: unknown) =>
  (values as Uint8Array[]).map((bytes) => new TextDecoder().decode(bytes));

Deno.test("an attribute sets a type, a boolean and an integer", () => {
  const product = run("MatMul", [
    type("T", TF_FLOAT),
    { name: "transpose_a", type: TF_ATTR_BOOL, value: true },
    { name: "transpose_b", type: TF_ATTR_BOOL, value: false },
  ], [
    binding.createTensor([2, 1], TF_FLOAT, Float32Array.of(2, 3)),
    binding.createTensor([2, 1], TF_FLOAT, Float32Array.of(5, 7)),
  ]);
  assertEquals(first(product).values, Float32Array.of(31));
  const packed = run("Pack", [type("T", TF_FLOAT), int("axis", 1), int("N", 2)], [
    floats(1, 2),
    floats(3, 4),
  ]);
  assertEquals(first(packed).values, Float32Array.of(1, 3, 2, 4));
});

Deno.test("an attribute sets a float", () => {
  const alpha = { name: "alpha", type: TF_ATTR_FLOAT, value: 0.5 };
  assertEquals(
    first(run("LeakyRelu", [type("T", TF_FLOAT), alpha], [floats(-2, 3)])).values,
    Float32Array.of(-1, 3),
  );
});

Deno.test("an attribute sets a string, given as text or as bytes", () => {
  for (const value of ["·ž·", new TextEncoder().encode("·ž·")]) {
    const words = ["a", "b"].map((word) =>
      binding.createTensor([], TF_STRING, [new TextEncoder().encode(word)])
    );
    const separator = { name: "separator", type: TF_ATTR_STRING, value };
    const joined = first(run("StringJoin", [int("N", 2), separator], words));
    assertEquals(text(joined.values), ["a·ž·b"]);
  }
});

Deno.test("an attribute sets a shape: with sizes open, of rank 0, and of unknown rank", () => {
  const ensure = (shape: unknown, input = floats(1, 2)) =>
    first(run("EnsureShape", [
      type("T", TF_FLOAT),
      { name: "shape", type: TF_ATTR_SHAPE, value: shape },
    ], [input])).values;
  const scalar = () => binding.createTensor([], TF_FLOAT, Float32Array.of(3));
  for (const fitting of [[2], [-1], null]) assertEquals(ensure(fitting), Float32Array.of(1, 2));
  assertEquals(ensure([], scalar()), Float32Array.of(3));
  assertThrows(() => ensure([3]), BackendError, "[2] is not compatible with expected shape [3]");
  assertThrows(() => ensure([]), BackendError, "[2] is not compatible with expected shape []");
});

Deno.test("an attribute sets a list of integers", () => {
  const image = binding.createTensor([1, 2, 2, 1], TF_FLOAT, Float32Array.of(1, 5, 3, 2));
  const pooled = run("MaxPool", [
    type("T", TF_FLOAT),
    int("ksize", [1, 2, 2, 1]),
    int("strides", [1, 1, 1, 1]),
    { name: "padding", type: TF_ATTR_STRING, value: "VALID" },
  ], [image]);
  assertEquals(first(pooled).values, Float32Array.of(5));
});

Deno.test("an attribute sets a list of floats", () => {
  const boundaries = { name: "boundaries", type: TF_ATTR_FLOAT, value: [0, 10, 100] };
  assertEquals(
    first(run("Bucketize", [type("T", TF_FLOAT), boundaries], [floats(-5, 10, 150)])).values,
    Int32Array.of(0, 2, 3),
  );
});

Deno.test("an attribute sets a list of types", () => {
  const both = run("IdentityN", [type("T", [TF_FLOAT, TF_INT32])], [
    floats(1.5),
    binding.createTensor([1], TF_INT32, Int32Array.of(2)),
  ], 2);
  assertEquals(both.map(({ values }) => values), [Float32Array.of(1.5), Int32Array.of(2)]);
});

Deno.test("an attribute sets lists of shapes, of types and of strings together", () => {
  // A queue keeps an element of two parts, of these types and shapes, and refuses any other.
  const queue = binding.executeOp(
    "FIFOQueueV2",
    [
      type("component_types", [TF_FLOAT, TF_INT32]),
      { name: "shapes", type: TF_ATTR_SHAPE, value: [[2], []] },
      int("capacity", 1),
      { name: "shared_name", type: TF_ATTR_STRING, value: "queue of two parts" },
    ],
    [],
    1,
  ).map(({ id }) => id);
  const put = (part: number) =>
    binding.executeOp("QueueEnqueueV2", [type("Tcomponents", [TF_FLOAT, TF_INT32])], [
      ...queue,
      part,
      scalar,
    ], 0);
  const scalar = binding.createTensor([], TF_INT32, Int32Array.of(7));
  const pair = floats(1, 2), triple = floats(1, 2, 3);
  assertEquals(put(pair), []);
  assertThrows(() => put(triple), BackendError, "Shape mismatch in tuple component 0");
  for (const id of [...queue, scalar, pair, triple]) binding.deleteTensor(id);
});

Deno.test("an attribute sets a list of strings", () => {
  const fused = run("_FusedMatMul", [
    type("T", TF_FLOAT),
    int("num_args", 1),
    { name: "fused_ops", type: TF_ATTR_STRING, value: ["BiasAdd", "Relu"] },
  ], [
    binding.createTensor([1, 1], TF_FLOAT, Float32Array.of(2)),
    binding.createTensor([1, 2], TF_FLOAT, Float32Array.of(3, -9)),
    floats(1, 1),
  ]);
  assertEquals(first(fused).values, Float32Array.of(7, 0));
});

Deno.test("an attribute of one value refuses a list of booleans", () => {
  // No op in TensorFlow's library takes such a list: only the refusal can be seen.
  const inputs = [floats(1), floats(1)];
  const transpose = { name: "transpose_a", type: TF_ATTR_BOOL, value: [true] };
  assertThrows(
    () => binding.executeOp("MatMul", [type("T", TF_FLOAT), transpose], inputs, 1),
    TypeError,
    'Cannot run MatMul: expected attribute "transpose_a" to be true or false, got [true]',
  );
  for (const id of inputs) binding.deleteTensor(id);
});

Deno.test("an attribute that the op does not have is refused, not ignored", () => {
  const id = floats(1);
  const error = assertThrows(
    () => binding.executeOp("Abs", [type("T", TF_FLOAT), int("sizes", 1)], [id], 1),
    BackendError,
    'Cannot run Abs: expected one of its attributes, got "sizes": INVALID_ARGUMENT: ',
  );
  assertEquals([error.code, error.op], ["INVALID_ARGUMENT", "Abs"]);
  // Hints to the runtime begin with a line below and stand in no definition.
  const hint = { name: "_hint", type: TF_ATTR_BOOL, value: true };
  binding.executeOp("Abs", [type("T", TF_FLOAT), hint], [id], 1).forEach(({ id }) =>
    binding.deleteTensor(id)
  );
  binding.deleteTensor(id);
});

Deno.test("an attribute of another kind than the op's is refused, not ignored", () => {
  const kinds: [number, string][] = [
    [TF_ATTR_INT, "int"],
    [TF_ATTR_STRING, "string"],
    [TF_ATTR_SHAPE, "shape"],
    [TF_ATTR_FUNC, "func"],
    [99, "kind 99"],
  ];
  const id = floats(1), before = handleCount();
  for (const [kind, name] of kinds) {
    assertThrows(
      () => binding.executeOp("Abs", [{ name: "T", type: kind, value: 1 }], [id], 1),
      TypeError,
      `Cannot run Abs: expected attribute "T" to be type, got ${name}`,
    );
  }
  assertEquals(handleCount(), before);
  binding.deleteTensor(id);
});

Deno.test("an integer attribute takes bigint, and the whole part of a fraction", () => {
  const uniform = (seed: number | bigint) =>
    first(run("RandomUniform", [
      type("dtype", TF_FLOAT),
      type("T", TF_INT32),
      int("seed", seed),
      int("seed2", 1),
    ], [binding.createTensor([1], TF_INT32, Int32Array.of(4))])).values;
  assertEquals(uniform(7.9).length, 4);
  assertEquals(uniform(2n ** 62n).length, 4);
});

Deno.test("an attribute of a wrong value is refused with its name, and nothing is left behind", () => {
  const { TF_ATTR_TYPE: TYPE, TF_ATTR_INT: INT, TF_ATTR_BOOL: BOOL } = binding;
  const refused: [op: string, name: string, kind: number, value: unknown, message: string][] = [
    ["Abs", "T", TYPE, null, "an integer, got null"],
    ["Abs", "T", TYPE, 1.5, "an integer, got 1.5"],
    ["Abs", "T", TYPE, [1, 2], "an integer, got [1,2]"],
    ["Pack", "axis", INT, "1", "a finite number, got 1"],
    ["Pack", "axis", INT, NaN, "a finite number, got NaN"],
    ["LeakyRelu", "alpha", TF_ATTR_FLOAT, false, "a number, got false"],
    ["MatMul", "transpose_a", BOOL, 1, "true or false, got 1"],
    ["StringJoin", "separator", TF_ATTR_STRING, {}, "a string, got {}"],
    ["EnsureShape", "shape", TF_ATTR_SHAPE, 2, "a list, got 2"],
    ["EnsureShape", "shape", TF_ATTR_SHAPE, [1.5], "a list with an integer at 0, got 1.5"],
    ["MaxPool", "ksize", INT, 2, "a list, got 2"],
    ["MaxPool", "ksize", INT, [1, null], "a list with a finite number at 1, got null"],
    ["FIFOQueueV2", "shapes", TF_ATTR_SHAPE, [2], "a list with a list at 0, got 2"],
    ["PartitionedCall", "f", TF_ATTR_FUNC, 3, "a string, got 3"],
  ];
  const before = handleCount();
  for (const [op, name, type, value, message] of refused) {
    assertThrows(
      () => binding.executeOp(op, [{ name, type, value }], [], 1),
      TypeError,
      `Cannot run ${op}: expected attribute "${name}" to be ${message}`,
    );
  }
  assertThrows(
    () => run("EnsureShape", [{ name: "shape", type: TF_ATTR_SHAPE, value: Array(300).fill(1) }]),
    BackendError,
    'Cannot run EnsureShape with attribute "shape": INVALID_ARGUMENT: ',
  );
  assertEquals(handleCount(), before);
});
