/**
 * What ranks must agree on: when to stop, which weights, which settings.
 */
import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { useBackend } from "lib/backend/mod.ts";
import { ClusterError, ConfigError } from "lib/core/mod.ts";
import { localReplicas } from "lib/distributed/mod.ts";
import { disposeParams, mapParams } from "lib/tensor/mod.ts";
import { createRun, train, type TrainEvent } from "lib/train/mod.ts";
import { collect, tinyConfig } from "../support/tiny_runs.ts";
import { assertClose, free, lossesOf, runsOf, trainAll, UNEVEN } from "./_local_runs.ts";

await useBackend({ backend: "tensorflow" });

Deno.test("a rank that is asked to stop stops all at the same step", async () => {
  for (const asked of [0, 1]) {
    const runs = runsOf(tinyConfig(UNEVEN), 2), controller = new AbortController();
    const events = await Promise.all(runs.map(async (run, rank) => {
      const own: TrainEvent[] = [];
      const options = rank === asked ? { signal: controller.signal } : {};
      for await (const event of train(run, options)) {
        own.push(event);
        if (rank === asked && event.kind === "step" && event.step === 3) controller.abort();
      }
      return own;
    }));
    assertEquals(runs.map(({ state }) => state.step), [4, 4]); // the step under way told the others
    for (const own of events) {
      assertEquals(own.at(-1), { kind: "end", step: 4, reason: "interrupted" });
    }
    free(...runs);
  }
});

Deno.test("a rank asked to stop before the first validation stops all, and none has a result", async () => {
  const runs = runsOf(tinyConfig(UNEVEN), 2);
  const events = await trainAll(runs, (rank) => rank === 1 ? { signal: AbortSignal.abort() } : {});
  for (const own of events) assertEquals(own, [{ kind: "end", step: 0, reason: "interrupted" }]);
  assertEquals(runs.map(({ state }) => state.evaluatedStep), [-1, -1]);
  free(...runs);
});

Deno.test("early stop ends all ranks at the same step", async () => {
  const train = { ...UNEVEN.train, patience: 1, minChange: 10 };
  const runs = runsOf(tinyConfig({ ...UNEVEN, train }), 2), events = await trainAll(runs);
  for (const own of events) {
    const end = own.at(-1);
    assertEquals(end?.kind === "end" && end.reason, "early stop");
  }
  assertEquals(runs[0]?.state.step, runs[1]?.state.step);
  free(...runs);
});

Deno.test("only rank 0 makes samples; all have the validation's numbers", async () => {
  const runs = runsOf(tinyConfig({ ...UNEVEN, train: { epochs: 1, samples: 4 } }), 2);
  const [first = [], second = []] = await trainAll(runs);
  const kinds = (events: readonly TrainEvent[], kind: string) =>
    events.filter((event) => event.kind === kind);
  assertEquals(kinds(first, "evaluation"), kinds(second, "evaluation"));
  assertEquals([kinds(first, "sample").length, kinds(second, "sample").length], [2, 0]);
  free(...runs);
});

Deno.test("training begins with rank 0's weights and counters, whatever a rank has", async () => {
  const config = tinyConfig(UNEVEN), runs = runsOf(config, 2), [first, second] = runs;
  assert(first !== undefined && second !== undefined);
  const { params, optimizer } = second.state;
  second.state = {
    ...second.state,
    step: 9,
    params: mapParams(params, (tensor) => tensor.add(1)),
    optimizer: mapParams(optimizer, (tensor) => tensor.add(1)),
  };
  disposeParams(params, optimizer);
  const alone = createRun(config), whole = lossesOf(await collect(train(alone)));
  const [one = [], two = []] = (await trainAll(runs)).map(lossesOf);
  assertClose(one, whole);
  assertEquals(two, one);
  free(alone, ...runs);
});

Deno.test("weights that differ by one bit are found at the next validation", async () => {
  const runs = runsOf(tinyConfig(UNEVEN), 2);
  const results = await Promise.allSettled(runs.map(async (run, rank) => {
    for await (const event of train(run)) {
      if (rank === 0 || event.kind !== "step" || event.step !== 3) continue;
      const [name = "", tensor] = Object.entries(run.state.params).at(-1) ?? [];
      const values = tensor?.dataSync().slice() ?? new Float32Array();
      // Not the last bit: in the steps until the validation, rounding may make both weights equal.
      new Uint32Array(values.buffer)[0]! ^= 1 << 12; // a weight has a value
      const changed = tf.tensor(values, tensor?.shape);
      tensor?.dispose();
      run.state = { ...run.state, params: { ...run.state.params, [name]: changed } };
    }
  }));
  for (const result of results) {
    assert(result.status === "rejected" && result.reason instanceof ClusterError);
    assert(result.reason.message.includes("equal weights on all ranks at step 7, got others than"));
    assert(result.reason.message.includes("on rank 1 ("));
  }
  free(...runs);
});

Deno.test("ranks with other settings, or nothing to do, are refused", async () => {
  const configs = [tinyConfig(UNEVEN), tinyConfig({ ...UNEVEN, seed: 2 })];
  const replicas = localReplicas(2);
  const runs = configs.map((config, rank) => createRun(config, { replicas: replicas[rank]! }));
  const both = trainAll(runs);
  await assertRejects(
    () => both,
    ConfigError,
    "(seed 1) on all, got seed 2 on rank 1; start every",
  );
  free(...runs);
  const [one] = localReplicas(16);
  assertThrows(
    () => createRun(tinyConfig(), { replicas: one! }),
    ConfigError,
    "Cannot train on 16 ranks: expected a batch of one sentence per rank at least, got train.batchSize 15",
  );
});

Deno.test("data-parallel training leaves no tensor behind", async () => {
  const runs = runsOf(tinyConfig({ ...UNEVEN, train: { epochs: 2 } }), 2), counts: number[] = [];
  await Promise.all(runs.map(async (run, rank) => {
    for await (const event of train(run)) {
      if (rank === 0 && event.kind === "step") counts.push(tf.memory().numTensors);
    }
  }));
  const late = counts.slice(2);
  assert(Math.max(...late) - Math.min(...late) <= 4, `${counts}`); // the other rank is elsewhere
  free(...runs);
});

Deno.test("localReplicas() adds up in the order of ranks, and frees what it makes", async () => {
  const before = tf.memory().numTensors, values = [1e8, 1, -1e8]; // not the same in another order
  const sums = await Promise.all(
    localReplicas(3).map(async (replicas) => {
      if (replicas.rank === 0) await new Promise((resolve) => setTimeout(resolve, 20)); // comes last
      const own = tf.scalar(values[replicas.rank] ?? NaN), sum = await replicas.sum(own);
      const first = await replicas.broadcast(own), result = [sum.arraySync(), first.arraySync()];
      tf.dispose([own, sum, first]);
      return result;
    }),
  );
  const expected = Math.fround(Math.fround(1e8 + 1) - 1e8);
  assertEquals(sums, [[expected, 1e8], [expected, 1e8], [expected, 1e8]]);
  assertEquals(tf.memory().numTensors, before);
  assertThrows(() => localReplicas(0), RangeError, "expected a number of ranks from 1, got 0");
});
