import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { assertEquals, assertThrows } from "@std/assert";
import { handleCount, philoxUniform, useBackend } from "lib/backend/mod.ts";
import type { OpSink } from "lib/backend/c_library/op_sink.ts";
import { tensorFlowBinding } from "lib/backend/use_backend.ts";
import { BackendError } from "lib/core/mod.ts";

await useBackend({ backend: "tensorflow" });

/** What a machine without a graphics adapter can run; WebGPU registers the same kernel as WASM. */
const BACKENDS = ["tensorflow", "wasm", "cpu"];

function seededUniform(seed: tf.Tensor, shape: number[], stream: number): tf.Tensor {
  const result = tf.engine().runKernel("SeededUniform", { seed }, { shape, stream });
  return result as tf.Tensor; // the kernel has one output
}

/** Runs `test` on one backend and goes back to TensorFlow on every way out. */
async function on(backend: string, test: () => void): Promise<void> {
  await tf.setBackend(backend);
  try {
    test();
  } finally {
    await tf.setBackend("tensorflow");
  }
}

for (const backend of BACKENDS) {
  Deno.test(`SeededUniform on ${backend} gives Philox's numbers bit for bit`, () =>
    on(backend, () => {
      const shapes = [[], [1], [7], [3, 5], [2, 0], [4, 4, 4], [1000, 33]];
      for (const [place, shape] of shapes.entries()) {
        const stream = [0, 1, 2 ** 32 + 5, 2 ** 53 - 1][place % 4] ?? 0;
        const size = shape.reduce((product, length) => product * length, 1);
        tf.tidy(() => {
          const uniform = seededUniform(tf.tensor1d([7, -9], "int32"), shape, stream);
          assertEquals([uniform.shape, uniform.dtype], [shape, "float32"]);
          assertEquals(uniform.dataSync(), philoxUniform([7, -9], { size, stream }));
        });
      }
    }));
}

Deno.test("SeededUniform is registered on every backend, WebGPU included", () => {
  for (const backend of [...BACKENDS, "webgpu"]) {
    assertEquals(tf.getKernel("SeededUniform", backend)?.kernelName, "SeededUniform");
  }
});

Deno.test("SeededUniform takes a seed that was computed, and leaves nothing but its result", () => {
  const seed = tf.tensor1d([3, 4], "int32").add(tf.tensor1d([4, -13], "int32"));
  const before = handleCount();
  const uniform = seededUniform(seed, [5], 2);
  assertEquals(handleCount(), before + 1);
  assertEquals(uniform.dataSync(), philoxUniform([7, -9], { size: 5, stream: 2 }));
  tf.dispose([uniform, seed]);
});

Deno.test("SeededUniform refuses seeds, shapes and streams that it cannot use", async () => {
  for (const backend of BACKENDS) {
    await on(backend, () =>
      tf.tidy(() => {
        const seed = tf.tensor1d([1, 2], "int32");
        const before = tf.memory().numTensors;
        assertThrows(
          () => seededUniform(tf.tensor1d([1, 2]), [1], 0),
          TypeError,
          "Cannot run SeededUniform: expected a seed int32 [2], got float32 [2]",
        );
        assertThrows(
          () => seededUniform(tf.scalar(1, "int32"), [1], 0),
          TypeError,
          "expected a seed int32 [2], got int32 []",
        );
        assertThrows(
          () => seededUniform(seed, [2, -1], 0),
          TypeError,
          "expected a shape of integers from 0, got [2,-1]",
        );
        assertThrows(
          () => seededUniform(seed, [1], 2 ** 53),
          RangeError,
          "expected a stream from 0 to 2^53 - 1, got 9007199254740992",
        );
        assertEquals(tf.memory().numTensors - before, 2); // the two seeds made above
      }));
  }
});

Deno.test("GatherV2 does not read its indices back", () => {
  const binding = tensorFlowBinding(), { native } = binding;
  let reads = 0;
  const table = tf.tensor2d([[1, 2], [3, 4], [5, 6]]), indices = tf.tensor1d([2, 0], "int32");
  const rows = binding.runThrough({
    createTensor: (...call) => native.createTensor(...call),
    deleteTensor: (id) => native.deleteTensor(id),
    executeOp: (...call) => native.executeOp(...call),
    tensorDataSync: (id) => (reads++, native.tensorDataSync(id)),
  }, () => tf.gather(table, indices));
  assertEquals(reads, 0);
  assertEquals(rows.dataSync(), Float32Array.of(5, 6, 1, 2));
  tf.dispose([table, indices, rows]);
});

Deno.test("GatherV2 gathers every type it is given, along any axis, and by batch", () => {
  tf.tidy(() => {
    const order = tf.tensor1d([1, 0], "int32");
    for (const dtype of ["float32", "int32", "bool"] as const) {
      const table = tf.tensor2d([[0, 1], [1, 0]], [2, 2], dtype);
      const swapped = tf.gather(table, order, 1);
      assertEquals([swapped.dtype, swapped.arraySync()], [dtype, [[1, 0], [0, 1]]]);
    }
    const batch = tf.tensor2d([[1, 2], [3, 4]]);
    const picks = tf.tensor2d([[1], [0]], [2, 1], "int32");
    assertEquals(tf.gather(batch, picks, 1, 1).arraySync(), [[2], [3]]);
  });
});

Deno.test("GatherV2 refuses an index outside, and leaves nothing behind", () => {
  const table = tf.ones([3]), indices = tf.tensor1d([0, 3], "int32");
  tf.add(table, 0).dispose(); // so that both are TensorFlow's before the count
  tf.add(indices, 0).dispose();
  const before = handleCount();
  const error = assertThrows(
    () => tf.gather(table, indices),
    BackendError,
    "Cannot gather: GatherV2: the index value 3 is not in [0, 2]",
  );
  assertEquals([error.code, error.op], ["INVALID_ARGUMENT", "GatherV2"]);
  assertEquals(handleCount(), before);
  tf.dispose([table, indices]);
});

Deno.test("Round leaves integers as they are, and rounds halves to even", () => {
  tf.tidy(() => {
    const integers = tf.round(tf.tensor1d([-12345678, 10, 0], "int32"));
    assertEquals(integers.dataSync(), Int32Array.of(-12345678, 10, 0));
    const halves = tf.round(tf.tensor1d([0.5, 1.5, -2.5, 2.4]));
    assertEquals(halves.dataSync(), Float32Array.of(0, 2, -2, 2));
  });
});

Deno.test("Reshape and ExpandDims run no op, and run one where the sink in force wants it", () => {
  const binding = tensorFlowBinding(), { native } = binding, ops: string[] = [];
  const sink: OpSink = {
    createTensor: (...call) => native.createTensor(...call),
    deleteTensor: (id) => native.deleteTensor(id),
    executeOp: (name, ...rest) => (ops.push(name), native.executeOp(name, ...rest)),
    tensorDataSync: (id) => native.tensorDataSync(id),
  };
  const reshape = () =>
    tf.tidy(() => {
      const table = tf.tensor2d([[1, 2, 3], [4, 5, 6]]).reshape([3, -1]);
      const shapes = [0, 1, 2, -1].map((axis) => table.expandDims(axis).shape);
      assertEquals(shapes, [[1, 3, 2], [3, 1, 2], [3, 2, 1], [3, 2, 1]]);
      assertEquals(table.expandDims().arraySync(), [[[1, 2], [3, 4], [5, 6]]]);
    });
  for (const axis of [-4, 3]) assertThrows(() => tf.zeros([2, 2]).expandDims(axis), Error);
  binding.runThrough({ ...sink, reshape: (...call) => native.reshape(...call) }, reshape);
  assertEquals(ops, []);
  binding.runThrough(sink, reshape);
  assertEquals(ops, ["Reshape", ...Array(5).fill("ExpandDims")]);
});
