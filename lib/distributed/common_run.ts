import { ConfigError } from "lib/core/mod.ts";
import {
  assertEqualSettings,
  createRun,
  gatherTexts,
  type Replicas,
  type Run,
  type RunConfig,
  runConfig,
  type RunOptions,
} from "lib/train/mod.ts";

/** What a rank was asked to train. */
export interface Assignment {
  /** The settings of a new run; null to resume an earlier one. */
  readonly config: RunConfig | null;
  /** How many epochs a resumed run shall have in all. */
  readonly epochs?: number;
}

/**
 * Checks that all ranks were asked to train the same run; it is the first thing that they do
 * together.
 *
 * @param replicas The ranks.
 * @param assignment What this one was asked to train.
 * @throws {ConfigError} If another rank was asked to train something else; the error names settings
 *   and ranks.
 * @throws {ClusterError} If a rank is lost.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { assertSameAssignment, localReplicas } from "lib/distributed/mod.ts";
 * import { runConfig } from "lib/train/mod.ts";
 * import { assertRejects } from "@std/assert";
 *
 * await useBackend();
 * const rates = [1e-3, 2e-3];
 * const checks = localReplicas(2).map((replicas) => {
 *   const config = runConfig({ train: { lr: rates[replicas.rank] } });
 *   return assertSameAssignment(replicas, { config });
 * });
 * await assertRejects(() => Promise.all(checks), Error, "got train.lr 0.002 on rank 1");
 * await Promise.allSettled(checks);
 * ```
 */
export async function assertSameAssignment(
  replicas: Replicas,
  { config, epochs = 0 }: Assignment,
): Promise<void> {
  await assertEqualSettings(replicas, { resume: config === null });
  await assertEqualSettings(replicas, config ?? { epochs });
}

/**
 * Tells the other ranks the settings of a run that rank 0 has created or resumed.
 *
 * @param replicas The ranks; this process is rank 0.
 * @param run Its run.
 * @throws {ClusterError} If a rank is lost.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { announceRun, followRun, localReplicas } from "lib/distributed/mod.ts";
 * import { createRun, runConfig } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const [leader, follower] = localReplicas(2);
 * const run = createRun(runConfig(), { replicas: leader! });
 * const [same] = await Promise.all([followRun(follower!), announceRun(leader!, run)]);
 * assertEquals(same.config, run.config);
 * ```
 */
export async function announceRun(replicas: Replicas, run: Run): Promise<void> {
  await gatherTexts(replicas, JSON.stringify(run.config));
}

/**
 * Makes the run of a rank other than 0: the one that rank 0 announces. It has no files, and gets
 * its state from rank 0 when training begins.
 *
 * @param replicas The ranks; this process is not rank 0.
 * @param options Further options of the run.
 * @returns The run; the caller owns its tensors.
 * @throws {ClusterError} If a rank is lost.
 * @throws {ConfigError} If such a run is not possible in this process.
 *
 * @example
 * ```ts
 * import { followRun, localReplicas } from "lib/distributed/mod.ts";
 * import { assertRejects } from "@std/assert";
 *
 * const [alone] = localReplicas(1);
 * await assertRejects(() => followRun(alone!), Error, "expected a rank from 1 on, got rank 0");
 * ```
 */
export async function followRun(
  replicas: Replicas,
  options: Omit<RunOptions, "store" | "replicas"> = {},
): Promise<Run> {
  if (replicas.rank === 0) {
    throw new ConfigError(
      "Cannot follow a run: expected a rank from 1 on, got rank 0, which leads",
    );
  }
  const [text = ""] = await gatherTexts(replicas, "");
  const settings: Parameters<typeof runConfig>[0] = JSON.parse(text); // checked by runConfig()
  return createRun(runConfig(settings), { ...options, replicas });
}
