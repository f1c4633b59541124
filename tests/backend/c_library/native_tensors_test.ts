import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import { handleCount, useBackend } from "lib/backend/mod.ts";
import type { TensorValues } from "lib/backend/c_library/op_sink.ts";
import { tensorFlowBinding } from "lib/backend/use_backend.ts";
import { BackendError } from "lib/core/mod.ts";

await useBackend({ backend: "tensorflow" });
const binding = tensorFlowBinding(), { native } = binding;
const UINT64 = 23, HALF = 19;
const type = (name: string, value: number) => ({ name, type: binding.TF_ATTR_TYPE, value });
const utf8 = (text: string) => new TextEncoder().encode(text);

/** Runs `test` and checks that it leaves as many live tensors as it found. */
function leavesNoTensor(test: () => void): void {
  const before = handleCount();
  test();
  assertEquals(handleCount(), before);
}

function roundTrip(shape: number[], dtype: number, values: TensorValues): TensorValues {
  const id = native.createTensor(shape, dtype, values);
  const [copy] = native.executeOp("Identity", [type("T", dtype)], [id], 1);
  assert(copy !== undefined);
  assertEquals([copy.shape, copy.dtype], [shape, dtype]);
  const read = native.tensorDataSync(copy.id);
  native.deleteTensor(id);
  native.deleteTensor(copy.id);
  return read;
}

Deno.test("NativeTensors gives every element type's values back bit for bit", () => {
  const cases: [number, number[], TensorValues][] = [
    [binding.TF_FLOAT, [2, 3], Float32Array.of(0, -0, 1.5, -Infinity, 3e-45, 3.4e38)],
    [binding.TF_INT32, [3], Int32Array.of(-(2 ** 31), 0, 2 ** 31 - 1)],
    [binding.TF_UINT8, [2, 1], Uint8Array.of(0, 255)],
    [binding.TF_BOOL, [2], Uint8Array.of(1, 0)],
    [binding.TF_COMPLEX64, [2], Float32Array.of(1, -1, 0.5, 2)],
    [binding.TF_INT64, [2], BigInt64Array.of(-(2n ** 63n), 2n ** 53n + 1n)],
    [UINT64, [2], BigUint64Array.of(0n, 2n ** 64n - 1n)],
  ];
  leavesNoTensor(() => {
    for (const [dtype, shape, values] of cases) {
      assertEquals(roundTrip(shape, dtype, values), values);
    }
  });
});

Deno.test("NativeTensors keeps a NaN's payload", () => {
  const bits = Uint32Array.of(0x7fc12345, 0xffc00001);
  const read = roundTrip([2], binding.TF_FLOAT, new Float32Array(bits.buffer));
  assertInstanceOf(read, Float32Array);
  assertEquals(new Uint32Array(read.buffer), bits);
});

Deno.test("NativeTensors takes an int64 as pairs of int32, the low half first", () => {
  const values = Int32Array.of(7, 0, -3, -1);
  assertEquals(roundTrip([2], binding.TF_INT64, values), BigInt64Array.of(7n, -3n));
});

Deno.test("NativeTensors takes scalars, and shapes without elements", () => {
  leavesNoTensor(() => {
    assertEquals(roundTrip([], binding.TF_FLOAT, Float32Array.of(4)), Float32Array.of(4));
    assertEquals(roundTrip([0], binding.TF_FLOAT, new Float32Array()), new Float32Array());
    assertEquals(roundTrip([2, 0, 3], binding.TF_INT32, new Int32Array()), new Int32Array());
    assertEquals(roundTrip([0], binding.TF_STRING, []), []);
  });
});

Deno.test("NativeTensors copies the values of an array that is part of a larger one, or of a subclass", () => {
  const part = Float32Array.of(1, 2, 3, 4).subarray(1, 3);
  assertEquals(roundTrip([2], binding.TF_FLOAT, part), Float32Array.of(2, 3));
  assertEquals(roundTrip([2], binding.TF_UINT8, Buffer.from([1, 2])), Uint8Array.of(1, 2));
});

Deno.test("NativeTensors keeps strings: empty, short, long, with zeros, of any alphabet, or no text", () => {
  const strings = [
    ...["", "a", "22 bytes fit inside it", "23 bytes do not fit: it", "žluťoučký kůň", "🦊 狐"].map(
      utf8,
    ),
    utf8("zero \0 inside"),
    Uint8Array.of(0xff, 0xfe, 0x00), // not UTF-8
    new Uint8Array(100_000).fill(65),
  ];
  leavesNoTensor(() => assertEquals(roundTrip([3, 3], binding.TF_STRING, strings), strings));
});

Deno.test("NativeTensors keeps strings alive in an output when their first tensor is deleted", () => {
  leavesNoTensor(() => {
    const long = utf8("long enough to be stored outside of the tensor itself");
    const id = native.createTensor([1], binding.TF_STRING, [long]);
    const shape = native.createTensor([2], binding.TF_INT32, Int32Array.of(1, 1));
    const types = [type("T", binding.TF_STRING), type("Tshape", binding.TF_INT32)];
    const [view] = native.executeOp("Reshape", types, [id, shape], 1);
    assert(view !== undefined);
    native.deleteTensor(id);
    native.deleteTensor(native.createTensor([1], binding.TF_STRING, [new Uint8Array(53)]));
    assertEquals(native.tensorDataSync(view.id), [long]);
    native.deleteTensor(view.id);
    native.deleteTensor(shape);
  });
});

Deno.test("NativeTensors reads a resource handle as bytes", () => {
  const shape = { name: "shape", type: binding.TF_ATTR_SHAPE, value: [] };
  const name = { name: "shared_name", type: binding.TF_ATTR_STRING, value: "counter" };
  leavesNoTensor(() => {
    const attributes = [type("dtype", binding.TF_FLOAT), shape, name];
    const [variable] = native.executeOp("VarHandleOp", attributes, [], 1);
    assert(variable !== undefined);
    assertEquals(variable.dtype, binding.TF_RESOURCE);
    const bytes = native.tensorDataSync(variable.id);
    assertInstanceOf(bytes, Uint8Array);
    assert(new TextDecoder().decode(bytes).includes("counter"));
    native.deleteTensor(variable.id);
  });
});

Deno.test("NativeTensors.createTensor() refuses values that do not fit, and leaves none behind", () => {
  const { TF_FLOAT, TF_INT64, TF_STRING, TF_RESOURCE } = binding;
  const create = (dtype: number, values: unknown) => () =>
    // The types forbid these values; a kernel written in JavaScript may pass them.
    native.createTensor([2, 3], dtype, values as TensorValues);
  leavesNoTensor(() => {
    const float = "Cannot create a tensor float32 [2,3]: expected Float32Array of 6, got ";
    assertThrows(create(TF_FLOAT, new Float32Array(5)), TypeError, `${float}Float32Array of 5`);
    assertThrows(create(TF_FLOAT, new Int32Array(6)), TypeError, `${float}Int32Array of 6`);
    assertThrows(create(TF_FLOAT, null), TypeError, `${float}null`);
    assertThrows(
      create(TF_INT64, new Int32Array(6)),
      TypeError,
      "int64 [2,3]: expected Int32Array of 12 or BigInt64Array of 6, got Int32Array of 6",
    );
    assertThrows(
      create(TF_RESOURCE, new Uint8Array(6)),
      TypeError,
      "expected a data type that holds values, got resource",
    );
    assertThrows(create(1000, new Uint8Array(6)), TypeError, "got data type 1000");
    assertThrows(
      create(TF_STRING, [utf8("one")]),
      TypeError,
      "string [2,3]: expected an array of 6 strings' bytes, got Array of 1",
    );
    assertThrows(
      create(TF_STRING, ["", "", "", "", "", ""]),
      TypeError,
      'expected the UTF-8 bytes of each string, got "" at 0',
    );
  });
});

Deno.test("NativeTensors frees a tensor exactly once", () => {
  const id = native.createTensor([], binding.TF_FLOAT, Float32Array.of(1));
  native.deleteTensor(id);
  const gone = `expected the id of a live tensor, got ${id}, deleted before or never made`;
  const error = assertThrows(
    () => native.deleteTensor(id),
    BackendError,
    `Cannot delete a tensor: ${gone}`,
  );
  assertEquals(error.code, "NOT_FOUND");
  assertThrows(() => native.tensorDataSync(id), BackendError, `Cannot read a tensor: ${gone}`);
  assertThrows(() => native.handle(-1), BackendError, "Cannot use a tensor: expected");
  const later = native.createTensor([], binding.TF_FLOAT, Float32Array.of(2));
  assert(later > id); // no id comes back, so an old one never frees a new tensor
  native.deleteTensor(later);
});

Deno.test("NativeTensors.executeOp() names op, types, shapes, and TensorFlow's code and words", () => {
  const a = native.createTensor([2, 3], binding.TF_FLOAT, new Float32Array(6));
  const b = native.createTensor([4, 5], binding.TF_FLOAT, new Float32Array(20));
  leavesNoTensor(() => {
    const error = assertThrows(
      () => native.executeOp("MatMul", [type("T", binding.TF_FLOAT)], [a, b], 1),
      BackendError,
    );
    assertEquals(
      error.message,
      "Cannot run MatMul on float32 [2,3], float32 [4,5]: INVALID_ARGUMENT: " +
        "Matrix size-incompatible: In[0]: [2,3], In[1]: [4,5]",
    );
    assertEquals([error.code, error.op], ["INVALID_ARGUMENT", "MatMul"]);
  });
  native.deleteTensor(a);
  native.deleteTensor(b);
});

Deno.test("NativeTensors.executeOp() refuses what cannot be run, and leaves nothing behind", () => {
  const id = native.createTensor([1], binding.TF_FLOAT, Float32Array.of(1));
  const run = (name: string, inputs: number[], outputs: number) => () =>
    native.executeOp(name, [type("T", binding.TF_FLOAT)], inputs, outputs);
  leavesNoTensor(() => {
    assertThrows(run("", [], 1), TypeError, 'Cannot run an op: expected its name, got ""');
    assertThrows(run("Abs", [id], -1), TypeError, "expected the number of its outputs, got -1");
    assertThrows(
      run("NoSuchOp", [id], 1),
      BackendError,
      "Cannot run NoSuchOp on float32 [1]: NOT_FOUND: ",
    );
    assertThrows(
      run("Abs", [id, 999_999], 1),
      BackendError,
      "Cannot run Abs: expected the id of a live tensor, got 999999",
    );
    assertThrows(
      run("Abs", [], 1),
      BackendError,
      "Cannot run Abs on no inputs: INVALID_ARGUMENT: ",
    );
    assertThrows(run("Abs", [id], 0), BackendError, "Cannot run Abs on float32 [1]: ");
  });
  native.deleteTensor(id);
});

Deno.test("NativeTensors.executeOp() takes ops with no output, and with more than eight", () => {
  const axis = native.createTensor([], binding.TF_INT32, Int32Array.of(0));
  const values = native.createTensor(
    [12],
    binding.TF_INT32,
    Int32Array.from({ length: 12 }, (_, i) => i),
  );
  leavesNoTensor(() => {
    const parts = { name: "num_split", type: binding.TF_ATTR_INT, value: 12 };
    const outputs = native.executeOp("Split", [parts, type("T", 3)], [axis, values], 12);
    assertEquals(outputs.map(({ id }) => native.tensorDataSync(id)[0]), [...Array(12).keys()]);
    for (const { id } of outputs) native.deleteTensor(id);
    assertEquals(native.executeOp("NoOp", [], [], 0), []);
  });
  native.deleteTensor(axis);
  native.deleteTensor(values);
});

Deno.test("NativeTensors.tensorDataSync() refuses a type that JavaScript has no array for", () => {
  const id = native.createTensor([1], binding.TF_FLOAT, Float32Array.of(1));
  const types = [type("SrcT", binding.TF_FLOAT), type("DstT", HALF)];
  const [half] = native.executeOp("Cast", types, [id], 1);
  assert(half !== undefined);
  assertThrows(
    () => native.tensorDataSync(half.id),
    BackendError,
    "Cannot read a tensor: expected a data type that JavaScript has an array for, got float16",
  );
  native.deleteTensor(half.id);
  native.deleteTensor(id);
});

Deno.test("NativeTensors.reshape() gives the same values in another shape, and stands by itself", () => {
  const id = native.createTensor([2, 3], binding.TF_FLOAT, Float32Array.of(1, 2, 3, 4, 5, 6));
  const before = native.size;
  const reshaped = native.reshape(id, [3, 1, 2]);
  assertEquals(native.size, before + 1);
  assertEquals([reshaped?.shape, reshaped?.dtype], [[3, 1, 2], binding.TF_FLOAT]);
  native.deleteTensor(id);
  assertEquals(native.tensorDataSync(reshaped?.id ?? -1), Float32Array.of(1, 2, 3, 4, 5, 6));
  native.deleteTensor(reshaped?.id ?? -1);
  const empty = native.createTensor([0, 3], binding.TF_BOOL, new Uint8Array(0));
  const other = native.reshape(empty, [3, 0]);
  assertEquals([other?.shape, other?.dtype], [[3, 0], binding.TF_BOOL]);
  native.deleteTensor(empty);
  native.deleteTensor(other?.id ?? -1);
});

Deno.test("NativeTensors.reshape() leaves strings to the op, and refuses other numbers of elements", () => {
  const words = native.createTensor([1], binding.TF_STRING, [Uint8Array.of(97)]);
  assertEquals(native.reshape(words, [1, 1]), undefined);
  const id = native.createTensor([2], binding.TF_INT32, Int32Array.of(1, 2)), before = native.size;
  const error = assertThrows(
    () => native.reshape(id, [3]),
    BackendError,
    "Cannot reshape int32 [2]: expected as many elements, got [3]: INVALID_ARGUMENT: ",
  );
  assertEquals([error.op, native.size], ["Reshape", before]);
  native.deleteTensor(id);
  native.deleteTensor(words);
});
