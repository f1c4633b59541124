import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertLess, assertRejects, assertThrows } from "@std/assert";
import { useBackend } from "lib/backend/mod.ts";
import { CheckpointStore } from "lib/checkpoint/mod.ts";
import { NonFiniteLossError } from "lib/core/mod.ts";
import {
  createRun,
  type LossScale,
  nextLossScale,
  precisionNotice,
  resumeRun,
  type Run,
  runConfig,
  type StepOutput,
  train,
  type TrainEvent,
} from "lib/train/mod.ts";
import { digestOf } from "../support/training_process.ts";
import { collect, lossBits, tinyConfig } from "../support/tiny_runs.ts";

await useBackend();

const FLOAT16 = { compute: { precision: "float16" } };

/** What PyTorch 2.13's GradScaler("cpu") gives after each update with its own defaults, growth after 3. */
const GRAD_SCALER: readonly (readonly [isGood: boolean, scale: number])[] = [
  [true, 65536],
  [true, 65536],
  [true, 131072],
  [true, 131072],
  [false, 65536],
  [true, 65536],
  [false, 32768],
  [false, 16384],
  [true, 16384],
  [true, 16384],
  [true, 32768],
  [false, 16384],
];

Deno.test("nextLossScale() goes the way of PyTorch's GradScaler", () => {
  let state: LossScale = { scale: 65_536, goodSteps: 0, skipped: 0 };
  for (const [isGood, scale] of GRAD_SCALER) {
    state = nextLossScale(state, isGood, 3);
    assertEquals(state.scale, scale);
  }
  assertEquals(state.skipped, GRAD_SCALER.filter(([isGood]) => !isGood).length);
});

Deno.test("nextLossScale() stays within float32, and gives up below 1", () => {
  const huge = { scale: 2 ** 127, goodSteps: 0, skipped: 0 };
  assertEquals(nextLossScale(huge, true, 1).scale, 2 ** 127);
  const low = () => nextLossScale({ scale: 1, goodSteps: 5, skipped: 9 }, false, 3);
  assertThrows(low, NonFiniteLossError, "take compute.precision bfloat16");
});

/** The run with an overflow planted into its calls of `update` with these numbers, from 0. */
function withOverflow(run: Run, calls: readonly number[]): Run {
  let call = 0;
  const spoil = (output: StepOutput): StepOutput => {
    const poisoned = (tensors: StepOutput["params"]) =>
      Object.fromEntries(
        Object.entries(tensors).map(([name, one]) => [name, tf.fill(one.shape, NaN)]),
      );
    const { params, optimizer } = output;
    tf.dispose([params, optimizer, output.gradNorm]);
    return {
      ...output,
      params: poisoned(params),
      optimizer: poisoned(optimizer),
      gradNorm: tf.scalar(Infinity),
    };
  };
  const programs: Run["programs"] = {
    ...run.programs,
    update: (input) => {
      const output = run.programs.update(input);
      return calls.includes(call++) ? spoil(output) : output;
    },
  };
  return { ...run, programs };
}

const noticesOf = (events: readonly TrainEvent[]) =>
  events.flatMap((event) => event.kind === "notice" ? [event.message] : []);

Deno.test("train() skips a step that overflows: weights, moments, step and rate stay to the bit", async () => {
  const run = withOverflow(createRun(tinyConfig(FLOAT16)), [3, 4]);
  const rates: number[] = [], digests: string[] = [];
  for await (const event of train(run)) {
    if (event.kind === "step") rates.push(event.lr);
    if (event.kind === "step" && event.step === 3) digests.push(digestOf(run));
    if (event.kind === "notice" && /^skipped/.test(event.message)) {
      digests.push(digestOf(run));
      assertEquals([event.step, run.state.step, run.state.tokens], [3, 3, 3 * 15 * 6]);
    }
    if (event.kind === "step" && event.step === 6) break;
  }
  assertEquals(digests.length, 3);
  assertEquals(new Set(digests).size, 1);
  assertEquals(run.state.lossScale, { scale: 16_384, goodSteps: 3, skipped: 2 });
  assertEquals(run.state.cursor.batch, 8, "the batches of skipped steps are used up");
  const whole: number[] = [];
  for await (const event of train(createRun(tinyConfig()))) {
    if (event.kind === "step") whole.push(event.lr);
  }
  assertEquals(rates, whole.slice(0, 6), "the schedule counts updates");
});

Deno.test("train() in float16 finds by itself a scale that its gradients stand", async () => {
  const compute = { precision: "float16", lossScale: 2 ** 40 };
  const run = createRun(tinyConfig({ compute, train: { epochs: 1 } }));
  const messages = noticesOf(await collect(train(run))).filter((text) => /^skipped/.test(text));
  assert(messages.length > 3, `${messages.length} skipped`);
  assertEquals(run.state.lossScale?.skipped, messages.length);
  assertEquals(run.state.lossScale?.scale, 2 ** (40 - messages.length));
  assertEquals(
    messages[0],
    `skipped an update: a gradient was too large for float16 at a loss scale of ${
      2 ** 40
    }, which is now ${2 ** 39}; 1 skipped so far`,
  );
  assertEquals(run.state.step, run.plan.totalSteps, "all updates are made");
});

Deno.test("train() in float16 gives nearly the losses of float32", async () => {
  const lossesOf = async (compute: Record<string, unknown>) => {
    const events = await collect(
      train(createRun(tinyConfig({ compute, train: { epochs: 3, lr: 0.01 } }))),
    );
    return events.flatMap((event) => event.kind === "step" ? [event.loss] : []);
  };
  const exact = await lossesOf({}), half = await lossesOf({ precision: "float16" });
  const distance = half.map((loss, i) => Math.abs(loss - (exact[i] ?? NaN)));
  assertLess(distance.reduce((sum, one) => sum + one, 0) / distance.length, 0.01);
  assert(half.some((loss, i) => loss !== exact[i]), "really rounded");
});

Deno.test("the loss scale lies in the checkpoint, and a run goes on with it bit for bit", async () => {
  const settings = { compute: { precision: "float16", lossScale: 2 ** 30, lossScaleSteps: 4 } };
  const whole = createRun(tinyConfig(settings)), bits = lossBits(await collect(train(whole)));
  assert((whole.state.lossScale?.skipped ?? 0) > 0);
  for (const isAtSkip of [true, false]) {
    const store = CheckpointStore.open(Deno.makeTempDirSync());
    for await (const event of train(createRun(tinyConfig(settings), { store }))) {
      const isSkip = event.kind === "notice" && /^skipped/.test(event.message);
      if (isAtSkip ? isSkip : event.kind === "step" && event.step === 7) break;
    }
    const { run } = resumeRun(store);
    assertEquals((run.state.lossScale?.skipped ?? 0) > 0, true);
    const rest = lossBits(await collect(train(run)));
    assertEquals(rest, bits.slice(-rest.length));
    assertEquals([digestOf(run), run.state.lossScale], [digestOf(whole), whole.state.lossScale]);
  }
});

Deno.test("train() in float16 gives up where no scale helps", async () => {
  const config = tinyConfig({ ...FLOAT16, model: { initialization: "normal", initStd: 300 } });
  const error = await assertRejects(() => collect(train(createRun(config))), NonFiniteLossError);
  assert(/float16|initStd/.test(error.message), error.message);
});

Deno.test("precisionNotice() says where half precision is emulated, slow, or not there", () => {
  const of = (precision: "float32" | "bfloat16" | "float16") =>
    runConfig({ compute: { precision } }).compute;
  const processor = { isTensorFlow: true, isGpu: false, lacksBfloat16: true };
  assertEquals(precisionNotice(of("float32"), processor), undefined);
  assertEquals(precisionNotice(of("bfloat16"), { ...processor, lacksBfloat16: false }), undefined);
  assertEquals(
    precisionNotice(of("bfloat16"), processor),
    "this processor has no instructions for bfloat16: steps take longer than in float32",
  );
  assert(precisionNotice(of("float16"), processor)?.startsWith("this processor emulates float16"));
  assertEquals(precisionNotice(of("float16"), { ...processor, isGpu: true }), undefined);
  assert(
    precisionNotice(of("bfloat16"), { ...processor, isTensorFlow: false })?.includes("float32"),
  );
});

Deno.test("train() says first that float16 is emulated, or nothing on a device that has it", async () => {
  const [first] = await collect(train(createRun(tinyConfig({ ...FLOAT16, train: { epochs: 1 } }))));
  const notice = precisionNotice(runConfig(FLOAT16 as Parameters<typeof runConfig>[0]).compute);
  assertEquals(first?.kind === "notice" ? first.message : undefined, notice);
});
