import type { Limits } from "./limits.ts";

/** Runs a command and gives what it put out; undefined where it failed, or is not there. */
export type Probe = (command: readonly string[]) => Promise<string | undefined>;

/** Says what its own control group allows. */
const SAY =
  'p=/sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup); cat "$p/memory.max" "$p/pids.max"';

/**
 * The command that runs another one in a control group of its own, where systemd makes one: then the system
 * itself holds all its processes together to the memory and the number of tasks. It is used only where a
 * trial says that these limits are in force.
 *
 * @param limits How much the processes may use.
 * @param options Whether the user is root, and how the trial runs.
 * @returns What stands before the command; nothing where there is no such group.
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
