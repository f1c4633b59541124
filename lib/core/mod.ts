/**
 * What everything else stands on: typed errors, seeded random numbers, statistics, settings.
 *
 * Rank 0: imports no other folder, and no TensorFlow.
 *
 * @example
 * ```ts
 * import { deriveSeed, Random } from "lib/core/mod.ts";
 * import { assert } from "@std/assert";
 *
 * assert(new Random(deriveSeed(1, "shuffle")).integer(10) < 10);
 * ```
 *
 * @module
 */
export * from "./atomic_write.ts";
export * from "./config.ts";
export * from "./errors.ts";
export * from "./flags.ts";
export * from "./random.ts";
export * from "./statistics.ts";
export * from "./t_distribution.ts";
