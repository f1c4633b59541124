import type { Limits } from "./limits.ts";

/** Runs a command and gives its output; undefined if it failed or does not exist. */
export type Probe = (command: readonly string[]) => Promise<string | undefined>;

/** A shell script that prints the limits of its own control group. */
const SAY =
  'p=/sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup); cat "$p/memory.max" "$p/pids.max"';

/**
 * The command that runs another command in its own control group, if systemd can make one. Then the
 * system limits the memory and the number of tasks of all its processes together. The group is used only
 * if a trial run shows that these limits are in force.
 *
 * @param limits How much the processes may use.
 * @param options Whether the user is root, and how the trial command runs.
 * @returns The words to put before the command; empty if no such group can be made.
 *
 * @example
 * ```ts
 * import { controlGroup, LIMITS } from "lib/classroom/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const says = `${LIMITS.memoryBytes}\n${LIMITS.threads}\n`; // what the trial finds where systemd works
 * const found = await controlGroup(LIMITS, { isRoot: false, probe: () => Promise.resolve(says) });
 * assertEquals(found.slice(0, 3), ["systemd-run", "--user", "--scope"]);
 * assertEquals(await controlGroup(LIMITS, { isRoot: false, probe: () => Promise.resolve(undefined) }), []);
 * ```
 */
export async function controlGroup(
  { memoryBytes, threads }: Limits,
  { isRoot, probe = run }: { readonly isRoot: boolean; readonly probe?: Probe },
): Promise<string[]> {
  const group = [
    ...["systemd-run", ...isRoot ? [] : ["--user"], "--scope", "--quiet", "--collect"],
    ...["-p", `MemoryMax=${memoryBytes}`, "-p", "MemorySwapMax=0", "-p", `TasksMax=${threads}`],
    "--",
  ];
  const said = await probe([...group, "sh", "-c", SAY]);
  return said?.trim() === `${memoryBytes}\n${threads}` ? group : [];
}

async function run([program = "", ...args]: readonly string[]): Promise<string | undefined> {
  try {
    const command = new Deno.Command(program, { args, stderr: "null", stdin: "null" });
    const { success, stdout } = await command.output();
    return success ? new TextDecoder().decode(stdout) : undefined;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return undefined;
  }
}
