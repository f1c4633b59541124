import * as tf from "@tensorflow/tfjs";
import { assertEquals, assertMatch, assertStringIncludes, assertThrows } from "@std/assert";
import { Graph } from "lib/backend/c_library/graph.ts";
import { compile, handleCount, type TensorTree, useBackend } from "lib/backend/mod.ts";
import { Recorder } from "lib/backend/compiler/recorder.ts";
import { tensorFlowBinding } from "lib/backend/use_backend.ts";
import { BackendError } from "lib/core/mod.ts";

await useBackend({ backend: "tensorflow" });
const variable = tf.variable(tf.tensor1d([1, 2]), true, "weights");
const outside = tf.tensor1d([1, 2]);
variable.add(0).dispose(); // on the device from now on, so that the counts below hold still
outside.add(0).dispose();

/** What a step does, the op in the error, and what its message says. */
type Case = [name: string, step: (x: tf.Tensor) => unknown, op: string, message: string];

const READ = "expected no value to be read inside it, got a read of";
const READ_CURE =
  "\nCure: return the tensor and read it outside, or choose between two values by tf.where";
const RANDOM = "expected no random draw of JavaScript inside it, got one without a seed";
const DRAW_CURE = "\nCure: draw by seededUniform(), whose seed is an input, or outside the step";
const SHAPES = "expected shapes that follow from the inputs' shapes, got";
const SHAPES_CURE =
  "\nCure: use an op of fixed shape, such as tf.where in place of tf.booleanMaskAsync";
const VARIABLE = "expected no tf.Variable inside it, got";
const VARIABLE_CURE = "\nCure: pass its value as an input, and return the new one";
const KEPT_CURE = "\nCure: make what is kept before the first call, or return it";

const CASES: readonly Case[] = [
  [
    "dataSync() of an input",
    (x) => x.mul(x.dataSync()[0] ?? 0),
    "",
    `${READ} an input, float32 [2],`,
  ],
  [
    "arraySync() of a value",
    (x) => x.sum().arraySync(),
    "",
    `${READ} the output of Sum, float32 [],`,
  ],
  ["bufferSync()", (x) => x.neg().bufferSync(), "", `${READ} the output of Neg, float32 [2],`],
  ["data() that nobody awaits", (x) => (x.data(), x.neg()), "", `${READ} an input`],
  [
    "array() in an async step",
    async (x) => tf.tensor(await x.neg().data()),
    "",
    `${READ} the output of Neg`,
  ],
  ["print()", (x) => (x.print(), x), "", `${READ} an input`],
  ["a read that it catches", (x) => attempt(() => x.dataSync(), x), "", `${READ} an input`],
  [
    "an async step",
    async (x) => (await Promise.resolve(), x),
    "",
    "expected tensors at once, got a promise",
  ],
  ["tf.randomUniform", () => tf.randomUniform([2]), "", RANDOM + " at"],
  ["tf.randomNormal", () => tf.randomNormal([2]), "", RANDOM],
  ["tf.truncatedNormal", () => tf.truncatedNormal([2]), "", RANDOM],
  ["tf.randomGamma", () => tf.randomGamma([2], 1), "", RANDOM],
  ["tf.rand", () => tf.rand([2], Math.random), "", RANDOM],
  ["tf.dropout", (x) => tf.dropout(x, 0.5), "", RANDOM],
  ["tf.multinomial", (x) => tf.multinomial(x as tf.Tensor1D, 1), "", RANDOM],
  [
    "tf.multinomial with a seed",
    (x) => tf.multinomial(x as tf.Tensor1D, 1, 7),
    "Multinomial",
    "expected ops that give the same for the same inputs, got Multinomial at",
  ],
  ["tf.unique", (x) => tf.unique(x).values, "UniqueV2", `${SHAPES} UniqueV2, whose output's shape`],
  [
    "tf.whereAsync",
    (x) => tf.whereAsync(x.greater(0)),
    "",
    `${READ} the output of Greater, bool [2],`,
  ],
  ["tf.booleanMaskAsync", (x) => tf.booleanMaskAsync(x, x.cast("bool")), "", READ],
  [
    "tf.image.nonMaxSuppression",
    (x) =>
      tf.image.nonMaxSuppression(tf.stack([x, x]).reshape([1, 4]), x.slice(0, 1) as tf.Tensor1D, 1),
    "NonMaxSuppressionV3",
    `${SHAPES} NonMaxSuppressionV3`,
  ],
  ["a variable", (x) => x.add(variable), "", `${VARIABLE} "weights" at`],
  ["a variable, reshaped", (x) => x.add(variable.reshape([2])), "", `${VARIABLE} "weights"`],
  ["a variable as its result", () => variable, "", `${VARIABLE} "weights"`],
  ["a variable's value", (x) => x.add(variable.dataSync()), "", `${VARIABLE} "weights"`],
  ["tf.variableGrads", (x) => tf.variableGrads(() => x.mul(variable).sum()).grads, "", VARIABLE],
  ["a new variable", (x) => tf.variable(x), "", `${VARIABLE} a new one`],
  [
    "an assignment",
    (x) => (variable.assign(x.as1D()), x),
    "",
    `${VARIABLE} an assignment to "weights"`,
  ],
  [
    "tf.keep",
    (x) => (tf.keep(x.neg()), tf.tidy(() => (tf.keep(tf.scalar(1)), x.neg()))),
    "",
    "expected no tensor to outlive the step but by its result, got 2 kept by tf.keep",
  ],
];

const CURES: Readonly<Record<string, string>> = {
  [READ]: READ_CURE,
  [RANDOM]: DRAW_CURE,
  [SHAPES]: SHAPES_CURE,
  [VARIABLE]: VARIABLE_CURE,
  "expected no tensor to outlive": KEPT_CURE,
  "expected ops": DRAW_CURE,
  "expected tensors at once": "\nCure: make the step a plain function, and await outside of it",
};

function attempt(act: () => unknown, otherwise: tf.Tensor): tf.Tensor {
  try {
    act();
  } catch {
    // a step that goes on as if nothing had been refused
  }
  return otherwise;
}

/** Steps of all kinds, results of no type included. */
const recorded = (step: (x: tf.Tensor) => unknown) =>
  compile(step as (x: tf.Tensor) => TensorTree, { mode: "graph", name: "wrong" });

/** Runs `test` and checks that sink, counts and everything that was watched are as before. */
function leavesNothing(test: () => void): void {
  const { random } = Math, engine = tf.engine(), { keep } = engine;
  const own = () =>
    [engine, tf.backend(), tf.Variable.prototype].map((one) => Object.keys(one).join());
  const before = [tf.memory().numTensors, handleCount(), ...own()];
  test();
  assertEquals([tf.memory().numTensors, handleCount(), ...own()], before);
  assertEquals([Math.random === random, engine.keep === keep], [true, true]);
  assertEquals(tf.tidy(() => tf.scalar(2).square().arraySync()), 4); // ops are carried out again
}

for (const [name, step, op, message] of CASES) {
  Deno.test(`a recording refuses ${name}, with place and cure, and leaves nothing`, () => {
    const x = tf.tensor1d([1, 2]);
    x.add(0).dispose();
    leavesNothing(() => {
      const error = assertThrows(() => recorded(step)(x), BackendError, message);
      assertStringIncludes(error.message, 'Cannot record the step "wrong": ');
      const cure = Object.entries(CURES).find(([start]) => message.startsWith(start))?.[1];
      assertStringIncludes(error.message, cure ?? "no cure is known");
      assertEquals([error.code, error.op], ["FAILED_PRECONDITION", op]);
      // What is seen only once the step has returned has no place in it.
      if (!/got (a promise|2 kept)/.test(message) && name !== "a variable as its result") {
        assertMatch(error.message, / at file:.*recorder_test\.ts:\d+:\d+\nCure/);
      }
    });
    x.dispose();
  });
}

Deno.test("a step that throws midway leaves no tensor, no handle and the sink as it was", () => {
  const x = tf.tensor1d([1, 2]);
  x.add(0).dispose();
  const failing = (x: tf.Tensor) => {
    const loss = (x: tf.Tensor): tf.Tensor => {
      tf.keep(x.exp().mul(tf.tensor1d([3, 4])).add(outside));
      throw new RangeError("broken in the middle");
    };
    return tf.tidy(() => tf.grad(loss)(x.mul(tf.scalar(2))));
  };
  leavesNothing(() => assertThrows(() => recorded(failing)(x), RangeError, "broken in the middle"));
  const works = recorded((x) => x.add(outside)), y = works(x) as tf.Tensor;
  assertEquals([...y.dataSync()], [2, 4]);
  tf.dispose([x, y]);
});

Deno.test("a result that is no tree of tensors is refused, in every mode", () => {
  const x = tf.tensor1d([1, 2]);
  for (const mode of ["graph", "off"] as const) {
    for (const [result, what] of [[undefined, "undefined"], [3, "3"], [new Map(), "Map"]]) {
      const step = compile(() => result as unknown as tf.Tensor, { mode });
      leavesNothing(() =>
        assertThrows(
          () => step(x),
          TypeError,
          `Cannot take the result apart: expected live tensors in arrays and plain records, got ${what}`,
        )
      );
    }
  }
  x.dispose();
});

Deno.test("a tensor that leaked out of a recording is refused wherever it turns up", () => {
  let leaked: tf.Tensor | undefined;
  const x = tf.tensor1d([1, 2]);
  const leaky = recorded((x) => leaked = x.neg());
  tf.dispose(leaky(x) as tf.TensorContainer); // a container may hold more than a tree
  const take = () => leaked ?? x;
  assertThrows(() => take().add(1), Error, "Tensor is disposed");
  assertThrows(() => recorded((x) => take().mul(x))(x), Error, "Tensor is disposed");
  assertThrows(() => leaky(take()), TypeError, "got a disposed one at the input");
  x.dispose();
});

Deno.test("ids of recorded tensors are never used again: one of a former recording is told", () => {
  const binding = tensorFlowBinding(), ids: number[] = [];
  const spy = (x: tf.Tensor) => {
    const y = x.neg(), id = backendIds(y)[0] ?? 0;
    if (ids.length > 0) {
      const type = { name: "T", type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT };
      binding.executeOp("Neg", [type], [ids[0] ?? 0], 1);
    }
    ids.push(id);
    return y;
  };
  const x = tf.scalar(1);
  recorded(spy)(x);
  assertThrows(
    () => recorded(spy)(x),
    BackendError,
    "expected tensors of this recording, got one of a former recording",
  );
  x.dispose();
});

function backendIds(...tensors: tf.Tensor[]): number[] {
  // The backend is TensorFlow, and tfjs-node's class has this method.
  const backend = tf.backend() as unknown as { getInputTensorIds(tensors: tf.Tensor[]): number[] };
  return backend.getInputTensorIds(tensors);
}

Deno.test("Recorder frees what the step made and nobody deleted, but nothing of its owner's", () => {
  const { context, native, TF_FLOAT } = tensorFlowBinding(), before = handleCount();
  using graph = new Graph(context);
  let own = -1;
  {
    using recorder = new Recorder(graph, native, { step: "step", precision: "float32" });
    recorder.createTensor([1], TF_FLOAT, Float32Array.of(1));
    own = recorder.createTensor([1], TF_FLOAT, Float32Array.of(2));
    recorder.disown(own); // a tensor from outside that was uploaded now
    recorder.deleteTensor(recorder.createTensor([1], TF_FLOAT, Float32Array.of(3)));
    recorder.deleteTensor(recorder.input([1], TF_FLOAT).id); // holds nothing
    assertEquals(handleCount(), before + 2);
  }
  assertEquals([handleCount(), native.tensorDataSync(own)], [before + 1, Float32Array.of(2)]);
  native.deleteTensor(own);
});

Deno.test("a seeded draw of JavaScript, a seeded dropout included, is a constant as the seed says", () => {
  const draw = (x: tf.Tensor) =>
    tf.dropout(x, 0.5, undefined, 3).add(tf.randomUniform([2], 0, 1, "float32", 5));
  tf.tidy(() => {
    const x = tf.tensor1d([1, 2]), step = compile(draw, { mode: "graph" });
    assertEquals(step(x).dataSync(), draw(x).dataSync());
    assertEquals(step(x).dataSync(), draw(x).dataSync());
  });
});
