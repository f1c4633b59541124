/**
 * Training: settings, one update, evaluation against the oracle, early stop, the loop, the verdict.
 *
 * Rank 3: imports `core`, the folders of rank 1 and 2, and TensorFlow.js.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { createRun, runConfig, train } from "lib/train/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * await useBackend();
 * const settings = { data: { examples: 400 }, model: { layers: 1 }, train: { warmup: 0, epochs: 1 } };
 * const kinds = new Set<string>();
 * for await (const event of train(createRun(runConfig(settings)))) kinds.add(event.kind);
 * assertEquals([...kinds], ["evaluation", "sample", "step", "end"]);
 * ```
 *
 * @module
 */
export * from "./config.ts";
export * from "./corpus.ts";
export * from "./device_batch.ts";
export * from "./early_stop.ts";
export * from "./evaluate.ts";
export * from "./events.ts";
export * from "./generation_programs.ts";
export * from "./guard.ts";
export * from "./next_turn.ts";
export * from "./programs.ts";
export * from "./run.ts";
export * from "./samples.ts";
export * from "./state.ts";
export * from "./step.ts";
export * from "./step_input.ts";
export * from "./train.ts";
export * from "./verdict.ts";
