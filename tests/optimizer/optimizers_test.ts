import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { useBackend } from "lib/backend/mod.ts";
import {
  adam,
  adamw,
  addDecayedWeights,
  applyUpdates,
  chain,
  scalarTensors,
  scaleByAdam,
  scaleByLearningRate,
  scaleByMomentum,
  sgd,
  type Transform,
} from "lib/optimizer/mod.ts";
import { param, type Params, valueAndGradients } from "lib/tensor/mod.ts";

await useBackend();

/** Every optimizer goes through the same properties: a new one is a new row. */
const OPTIMIZERS: readonly [name: string, make: (lr: number) => Transform, lr: number][] = [
  ["adamw", (lr) => adamw(lr, { weightDecay: 0 }), 0.1],
  ["adam", (lr) => adam(lr, { beta1: 0.5, beta2: 0.9 }), 0.1],
  ["sgd", (lr) => sgd(lr), 0.1],
  ["sgd with momentum", (lr) => sgd(lr, { momentum: 0.9 }), 0.02],
];

const start = (): Params => ({
  "layer.weight": tf.tensor2d([[1, -2], [3, -4]]),
  "layer.bias": tf.tensor1d([5, -6]),
});

function bowl(params: Params): tf.Tensor {
  return tf.addN(Object.values(params).map((tensor) => tensor.square().sum())).mul(0.5);
}

function takeStep(optimizer: Transform, { params, state, step }: StepState): StepState {
  return tf.tidy((): tf.TensorContainer => {
    const { gradients } = valueAndGradients(params, bowl);
    const scalars = scalarTensors(optimizer.scalars(step));
    const update = optimizer.update(gradients, state, params, scalars);
    return { params: applyUpdates(params, update.updates), state: update.state, step: step + 1 };
  }) as unknown as StepState; // a record of records, as it went in
}

interface StepState {
  readonly params: Params;
  readonly state: Params;
  readonly step: number;
}

function takeSteps(optimizer: Transform, count: number, from?: StepState): StepState {
  const params = start();
  let current = from ?? { params, state: optimizer.init(params), step: 0 };
  for (let i = 0; i < count; i++) current = takeStep(optimizer, current);
  return current;
}

for (const [name, make, lr] of OPTIMIZERS) {
  Deno.test(`${name} walks down a bowl to its bottom`, () => {
    const { params } = takeSteps(make(lr), 300);
    assertLess(bowl(params).dataSync()[0] ?? NaN, 0.05);
  });

  Deno.test(`${name} keeps names, shapes and dtypes of parameters and state`, () => {
    const optimizer = make(lr), params = start(), state = optimizer.init(params);
    const shapes = (record: Params) =>
      Object.entries(record).map(([key, tensor]) => `${key} ${tensor.dtype} [${tensor.shape}]`);
    const after = takeStep(optimizer, { params, state, step: 0 });
    assertEquals(shapes(after.params), shapes(params));
    assertEquals(shapes(after.state), shapes(state));
  });

  Deno.test(`${name} changes nothing that it was given, and leaves no tensor behind`, () => {
    const optimizer = make(lr), params = start(), state = optimizer.init(params);
    const values = (record: Params) => Object.values(record).map((tensor) => tensor.arraySync());
    const before = [values(params), values(state)], count = tf.memory().numTensors;
    const after = takeStep(optimizer, { params, state, step: 0 });
    assertEquals([values(params), values(state)], before);
    const made = Object.values(after.params).length + Object.values(after.state).length;
    assertEquals(tf.memory().numTensors, count + made);
  });

  Deno.test(`${name} goes on bit for bit from a state that went through plain arrays`, () => {
    const whole = takeSteps(make(lr), 9), first = takeSteps(make(lr), 4);
    const copy = (record: Params): Params =>
      Object.fromEntries(
        Object.entries(record).map(([key, tensor]) => [
          key,
          tf.tensor(Float32Array.from(tensor.dataSync()), tensor.shape),
        ]),
      );
    const copied = { params: copy(first.params), state: copy(first.state), step: first.step };
    const second = takeSteps(make(lr), 5, copied);
    for (const [key, tensor] of Object.entries(whole.params)) {
      assertEquals(param(second.params, key).dataSync(), tensor.dataSync());
    }
  });

  Deno.test(`${name} takes its learning rate from the schedule`, () => {
    assertAlmostEquals(make(lr).scalars(3).lr ?? NaN, lr);
  });
}

Deno.test("scaleByAdam() makes the first step the gradient's sign, whatever its size", () => {
  const adam_ = scaleByAdam(), params = { w: tf.zeros([3]) };
  const { updates } = adam_.update(
    { w: tf.tensor1d([1e-3, -5, 1e3]) },
    adam_.init(params),
    params,
    scalarTensors(adam_.scalars(0)),
  );
  // epsilon, 1e-8, is a 1e-5th of the smallest gradient
  const TOLERANCE = 2e-5;
  [...param(updates, "w").dataSync()].forEach((value, i) =>
    assertAlmostEquals(value, [1, -1, 1][i] ?? NaN, TOLERANCE)
  );
});

Deno.test("scaleByAdam() corrects the bias: a constant gradient gives a constant step", () => {
  const adam_ = scaleByAdam(), params = { w: tf.zeros([1]) };
  let state = adam_.init(params);
  for (let step = 0; step < 20; step++) {
    const scalars = scalarTensors(adam_.scalars(step));
    const update = adam_.update({ w: tf.tensor1d([0.3]) }, state, params, scalars);
    assertAlmostEquals(param(update.updates, "w").dataSync()[0] ?? NaN, 1, 1e-5); // float32 sums
    state = update.state;
  }
});

Deno.test("adamw() decays by lr times decay, apart from the gradient, and linear weights only", () => {
  const optimizer = adamw(0.1, { weightDecay: 0.5 });
  const params: Params = {
    "blocks.0.attention.output.weight": tf.ones([2, 2]),
    "blocks.0.attention.output.bias": tf.ones([2]),
    "blocks.0.attentionNorm.weight": tf.ones([2]),
    "tokenEmbedding.weight": tf.ones([2, 2]),
    "positionEmbedding.weight": tf.ones([2, 2]),
    "head.weight": tf.ones([2, 2]),
  };
  const zero = Object.fromEntries(Object.entries(params).map(([key, t]) => [key, tf.zerosLike(t)]));
  const scalars = scalarTensors(optimizer.scalars(0));
  const { updates } = optimizer.update(zero, optimizer.init(params), params, scalars);
  const after = applyUpdates(params, updates);
  const first = Object.values(after).map((tensor) => tensor.dataSync()[0] ?? NaN);
  [0.95, 1, 1, 1, 1, 0.95].forEach((value, i) => assertAlmostEquals(first[i] ?? NaN, value, 1e-6));
});

Deno.test("adam() does not decay unless asked to", () => {
  const params = { "layer.weight": tf.ones([1, 1]) }, optimizer = adam(0.1);
  const scalars = scalarTensors(optimizer.scalars(0));
  const { updates } = optimizer.update(
    { "layer.weight": tf.zeros([1, 1]) },
    optimizer.init(params),
    params,
    scalars,
  );
  assertEquals(param(updates, "layer.weight").dataSync()[0], -0);
});

Deno.test("chain() passes updates on in order and merges states and scalars", () => {
  const twice: Transform = {
    init: () => ({ "twice.count": tf.scalar(0) }),
    scalars: (step) => ({ twice: step }),
    update: (updates, state) => ({ updates: { w: param(updates, "w").mul(2) }, state }),
  };
  const joined = chain(twice, scaleByLearningRate(0.5));
  assertEquals(joined.scalars(7), { twice: 7, lr: 0.5 });
  assertEquals(Object.keys(joined.init({ w: tf.scalar(1) })), ["twice.count"]);
  const scalars = scalarTensors(joined.scalars(0)), params = { w: tf.scalar(1) };
  const { updates } = joined.update({ w: tf.scalar(3) }, joined.init(params), params, scalars);
  assertEquals(param(updates, "w").arraySync(), -3);
});

Deno.test("every setting out of its range is refused, and says what is allowed", () => {
  const cases: [() => unknown, string][] = [
    [() => scaleByAdam({ beta1: 1 }), "Cannot use Adam: expected beta1 from 0 to below 1, got 1"],
    [() => scaleByAdam({ beta2: -0.1 }), "expected beta2 from 0 to below 1, got -0.1"],
    ...[0, 1e-46, 1e39, NaN].map((epsilon): [() => unknown, string] => [
      () => scaleByAdam({ epsilon }),
      `Cannot use Adam: expected an epsilon that is positive as float32, got ${epsilon}`,
    ]),
    [
      () => scaleByAdam({ beta2: 0.999999999 }),
      "expected beta2 from 0 to below 1, got 0.999999999",
    ],
    [() => scaleByMomentum(0.999999999), "expected a momentum from 0 to below 1, got 0.999999999"],
    [() => scaleByMomentum(1), "Cannot use SGD: expected a momentum from 0 to below 1, got 1"],
    ...[-1, 1e-46, 1e39, Infinity].map((decay): [() => unknown, string] => [
      () => addDecayedWeights(decay),
      `Cannot decay weights: expected a decay from 0 on, finite as float32, got ${decay}`,
    ]),
    ...[0, NaN, 1e-46, 1e39].map((peak): [() => unknown, string] => [
      () => scaleByLearningRate(peak),
      `expected a number that is positive as float32, got ${peak}`,
    ]),
    [() => chain(scaleByAdam(), scaleByAdam()).scalars(0), 'own the scalar "correction1", got two'],
    [
      () => chain(scaleByAdam(), scaleByAdam()).init({ w: tf.scalar(1) }),
      'Cannot chain: expected one stage to own the state tensor "m.w", got two',
    ],
  ];
  for (const [make, message] of cases) assertThrows(make, RangeError, message);
});

Deno.test("applyUpdates() names the parameter that an update is missing for", () => {
  const apply = () => applyUpdates({ w: tf.scalar(1) }, { v: tf.scalar(1) });
  assertThrows(apply, RangeError, 'Cannot read parameter "w"');
  assert(tf.memory().numTensors > 0);
});
