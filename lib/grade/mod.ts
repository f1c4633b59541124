/**
 * Checks of the exercises: each says what was expected, and names the mistake that was likely made.
 *
 * Rank 6: may import every other folder but `notebook`.
 *
 * @example
 * ```ts
 * import { check, expectEqual } from "lib/grade/mod.ts";
 *
 * await check("sum", () => expectEqual([1, 2].reduce((a, b) => a + b), 3, { what: "the sum" }));
 * ```
 *
 * @module
 */
export * from "./check.ts";
export * from "./data_checks_batch.ts";
export * from "./data_checks_buckets.ts";
export * from "./data_checks_ladder.ts";
export * from "./data_checks_loader.ts";
export * from "./data_checks_sentences.ts";
export * from "./data_checks_split.ts";
export * from "./data_checks_tokenizer.ts";
export * from "./loop_checks_adam.ts";
export * from "./loop_checks_fit.ts";
export * from "./loop_checks_loss.ts";
export * from "./loop_checks_optimizer.ts";
export * from "./loop_checks_overfit.ts";
export * from "./loop_checks_patience.ts";
export * from "./loop_checks_resume.ts";
export * from "./loop_checks_step.ts";
export * from "./loop_checks_validation.ts";
export * from "./loop_state.ts";
export * from "./model_checks_attention.ts";
export * from "./model_checks_beginning.ts";
export * from "./model_checks_forward.ts";
export * from "./model_checks_heads.ts";
export * from "./model_checks_initialization.ts";
export * from "./model_checks_layers.ts";
export * from "./model_checks_norm.ts";
export * from "./model_checks_parameters.ts";
export * from "./model_checks_probes.ts";
