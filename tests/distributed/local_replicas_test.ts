/**
 * What data-parallel training computes, with all ranks in this process.
 */
import * as tf from "@tensorflow/tfjs";
import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { useBackend } from "lib/backend/mod.ts";
import { CheckpointStore } from "lib/checkpoint/mod.ts";
import { ClusterError, ConfigError } from "lib/core/mod.ts";
import { localReplicas } from "lib/distributed/mod.ts";
import { disposeParams, mapParams } from "lib/tensor/mod.ts";
import {
  createRun,
  resumeRun,
  type Run,
  type RunConfig,
  stepInput,
  train,
  type TrainEvent,
  type TrainOptions,
} from "lib/train/mod.ts";
import { collect, tinyConfig, type TinySettings } from "../support/tiny_runs.ts";
import { digestOf } from "../support/training_process.ts";

await useBackend({ backend: "tensorflow" });

/** How far a loss may be off the one of a single process: float32 sums in another order. */
const CLOSE = 1e-5;

function runsOf(config: RunConfig, ranks: number): Run[] {
  const [first, ...others] = localReplicas(ranks);
  if (first === undefined) return [];
  const run = createRun(config, { replicas: first }), { programs } = run; // compiled once for all
  return [run, ...others.map((replicas) => createRun(config, { replicas, programs }))];
}

/** All events of each rank. */
function trainAll(
  runs: readonly Run[],
  options: (rank: number) => TrainOptions = () => ({}),
): Promise<TrainEvent[][]> {
  return Promise.all(runs.map((run, rank) => collect(train(run, options(rank)))));
}

function free(...runs: readonly Run[]): void {
  for (const { state } of runs) disposeParams(state.params, state.optimizer);
}

/** The losses of steps and validations. */
function lossesOf(events: readonly TrainEvent[]): number[] {
  return events.flatMap((event) =>
    event.kind === "step" || event.kind === "evaluation" ? [event.loss] : []
  );
}

function assertClose(actual: readonly number[], expected: readonly number[]): void {
  assertEquals(actual.length, expected.length);
  for (const [i, loss] of actual.entries()) assertAlmostEquals(loss, expected[i] ?? NaN, CLOSE);
}

/** 60 steps and more, with a short batch at the end of each epoch. */
const UNEVEN: TinySettings = {
  data: { examples: 200 },
  model: { dropout: 0 },
  train: { batchSize: 13, epochs: 5, evalEvery: 7 },
};

const CASES: Readonly<Record<string, { ranks: number; settings: TinySettings }>> = {
  "2 ranks, a short last batch": { ranks: 2, settings: UNEVEN },
  "3 ranks, a short last batch": { ranks: 3, settings: UNEVEN },
  "2 ranks, two lengths and micro-batches": {
    ranks: 2,
    settings: {
      data: { level: "variable", examples: 200, lengthBuckets: true },
      model: { dropout: 0 },
      train: { batchSize: 9, accumulation: 2, epochs: 5 },
    },
  },
  "2 ranks by XLA": {
    ranks: 2,
    settings: {
      ...UNEVEN,
      train: { ...UNEVEN.train, epochs: 1 },
      compute: { compile: "xla" },
    },
  },
  "2 ranks op by op": {
    ranks: 2,
    settings: {
      ...UNEVEN,
      train: { ...UNEVEN.train, epochs: 1 },
      compute: { compile: "off" },
    },
  },
};

for (const [name, { ranks, settings }] of Object.entries(CASES)) {
  Deno.test(`ranks learn what one process learns: ${name}`, async () => {
    const config = tinyConfig(settings), alone = createRun(config), runs = runsOf(config, ranks);
    const whole = lossesOf(await collect(train(alone)));
    const all = await trainAll(runs);
    for (const events of all) assertClose(lossesOf(events), whole);
    const [first, ...others] = all.map(lossesOf), digest = digestOf(runs[0] as Run);
    for (const losses of others) assertEquals(losses, first, "the same bits on all ranks");
    for (const run of runs) assertEquals(digestOf(run), digest);
    for (const { state } of runs) assertEquals(state.tokens, alone.state.tokens);
    free(alone, ...runs);
  });
}

Deno.test("shares of a step have each sentence once, and the target count of all", () => {
  const config = tinyConfig(UNEVEN), runs = runsOf(config, 3), alone = createRun(config);
  tf.tidy(() => {
    for (const batch of alone.corpus.loader.batches().take(alone.plan.stepsPerEpoch)) {
      const whole = stepInput(alone, [batch]);
      const shares = runs.map((run) => stepInput(run, [batch]));
      const sentences = (input: typeof whole) => {
        const [ids, mask] = ["ids", "mask"].map((name) =>
          input.microBatches[0]?.[name as "ids" | "mask"].arraySync() as number[][]
        );
        return (ids ?? []).filter((_, row) => mask?.[row]?.includes(1)).map(String);
      };
      assertEquals(shares.flatMap(sentences).sort(), sentences(whole).sort());
      for (const { targetCount } of shares) {
        assertEquals(targetCount.arraySync(), whole.targetCount.arraySync());
      }
      const seeds = shares.map(({ microBatches }) => `${microBatches[0]?.dropoutSeed.dataSync()}`);
      assertEquals(new Set(seeds).size, 3, "each rank drops other neurons");
      assertEquals(seeds[0] === `${whole.microBatches[0]?.dropoutSeed.dataSync()}`, true);
    }
  });
  free(alone, ...runs);
});

Deno.test("two data-parallel runs are equal to the bit, dropout included", async () => {
  const config = tinyConfig({ ...UNEVEN, model: { dropout: 0.1 } });
  const digests: string[] = [];
  for (let i = 0; i < 2; i++) {
    const runs = runsOf(config, 2);
    await trainAll(runs);
    digests.push(...runs.map(digestOf));
    free(...runs);
  }
  assertEquals(new Set(digests).size, 1);
});

for (const [before, after] of [[2, 1], [1, 2], [2, 3]] as const) {
  Deno.test(`a run of ${before} ranks goes on with ${after}, with the same global batches`, async () => {
    const config = tinyConfig(UNEVEN), path = Deno.makeTempDirSync(), until = 20;
    const whole = createRun(config), expected = lossesOf(await collect(train(whole)));
    const store = CheckpointStore.open(path);
    const first = localReplicas(before).map((replicas) =>
      createRun(config, { replicas, ...replicas.rank === 0 && { store } })
    );
    const controllers = first.map(() => new AbortController());
    const begun = await Promise.all(first.map(async (run, rank) => {
      const events: TrainEvent[] = [];
      for await (const event of train(run, { signal: controllers[rank]?.signal as AbortSignal })) {
        events.push(event);
        if (event.kind === "step" && event.step === until - 1) controllers[rank]?.abort();
      }
      return lossesOf(events);
    }));
    assertEquals(first.map(({ state }) => state.step), first.map(() => until));
    const { run: leader } = resumeRun(CheckpointStore.open(path));
    const rest = localReplicas(after).map((replicas, rank) =>
      rank === 0 ? { ...leader, replicas } : createRun(config, { replicas })
    );
    const [ended = []] = (await trainAll(rest)).map(lossesOf);
    assertClose([...begun[0] ?? [], ...ended], expected);
    for (const run of rest) assertEquals(digestOf(run), digestOf(rest[0] as Run));
    free(whole, ...first, ...rest);
  });
}

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
      new Uint32Array(values.buffer)[0]! ^= 1; // a weight has a value
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
    "Cannot train on 16 ranks: expected a batch of a sentence a rank at least, got train.batchSize 15",
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
