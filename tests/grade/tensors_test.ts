import * as tf from "@tensorflow/tfjs";
import { useBackend } from "lib/backend/mod.ts";
import { checkAnswer, type Exercise, exercise, judge } from "lib/grade/mod.ts";
import { assertEquals, assertMatch, assertRejects } from "@std/assert";

await useBackend();

type Layer = (x: tf.Tensor, gain: tf.Tensor) => tf.Tensor;

const SCALE: Exercise<Layer> = exercise<Layer>({
  name: "scale",
  reference: (x, gain) => x.mul(gain),
  returns: "tensor",
  cases: {
    "two rows": () => [tf.tensor2d([[1, 2], [3, 4]]), tf.tensor1d([2, 3])],
    "one row": () => [tf.tensor2d([[5, 6]]), tf.tensor1d([1, -1])],
  },
  gradients: true,
  compiled: true,
  mistakes: {
    "that is a sum": (x, gain) => x.add(gain),
    "numbers are read out and put in again": (x, gain) => tf.tensor(x.mul(gain).arraySync()),
  },
  styles: {},
});

/** What the check says; it must leave no tensor behind, whatever the answer does. */
async function judged(answer: Layer, of: Exercise<Layer> = SCALE) {
  const before = tf.memory().numTensors;
  const { finding = "accepted", mistake } = await judge(of, answer);
  assertEquals(tf.memory().numTensors, before, "tensors left by the check");
  return { finding, mistake };
}

Deno.test("judge() compares tensors by shape and value", async () => {
  assertEquals((await judged((x, gain) => gain.mul(x))).finding, "accepted");
  assertEquals(await judged((x, gain) => gain.add(x)), {
    finding: "expected the result at [0][0] for two rows to be 2, got 3 (4 places differ)",
    mistake: "that is a sum",
  });
  const { finding } = await judged((x, gain) => x.mul(gain).reshape([-1]));
  assertEquals(finding, "expected the result for two rows to be shape [2, 2], got shape [4]");
});

Deno.test("judge() refuses what is no float32 tensor, or is disposed of", async () => {
  const of = async (answer: unknown) => (await judged(answer as Layer)).finding; // no layer
  assertEquals(
    await of((x: tf.Tensor) => x.toInt()),
    "expected the result to be a float32 tensor, got a tensor of int32",
  );
  assertEquals(
    await of((x: tf.Tensor) => x.arraySync()),
    "expected the result to be a float32 tensor, got a list of lists",
  );
  assertEquals(
    await of((x: tf.Tensor, gain: tf.Tensor) => {
      const y = x.mul(gain);
      y.dispose();
      return y;
    }),
    "expected the result to be a float32 tensor, got a tensor that is disposed of",
  );
});

Deno.test("judge() refuses an answer that frees what it was given", async () => {
  const { finding } = await judged((x, gain) => {
    const y = x.mul(gain);
    gain.dispose();
    return y;
  });
  assertMatch(
    finding,
    /^expected the arguments to stay as they are, got one of their tensors disp/,
  );
});

Deno.test("judge() asks for gradients to each tensor, and as large as the reference's", async () => {
  const { finding, mistake } = await judged((x, gain) => tf.tensor(x.mul(gain).arraySync()));
  assertMatch(finding, /^expected gradients to pass through, got none; are numbers read out/);
  assertEquals(mistake, "numbers are read out and put in again");
  const half = await judged((x, gain) => x.mul(tf.tensor(gain.arraySync())));
  assertEquals(
    half.finding,
    "expected the result at [1] for the gradients by each tensor that is given, for two rows to be " +
      'a tensor [2], got "no gradient"',
  );
  const double = tf.customGrad((x, gain) => ({
    value: (x as tf.Tensor).mul(gain as tf.Tensor), // customGrad's types know no order
    gradFunc: (dy: tf.Tensor) => [dy.mul(gain as tf.Tensor).mul(2), dy.mul(x as tf.Tensor).sum(0)],
  }));
  const wrong = await judged((x, gain) => double(x, gain));
  assertMatch(wrong.finding, /^expected the result at \[0\]\[0\]\[0\] for the gradients .* to be/);
});

Deno.test("judge() asks for the compiled result: values cannot be read there", async () => {
  // The value is not used, so op by op nothing shows.
  const { finding } = await judged((x, gain) => {
    const isLarge = (gain.sum().dataSync()[0] ?? 0) > 1e6;
    return isLarge ? x : x.mul(gain);
  });
  assertMatch(
    finding,
    /^expected it to run for the compiled result for two rows, got BackendError/,
  );
});

Deno.test("judge() compares compiled results by the names of their members, in whatever order", async () => {
  type Pair = (x: tf.Tensor) => { half: tf.Tensor; twice: tf.Tensor };
  const pair = exercise<Pair>({
    name: "pair",
    reference: (x) => ({ half: x.div(2), twice: x.mul(2) }),
    returns: { half: "tensor", twice: "tensor" },
    cases: { "two numbers": () => [tf.tensor1d([1, 2])] },
    compiled: true,
    mistakes: {},
    styles: {},
  });
  const { wrong } = await judge(pair, (x: tf.Tensor) => ({ twice: x.mul(2), half: x.div(2) }));
  assertEquals(wrong, []);
});

Deno.test("judge() counts what a function leaves, where it must free its own", async () => {
  const freeing = exercise<Layer>({
    ...SCALE,
    freesTensors: true,
    gradients: false,
    compiled: false,
  });
  const tidy: Layer = (x, gain) => tf.tidy(() => x.mul(gain).add(0));
  assertEquals((await judged(tidy, freeing)).finding, "accepted");
  assertMatch(
    (await judged((x, gain) => x.mul(gain).add(0).add(0), freeing)).finding,
    /^expected no tensors left behind, got 2; put the work into tf.tidy/,
  );
});

Deno.test("judge() leaves no tensor of an answer that keeps some or throws half-way", async () => {
  const eager = exercise<Layer>({ ...SCALE, compiled: false });
  assertEquals((await judged((x, gain) => tf.keep(x.mul(gain)), eager)).finding, "accepted");
  const { finding } = await judged((x, gain) =>
    tf.tidy(() => {
      tf.keep(x.add(1));
      return gain.reshape([3]).mul(x);
    })
  );
  assertMatch(finding, /^expected it to run for two rows, got \w*Error: /);
});

/** A mean over what a mask leaves in: other places and the mask's own gradient are nobody's business. */
const MASKED: Exercise<Layer> = exercise<Layer>({
  name: "doubled",
  reference: (x, mask) => x.mul(2).mul(mask),
  returns: "tensor",
  cases: { "one of two": () => [tf.tensor1d([1, 2]), tf.tensor1d([1, 0])] },
  read: (y, [, mask]) => y.mul(mask),
  gradients: (x) => x,
  compiled: true,
  mistakes: {},
  styles: {},
});

Deno.test("judge() asks for gradients and compiled results of what is compared alone", async () => {
  const elsewhere: Layer = (x, mask) => tf.where(mask.cast("bool"), x.mul(2), x.square().mul(7));
  assertEquals((await judged(elsewhere, MASKED)).finding, "accepted");
  const constant: Layer = (x, mask) => tf.tensor(x.mul(2).arraySync()).mul(mask);
  assertMatch((await judged(constant, MASKED)).finding, /^expected gradients to pass through/);
  const triple: Layer = (x, mask) => x.mul(3).mul(mask);
  assertMatch((await judged(triple, MASKED)).finding, /to be 2, got 3/);
});

Deno.test("judge() writes the tensors of a drawn case as numbers, and frees them", async () => {
  const drawn: Exercise<Layer> = {
    ...SCALE,
    cases: {},
    drawn: (_, i) => [tf.tensor2d([[1, i]]), tf.scalar(2)],
    gradients: false,
    compiled: false,
  };
  const { finding } = await judged((x, gain) => x.add(gain), drawn);
  assertEquals(
    finding,
    "expected the result at [0][0] for scale(tensor [[1, 0]], tensor 2) to be 2, got 3 (2 places differ)",
  );
});

Deno.test("judge() does not mind the order of a record's tensors, compiled or not", async () => {
  type Both = (x: tf.Tensor) => { readonly once: tf.Tensor; readonly twice: tf.Tensor };
  const both = exercise<Both>({
    name: "both",
    reference: (x) => ({ once: x.mul(1), twice: x.mul(2) }),
    returns: { once: "tensor", twice: "tensor" },
    cases: { "two numbers": () => [tf.tensor1d([1, 2])] },
    gradients: true,
    compiled: true,
    mistakes: { "once is twice": (x) => ({ twice: x.mul(1), once: x.mul(2) }) },
    styles: {},
  });
  const { wrong } = await judge(both, (x: tf.Tensor) => ({ twice: x.mul(2), once: x.mul(1) }));
  assertEquals(wrong, []);
  const { mistake } = await judge(both, (x: tf.Tensor) => ({ once: x.mul(2), twice: x.mul(1) }));
  assertEquals(mistake, "once is twice");
});

Deno.test("checkAnswer() shows the line of the answer that asked for an operation which fails", async () => {
  const answer: Layer = (x, gain) => x.add(gain.reshape([2, 1, 1])).matMul(gain);
  const { stack = "" } = await assertRejects(() => checkAnswer(SCALE, answer), Error, "MatMul");
  const frames = stack.split("\n").filter((line) => /^\s+at /.test(line));
  assertMatch(frames[0] ?? "no frame", /tensors_test\.ts/);
  for (const frame of frames) assertEquals(/node_modules|lib\/backend/.test(frame), false, frame);
});
