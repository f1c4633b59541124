/**
 * Data-parallel training: several processes, each with the same model and its share of every batch, joined
 * by TensorFlow's collective runtime. The loop is that of `lib/train`, which needs from this room
 * only sums and broadcasts over ranks.
 *
 * Rank 5: imports `core`, the folders of rank 1 to 4, and TensorFlow.js.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { localReplicas } from "lib/distributed/mod.ts";
 * import { createRun, fingerprint, runConfig, train } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const config = runConfig({
 *   data: { examples: 100 },
 *   model: { layers: 1 },
 *   train: { warmup: 0, epochs: 1, samples: 0 },
 * });
 * const runs = localReplicas(2).map((replicas) => createRun(config, { replicas }));
 * await Promise.all(runs.map((run) => Array.fromAsync(train(run))));
 * const [first, second] = runs.map(({ state }) => fingerprint(state.params));
 * assertEquals(first, second); // equal to the bit
 * ```
 *
 * @module
 */
export { Cluster, joinFromEnvironment, type JoinOptions } from "./cluster.ts";
export { announceRun, assertSameAssignment, type Assignment, followRun } from "./common_run.ts";
export { freeAddresses } from "./free_addresses.ts";
export { endWithLauncher, type LaunchOptions, launchRanks } from "./launch.ts";
export { localReplicas } from "./local_replicas.ts";

// For your own programs:
export { DEFAULT_LIMITS } from "./cluster.ts";
export { formatClusterSpec, parseClusterSpec } from "./cluster_spec.ts";
