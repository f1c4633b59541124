/**
 * What data-parallel training computes, with all ranks in this process.
 */
import * as tf from "@tensorflow/tfjs";
import { assertEquals } from "@std/assert";
import { useBackend } from "lib/backend/mod.ts";
import { CheckpointStore } from "lib/checkpoint/mod.ts";
import { localReplicas } from "lib/distributed/mod.ts";
import {
  createRun,
  resumeRun,
  type Run,
  stepInput,
  train,
  type TrainEvent,
} from "lib/train/mod.ts";
import { collect, tinyConfig, type TinySettings } from "../support/tiny_runs.ts";
import { digestOf } from "../support/training_process.ts";
import { assertClose, free, lossesOf, runsOf, trainAll, UNEVEN } from "./_local_runs.ts";

await useBackend({ backend: "tensorflow" });

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
