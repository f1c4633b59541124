import process from "node:process";

/**
 * Tells whether a process is alive, be it somebody else's.
 *
 * @param pid Its number.
 *
 * @example
 * ```ts
 * import { isProcessAlive } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(isProcessAlive(Deno.pid), true);
 * ```
 */
export function isProcessAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // A process of somebody else is alive and may not be asked.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
