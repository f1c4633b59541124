import process from "node:process";

/**
 * Tells whether a process is alive, even if it belongs to another user.
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
    // A process of another user is alive, but this process may not send signals to it.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
