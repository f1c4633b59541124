/**
 * One rank of a short run, for notebook 6: trains, and writes what it saw into a file of a folder.
 *
 * @module
 */
import { useBackend } from "lib/backend/mod.ts";
import { endWithLauncher, joinFromEnvironment } from "lib/distributed/mod.ts";
import { createRun, fingerprint, type Replicas, runConfig, train } from "lib/train/mod.ts";

/** What a rank tells of its run. */
export interface RankReport {
  readonly rank: number;
  /** The loss of the last step, that of the whole batch. */
  readonly loss: number;
  /** The first digits of a digest of its weights at the end. */
  readonly weights: string;
  /** The time of a step in ms, and how much of that went into the all-reduce, waiting included. */
  readonly stepMs: number;
  readonly allReduceMs: number;
}

/** Steps in all, and those before the clock starts: the first ones compile. */
const STEPS = 24, UNTIMED = 4;

/** Seconds: where a class shares a machine, a rank may be without a core for long. */
const PATIENT = { start: 60, heartbeat: 60 };

if (import.meta.main) {
  const [folder = "."] = Deno.args;
  await useBackend({ threads: 1 }); // a core for each rank
  using _launcher = endWithLauncher();
  const cluster = await joinFromEnvironment({ limits: PATIENT });
  const report = await trainAs(cluster);
  Deno.writeTextFileSync(`${folder}/${report.rank}.json`, JSON.stringify(report));
  await cluster?.leave();
  Deno.exit(0);
}

async function trainAs(cluster: Replicas | null): Promise<RankReport> {
  let waited = 0, started = NaN, loss = NaN;
  const replicas: Replicas | null = cluster && {
    rank: cluster.rank,
    ranks: cluster.ranks,
    broadcast: (tensor) => cluster.broadcast(tensor),
    async sum(tensor) {
      const before = performance.now();
      await tensor.data(); // the rank's own work ends here
      const begun = performance.now(), sum = await cluster.sum(tensor);
      await sum.data();
      if (before > started) waited += performance.now() - begun;
      return sum;
    },
  };
  const config = runConfig({
    data: { examples: 2000 },
    train: { steps: STEPS, warmup: 4, samples: 0, earlyValidations: false },
  });
  const run = createRun(config, replicas === null ? {} : { replicas });
  let ended = NaN;
  for await (const event of train(run)) {
    if (event.kind !== "step") continue;
    loss = event.loss;
    if (event.step === UNTIMED) started = performance.now();
    if (event.step === STEPS) ended = performance.now();
  }
  const timed = STEPS - UNTIMED;
  return {
    rank: cluster?.rank ?? 0,
    loss,
    weights: fingerprint(run.state.params).slice(0, 6).toHex(),
    stepMs: (ended - started) / timed,
    allReduceMs: waited / timed,
  };
}
