import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type CompileMode, useBackend } from "lib/backend/mod.ts";
import { CheckpointStore, type LoadedCheckpoint, toTensors } from "lib/checkpoint/mod.ts";
import { NonFiniteLossError } from "lib/core/mod.ts";
import { adamw, chain, scaleByLearningRate, sgd, type Transform } from "lib/optimizer/mod.ts";
import { disposeParams, mapParams, param, type Params } from "lib/tensor/mod.ts";
import { createRun, findNonFinite, type Run, type StepOutput, train } from "lib/train/mod.ts";
import { collect, tinyConfig } from "../support/tiny_runs.ts";

await useBackend();

/** The step in which an optimizer goes wrong, counted from 1. */
const WRONG = 3;

/** A stage that multiplies updates with a number: 1, but for the wrong step. */
function factor(wrong: number): Transform {
  return {
    init: () => ({}),
    scalars: (step) => ({ factor: step + 1 === WRONG ? wrong : 1 }),
    update: (updates, _state, _params, scalars) => ({
      updates: mapParams(updates, (update) => update.mul(param(scalars, "factor"))),
      state: {},
    }),
  };
}

/** Adam as one may write it at first, without an epsilon: 0/0 where a gradient was always 0. */
function adamWithoutEpsilon(): Transform {
  const key = (name: string) => `v.${name}`;
  return chain({
    init: (params) =>
      Object.fromEntries(
        Object.entries(params).map(([name, weights]) => [key(name), tf.zerosLike(weights)]),
      ),
    scalars: () => ({}),
    update: (gradients, state) => {
      const squares = mapParams(
        gradients,
        (gradient, name) => param(state, key(name)).mul(0.9).add(gradient.square().mul(0.1)),
      );
      const entries = Object.entries(squares).map(([name, square]) => [key(name), square]);
      return {
        updates: mapParams(
          gradients,
          (gradient, name) => gradient.div(param(squares, name).sqrt()),
        ),
        state: Object.fromEntries(entries),
      };
    },
  }, scaleByLearningRate(1e-3));
}

const CASES: readonly { what: string; transform: () => Transform; step: number }[] = [
  { what: "a NaN", transform: () => chain(adamw(1e-3), factor(NaN)), step: WRONG },
  { what: "an infinite rate", transform: () => chain(sgd(1e-3), factor(Infinity)), step: WRONG },
  // Every rate is finite and every update too, but not the sum of weight and update.
  { what: "an overflow", transform: () => chain(adamw(1e-3), factor(3.4e41)), step: WRONG },
  { what: "a division by 0", transform: adamWithoutEpsilon, step: 1 },
];

function assertFinite(checkpoint: LoadedCheckpoint): void {
  for (const bytes of [checkpoint.model, checkpoint.optimizer]) {
    const tensors = toTensors(bytes);
    assertEquals(findNonFinite(tensors), undefined);
    disposeParams(tensors);
  }
}

/** Trains until it is refused, and gives what the error says. */
async function refusal(run: Run): Promise<string> {
  const before = tf.memory().numTensors;
  const error = await assertRejects(() => collect(train(run)), NonFiniteLossError);
  assertEquals(tf.memory().numTensors, before);
  return error.message;
}

// By graph all of them; the others take seconds for each.
const MODES: readonly { compile: CompileMode; cases: typeof CASES }[] = [
  { compile: "off", cases: CASES.slice(0, 1) },
  { compile: "graph", cases: CASES },
  { compile: "xla", cases: CASES.slice(-1) },
];

for (const { compile, cases } of MODES) {
  Deno.test(`train() takes over no weights that ${compile} makes NaN or infinite`, async () => {
    for (const { what, transform, step } of cases) {
      const store = CheckpointStore.open(Deno.makeTempDirSync());
      // Validated after each step, so that a step that went wrong could become the best.
      const config = tinyConfig({ compute: { compile }, train: { evalEvery: 1 } });
      const message = await refusal(createRun(config, { store, transform: transform() }));
      assertStringIncludes(message, `expected finite numbers at step ${step}, got loss 6.`, what);
      assertStringIncludes(message, "among the new weights", what);
      assertStringIncludes(message, `kept and saved in ${store.path}`, what);
      assertEquals(store.load("last").step, step - 1, what);
      assertFinite(store.load("last"));
      assertFinite(store.load("best"));
    }
  });
}

Deno.test("train() looks at the weights that an update of one's own makes", async () => {
  const run = createRun(tinyConfig(), { transform: chain(sgd(1e-3), factor(NaN)) });
  const update = (input: Parameters<typeof run.programs.update>[0]): StepOutput => {
    const { weightSum, ...output } = run.programs.update(input);
    tf.dispose(weightSum ?? []);
    return output;
  };
  const own: Run = { ...run, programs: { ...run.programs, update } };
  assertStringIncludes(await refusal(own), `at step ${WRONG}, got loss 6.`);
});

Deno.test("train() goes on where only the sum of the weights overflows", async () => {
  const large = (params: Params) => mapParams(params, (weights) => tf.fill(weights.shape, 1e37));
  const transform: Transform = {
    init: () => ({}),
    scalars: () => ({}),
    // The position embedding beyond the sentences takes no part in the loss.
    update: (updates, _state, params) => ({
      updates: mapParams(updates, (update, name) => {
        if (name !== "positionEmbedding.weight") return update.mul(0);
        const rows = param(large(params), name).slice([100, 0]);
        return tf.concat([tf.zeros([100, 16]), rows]).sub(param(params, name));
      }),
      state: {},
    }),
  };
  const run = createRun(tinyConfig({ train: { epochs: 1 } }), { transform });
  assertEquals((await collect(train(run))).at(-1)?.step, 12);
});

Deno.test("train() refuses, and does not save, a model whose validation gives no finite loss", async () => {
  const store = CheckpointStore.open(Deno.makeTempDirSync());
  const run = createRun(tinyConfig({ train: { evalEvery: 4 } }), { store });
  const { losses } = run.programs;
  let passes = 0;
  const spoilt: Run = {
    ...run,
    programs: { ...run.programs, losses: (input) => losses(input).mul(passes++ > 1 ? NaN : 1) },
  };
  assertStringIncludes(
    await refusal(spoilt),
    "after step 8, got loss NaN; this state is not saved",
  );
  assertEquals([store.load("last").step, store.load("best").step], [4, 4]);
});

/** Makes only the optimizer's state infinite, with the first step: the weights stay finite. */
function withInfiniteState(): Transform {
  const base = sgd(1e-3);
  return {
    ...base,
    init: () => ({ count: tf.scalar(1e38) }),
    update: (updates, state, params, scalars) => ({
      ...base.update(updates, {}, params, scalars),
      state: { count: param(state, "count").mul(10) },
    }),
  };
}

Deno.test("train() refuses, and does not save, an optimizer whose state is infinite", async () => {
  const store = CheckpointStore.open(Deno.makeTempDirSync());
  const run = createRun(tinyConfig(), { store, transform: withInfiniteState() });
  const message = await refusal(run);
  assertStringIncludes(message, "after step 12, got Infinity in count in the optimizer's state");
  assertEquals(store.load("last").step, 0);
});

Deno.test("train() does not save such a state where it is stopped between validations either", async () => {
  const store = CheckpointStore.open(Deno.makeTempDirSync());
  const run = createRun(tinyConfig(), { store, transform: withInfiniteState() });
  const stopEarly = async () => {
    for await (const event of train(run)) if (event.kind === "step") break;
  };
  const message =
    "after step 1, got Infinity in count in the optimizer's state; this state is not saved";
  await assertRejects(stopEarly, NonFiniteLossError, message);
  assertEquals(store.load("last").step, 0);
});

Deno.test("train() refuses an initialisation that overflows, and names the setting", async () => {
  const run = createRun(tinyConfig({ model: { initStd: 1e38 } }));
  const message = await refusal(run);
  assertStringIncludes(message, "after step 0, got loss NaN; lower model.initStd");
  assert(run.state.step === 0);
});
