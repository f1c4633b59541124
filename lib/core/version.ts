/**
 * This project's version: that of `deno.json`, which a program elsewhere may not be able to read.
 *
 * @example
 * ```ts
 * import { VERSION } from "lib/core/mod.ts";
 * import { assertMatch } from "@std/assert";
 *
 * assertMatch(VERSION, /^\d+\.\d+\.\d+$/);
 * ```
 */
export const VERSION = "1.1.0";
