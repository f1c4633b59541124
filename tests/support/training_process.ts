/**
 * Training for a number of steps, here or in a process of its own, so that what comes out can be
 * compared bit for bit.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { CheckpointStore } from "lib/checkpoint/mod.ts";
import { disposeParams } from "lib/tensor/mod.ts";
import { createRun, resumeRun, type Run, runConfig, toCheckpoint, train } from "lib/train/mod.ts";

/** What to train, and how far. */
export interface TrainingJob {
  /** A new run's settings, as {@linkcode runConfig} takes them. */
  readonly settings: Parameters<typeof runConfig>[0];
  /** The step to stop after. */
  readonly until: number;
  /** A folder of checkpoints; where it holds one, that run goes on in place of a new one. */
  readonly store?: string;
  /** The step after which to save. */
  readonly saveAt?: number;
}

/** What came out. */
export interface TrainingRecord {
  /** The loss of each step, in nats. */
  readonly losses: readonly number[];
  /** {@linkcode digestOf} the run. */
  readonly digest: string;
}

/** Trains as a job asks. */
export async function trainHere(job: TrainingJob): Promise<TrainingRecord> {
  const { until, saveAt } = job, run = openRun(job);
  const before = saveAt === undefined ? [] : await advance(run, saveAt); // saves when it is left
  const rest = { ...run, store: null };
  const losses = [...before, ...await advance(rest, until)], digest = digestOf(rest);
  disposeParams(rest.state.params, rest.state.optimizer);
  return { losses, digest };
}

function openRun({ settings, store: path }: TrainingJob): Run {
  if (path === undefined) return createRun(runConfig(settings));
  const store = CheckpointStore.open(path);
  return store.has("last") ? resumeRun(store).run : createRun(runConfig(settings), { store });
}

async function advance(run: Run, until: number): Promise<number[]> {
  const losses: number[] = [];
  for await (const event of train(run)) {
    if (event.kind !== "step") continue;
    losses.push(event.loss);
    if (event.step === until) break;
  }
  return losses;
}

/** Does jobs one after the other in a new process. JSON keeps every bit of a finite loss. */
export async function trainInNewProcess(jobs: readonly TrainingJob[]): Promise<TrainingRecord[]> {
  const root = new URL("../..", import.meta.url);
  const { success, stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "tests/support/training_child.ts", JSON.stringify(jobs)],
    cwd: root,
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("Cannot train: expected a process that ends well, got a failure");
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** A digest of a run's weights and optimizer state: equal where every bit is. */
export function digestOf({ config, state }: Run): string {
  const { model, optimizer } = toCheckpoint(config, state), hash = createHash("sha256");
  for (const { data } of [...model.values(), ...optimizer.values()]) hash.update(data);
  return hash.digest("hex");
}
