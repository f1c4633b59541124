import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertLessOrEqual, assertMatch, assertThrows } from "@std/assert";
import { removeFunction } from "lib/backend/c_library/graph.ts";
import {
  compile,
  type CompileEvent,
  type CompileMode,
  handleCount,
  useBackend,
} from "lib/backend/mod.ts";
import { tensorFlowBinding } from "lib/backend/use_backend.ts";
import { BackendError } from "lib/core/mod.ts";
import { seededUniform } from "lib/tensor/mod.ts";

await useBackend({ backend: "tensorflow" });
const RECORDED: readonly CompileMode[] = ["graph", "xla"];
const MODES: readonly CompileMode[] = [...RECORDED, "off"];

type Pair = { x: tf.Tensor; y: tf.Tensor };

/** Runs `test` and checks that it leaves as many tensors and handles as it found. */
function leavesNothing(test: () => void): void {
  const before = [tf.memory().numTensors, handleCount()];
  test();
  assertEquals([tf.memory().numTensors, handleCount()], before);
}

for (const mode of MODES) {
  Deno.test(`compile() as ${mode} gives outputs that are inputs, constants, repetitions, or none`, () => {
    leavesNothing(() => {
      const x = tf.tensor1d([1, 2]), y = tf.scalar(3, "int32");
      const step = compile(({ x, y }: Pair) => {
        const sum = x.add(1);
        return { x, twice: [x, sum, sum], y, constant: tf.tensor1d([5, 6]), none: {}, empty: [] };
      }, { mode });
      const { x: same, twice: [again, one, two], y: integer, constant, none, empty } = step({
        x,
        y,
      });
      const outputs = [same, again, one, two, integer, constant] as tf.Tensor[]; // six stand above
      assertEquals(
        outputs.map((output) => [...output.dataSync()]),
        [[1, 2], [1, 2], [2, 3], [2, 3], [3], [5, 6]],
      );
      assertEquals([integer.dtype, integer.shape, none, empty], ["int32", [], {}, []]);
      tf.dispose(outputs); // the outputs are the caller's, and so are the inputs still
      assertEquals([x.dataSync().join(), y.dataSync().join()], ["1,2", "3"]);
      tf.dispose([x, y]);
    });
  });

  Deno.test(`compile() as ${mode} takes one tensor as two inputs, and gives each its own gradient`, () => {
    const step = compile(({ x, y }: Pair) => {
      const loss = (x: tf.Tensor, y: tf.Tensor) => x.mul(x).mul(y).sum().asScalar();
      return tf.valueAndGrads(loss)([x, y]).grads;
    }, { mode });
    leavesNothing(() => {
      const x = tf.tensor1d([1, 2, 3]);
      const [byX, byY] = step({ x, y: x }) as [tf.Tensor, tf.Tensor];
      assertEquals([...byX.dataSync()], [2, 8, 18]); // 2 x y, and not the 3 x^2 of one input
      assertEquals([...byY.dataSync()], [1, 4, 9]);
      tf.dispose([x, byX, byY]);
    });
  });

  Deno.test(`compile() as ${mode} gives the same bits at each call`, () => {
    tf.tidy(() => {
      const step = compile(({ x, y }: Pair) => x.matMul(y).softmax().sum(0), { mode });
      const x = tf.randomNormal([64, 33], 0, 1, "float32", 1);
      const y = tf.randomNormal([33, 40], 0, 1, "float32", 2);
      const first = step({ x, y }).dataSync();
      for (let run = 0; run < 5; run++) assertEquals(step({ x, y }).dataSync(), first);
    });
  });

  Deno.test(`seededUniform() in a step as ${mode} draws what it draws outside, bit for bit`, () => {
    tf.tidy(() => {
      const draw = (seed: tf.Tensor) =>
        [0, 7, 2 ** 40].map((at) => seededUniform([5, 7], seed, at));
      const step = compile(draw, { mode });
      const values = (tensors: tf.Tensor[]) => tensors.map((tensor) => tensor.dataSync());
      const seeds = [[0, 0], [1, 2], [-9, 2 ** 31 - 1]].map((pair) => tf.tensor1d(pair, "int32"));
      const all = seeds.map((seed) => values(step(seed)));
      assertEquals(all, seeds.map((seed) => values(draw(seed))));
      assertEquals(new Set(all.flat().map(String)).size, 9); // each seed and stream of its own
    });
  });
}

for (const mode of RECORDED) {
  Deno.test(`compile() as ${mode} computes products in bfloat16 where asked, the rest in float32`, () => {
    // Both operands and the result are rounded to 8 bits, each to within 2^-8 of its size.
    const BFLOAT16_ERROR = 3 * 2 ** -8;
    const product = (x: tf.Tensor, y: tf.Tensor) => x.matMul(y).mean().asScalar();
    const step = ({ x, y }: Pair) => {
      const { value, grads } = tf.valueAndGrads(product)([x, y]);
      return { product: x.matMul(y), value, grads };
    };
    tf.tidy(() => {
      const x = tf.randomUniform([8, 64], 0, 1, "float32", 1).div(64);
      const y = tf.randomUniform([64, 8], 0, 1, "float32", 2);
      const exact = step({ x, y }), half = compile(step, { mode, precision: "bfloat16" })({ x, y });
      for (const [one, other] of pairs(half, exact)) {
        assertEquals([one.dtype, one.shape], ["float32", other.shape]);
        const error = one.sub(other).abs().max().dataSync()[0] ?? NaN;
        assertLessOrEqual(error, BFLOAT16_ERROR * (other.abs().max().dataSync()[0] ?? 0));
        assert(one === half.value || error > 0, "expected products to be rounded");
      }
      // Whole numbers are not rounded: 257 has 9 bits.
      const wide = tf.tensor2d([[257]], [1, 1], "int32");
      const whole = compile((x: tf.Tensor) => x.matMul(x), {
        mode: "graph",
        precision: "bfloat16",
      });
      assertEquals(whole(wide).arraySync(), [[66049]]);
    });
  });

  Deno.test(`compile() as ${mode} lists captured tensors, and keeps their values when they go`, () => {
    const events: CompileEvent[] = [];
    leavesNothing(() => {
      const fresh = tf.tensor2d([[1, 2, 3]]),
        computed = tf.tidy(() => tf.scalar(1).add(1)),
        seen = tf.scalar(9);
      const step = compile((x: tf.Tensor) => {
        const local = tf.tensor1d([100, 200, 300]); // made inside: no capture
        return x.mul(fresh).add(fresh.reshape([3])).mul(computed).add(local).add(seen.dataSync());
      }, { mode, name: "captures", onCompile: (event) => events.push(event) });
      const x = tf.ones([3]), first = step(x);
      tf.dispose([fresh, computed, seen]);
      const second = step(x);
      assertEquals([...first.dataSync()], [113, 217, 321]);
      assertEquals(second.dataSync(), first.dataSync());
      tf.dispose([x, first, second]);
    });
    assertEquals(events.length, 1);
    const { name, captured, programs, operations, seconds, mode: itsMode } = events[0] ??
      ({} as CompileEvent);
    assertEquals([name, itsMode, programs], ["captures", mode, 1]);
    assertEquals(captured, [
      { dtype: "float32", shape: [1, 3] },
      { dtype: "float32", shape: [] },
    ]);
    assert(operations >= 5 && seconds > 0 && seconds < 60);
  });

  Deno.test(`compile() as ${mode} names step, op and place of what fails at the first run`, () => {
    const lookUp = ({ x, y }: Pair) => x.relu().gather(y.cast("int32")).sum();
    leavesNothing(() => {
      const input = { x: tf.ones([3]), y: tf.tensor1d([0, 3]) };
      if (mode === "xla") {
        // XLA checks no index: the nearest one is taken. Ops that it has not are refused.
        compile(lookUp, { mode })(input).dispose();
        const crop = (x: tf.Tensor) =>
          tf.image.cropAndResize(x as tf.Tensor4D, [[0, 0, 1, 1]], [0], [2, 2]);
        const image = tf.ones([1, 4, 4, 1]);
        const strings = () => tf.tensor1d(["a"]);
        assertThrows(
          () => compile(strings, { mode })([]),
          BackendError,
          'Cannot run the step "strings" (xla): expected ops that XLA can compile, got strings',
        );
        const error = assertThrows(
          () => compile(crop, { mode })(image),
          BackendError,
          'Cannot run the step "crop" (xla): expected ops that XLA can compile, got CropAndResize\n' +
            'Cure: use another op, or compile with mode "graph"',
        );
        assertEquals([error.op, error.code], ["CropAndResize", "INVALID_ARGUMENT"]);
        image.dispose();
      } else {
        const error = assertThrows(
          () => compile(lookUp, { mode })(input),
          BackendError,
          'Cannot run the step "lookUp" (graph): Cannot gather: GatherV2: the index value 3 is not in [0, 2]',
        );
        assertEquals([error.op, error.code], ["GatherV2", "INVALID_ARGUMENT"]);
        assert(error.cause instanceof BackendError);
        assertMatch(error.message, / at file:.*compile_test\.ts:\d+:\d+$/);
      }
      tf.dispose(input);
    });
  });
}

/** The tensors of two trees of one form, side by side. */
function pairs(one: unknown, other: unknown): [tf.Tensor, tf.Tensor][] {
  const [left, right] = [one, other].map((tree) => flat(tree));
  return (left ?? []).map((tensor, place) => [tensor, right?.[place] ?? tensor]);
}

function flat(node: unknown): tf.Tensor[] {
  return node instanceof tf.Tensor ? [node] : Object.values(node ?? {}).flatMap(flat);
}

Deno.test("compile() records once for each structure, shape and dtype", () => {
  const events: CompileEvent[] = [];
  const step = compile((x: tf.Tensor | tf.Tensor[]) => [x].flat().map((one) => one.neg()), {
    mode: "graph",
    onCompile: (event) => events.push(event),
  });
  const counts = [1, 1, 2, 3, 4];
  leavesNothing(() => {
    const one = tf.ones([2]);
    const inputs = [one, tf.zeros([2]), tf.ones([3]), tf.ones([2], "int32"), [one]];
    for (const [place, input] of [...inputs, ...inputs].entries()) {
      tf.dispose(step(input));
      assertEquals(events.length, counts[place] ?? 4); // the second round records nothing
    }
    tf.dispose(inputs);
  });
  assertEquals(events.map(({ programs }) => programs), [1, 2, 3, 4]);
});

Deno.test("compile() keeps maxPrograms programs: the least recently used goes, function and all", () => {
  const recorded: number[] = [], events: CompileEvent[] = [];
  const step = compile((x: tf.Tensor) => {
    recorded.push(x.size);
    return x.mul(x.size); // with a constant of its own, each is a function of its own
  }, { mode: "graph", maxPrograms: 2, onCompile: (event) => events.push(event) });
  const functions = [1, 2, 1, 3, 1, 2].map((size) =>
    // 3 drives 2 out, as 1 was used after it
    functionsOf(() => tf.tidy(() => void step(tf.ones([size]))))
  ).map((names) => names.at(-1) ?? "");
  assertEquals(recorded, [1, 2, 3, 2]);
  assertEquals(events.map(({ programs }) => programs), [1, 2, 2, 2]);
  const { context } = tensorFlowBinding(),
    [one = "", two = "", again, three = "", , last] = functions;
  assertEquals([again, last], [one, two]); // recorded anew, 2 is the same function
  for (const kept of [one, two]) removeFunction(context, kept);
  for (const gone of [one, two, three]) {
    assertThrows(() => removeFunction(context, gone), BackendError, "Cannot remove the function");
  }
});

Deno.test("compile() makes one function of equal programs, for as long as one of them is kept", () => {
  const make = (factor: number, name = "equal") =>
    compile((x: tf.Tensor) => x.mul(factor).square(), { mode: "graph", name, maxPrograms: 1 });
  const input = (...sizes: number[]) => tf.ones(sizes);
  const nameAndValue = (step: (x: tf.Tensor) => tf.Tensor) => {
    let value: unknown;
    const [name] = functionsOf(() => tf.tidy(() => value = step(input(1)).dataSync()[0])).slice(-1);
    return [name, value];
  };
  const first = make(3), second = make(3), [name, value] = nameAndValue(first);
  assertEquals(value, 9);
  assertEquals(nameAndValue(second), [name, 9]);
  const others = [make(4), make(-3), make(3, "other")].map(nameAndValue);
  assertEquals(others.map(([, own]) => own), [16, 9, 9]);
  assertEquals(new Set([name, ...others.map(([own]) => own)]).size, 4);
  tf.tidy(() => void first(input(1, 1).cast("int32"))); // drives the first one's out
  assertEquals(nameAndValue(second), [name, 9]);
});

/** The names of the ops and functions that are carried out meanwhile. */
function functionsOf(work: () => void): string[] {
  const binding = tensorFlowBinding(), { native } = binding, names: string[] = [];
  binding.runThrough({
    createTensor: (...call) => native.createTensor(...call),
    deleteTensor: (id) => native.deleteTensor(id),
    tensorDataSync: (id) => native.tensorDataSync(id),
    executeOp: (name, ...rest) => (names.push(name), native.executeOp(name, ...rest)),
  }, work);
  return names;
}

Deno.test("compile() makes one call of a step, by the step's name", () => {
  const step = compile((x: tf.Tensor) => x.neg().square(), { mode: "graph", name: "my step" });
  const x = tf.scalar(1);
  const calls = () => functionsOf(() => step(x).dispose());
  calls();
  const [name = "", ...others] = calls();
  assertEquals(others, []);
  assertMatch(name, /^my_step_\w{11}$/); // the hash of all that it consists of
  x.dispose();
});

Deno.test("by XLA, max and min over an axis pass over NaN; a sum and maximum() hand it on", () => {
  const step = compile(({ x }: { x: tf.Tensor }) => ({
    max: x.max(),
    min: x.min(),
    sum: x.sum(),
    maximum: x.maximum(0).sum(),
  }));
  const { max, min, sum, maximum } = step({ x: tf.tensor1d([1, NaN, 2]) });
  assertEquals([max, min, sum, maximum].map((one) => one.arraySync()), [2, 1, NaN, NaN]);
});
