import * as tf from "@tensorflow/tfjs";
import { ConfigError } from "lib/core/mod.ts";
import { disposeParams, packParams, type Params, unpackParams } from "lib/tensor/mod.ts";
import { gatherTexts, type Replicas } from "./replicas.ts";
import type { Run } from "./run.ts";
import type { TrainState } from "./state.ts";

/** The most different settings that a message lists. */
const MOST_SHOWN = 5;

/**
 * Gives all ranks of a run the state of rank 0: weights, optimizer state, counters, to the bit.
 *
 * @param run The run; where it is one of several ranks, `run.state` is replaced.
 * @throws {ConfigError} If the ranks were started with different settings.
 * @throws {ClusterError} If a rank is lost or late.
 */
export async function synchronize(run: Run): Promise<void> {
  const { replicas, config } = run;
  if (replicas === null) return;
  await assertEqualSettings(replicas, config);
  const { params, optimizer, ...counters } = run.state;
  const [first = "{}"] = await gatherTexts(replicas, JSON.stringify(counters));
  const own: TrainState = { ...run.state, ...JSON.parse(first) }; // rank 0's counters are of that type
  const state = {
    ...own,
    params: await sendParams(replicas, params),
    optimizer: await sendParams(replicas, optimizer),
  };
  disposeParams(params, optimizer);
  run.state = state;
}

/** Rank 0's tensors; the caller owns them, and still owns its own. */
async function sendParams(replicas: Replicas, params: Params): Promise<Params> {
  if (Object.keys(params).length === 0) return {};
  const own = packParams(params);
  try {
    const sent = await replicas.broadcast(own);
    const received = unpackParams(sent, params);
    tf.dispose(sent);
    return received;
  } finally {
    own.dispose();
  }
}

/**
 * Refuses settings that are not the same on all ranks.
 *
 * @param replicas The ranks.
 * @param own This rank's settings: plain data.
 * @throws {ConfigError} With the settings that differ, and where.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { localReplicas } from "lib/distributed/mod.ts";
 * import { assertEqualSettings } from "lib/train/mod.ts";
 * import { assertRejects } from "@std/assert";
 *
 * await useBackend();
 * const checks = localReplicas(2).map((replicas) =>
 *   assertEqualSettings(replicas, { seed: 1 + replicas.rank })
 * );
 * await assertRejects(() => Promise.all(checks), Error, "(seed 1) on all, got seed 2 on rank 1");
 * await Promise.allSettled(checks);
 * ```
 */
export async function assertEqualSettings(replicas: Replicas, own: object): Promise<void> {
  const texts = await gatherTexts(replicas, JSON.stringify(own));
  const [first = {}, ...others] = texts.map((text) => flat(JSON.parse(text)));
  for (const [i, settings] of others.entries()) {
    const names = Object.keys({ ...first, ...settings });
    const differing = names.filter((name) => settings[name] !== first[name]).slice(0, MOST_SHOWN);
    if (differing.length === 0) continue;
    const list = (of: Record<string, unknown>) =>
      differing.map((name) => `${name} ${of[name]}`).join(", ");
    throw new ConfigError(
      `Cannot train on several ranks: expected the settings of rank 0 (${list(first)}) on all, ` +
        `got ${list(settings)} on rank ${i + 1}; start every rank with the same flags`,
    );
  }
}

/** Settings by path: `train.lr`. */
function flat(value: unknown, path = ""): Record<string, unknown> {
  if (typeof value !== "object" || value === null) return { [path]: value };
  return Object.assign(
    {},
    ...Object.entries(value).map(([key, inner]) =>
      flat(inner, path === "" ? key : `${path}.${key}`)
    ),
  );
}
