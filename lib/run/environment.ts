import type { BackendInfo } from "lib/backend/mod.ts";
import { VERSION } from "lib/core/mod.ts";
import { versions } from "lib/log/mod.ts";

/**
 * Lists what the results of a run depend on besides its settings: device, versions, commit.
 *
 * @param device What `useBackend` chose.
 * @returns Names and values, for `config.json` and the report.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { describeEnvironment } from "lib/run/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(describeEnvironment(await useBackend()).deno, Deno.version.deno);
 * ```
 */
export function describeEnvironment(device: BackendInfo): Record<string, string | number> {
  const { deno, typescript, os, arch, cores, gitCommit, gitDirty } = versions();
  const commit = gitCommit ?? "unknown";
  return {
    version: VERSION,
    backend: `${device.name} ${device.version}`,
    device: device.device,
    threads: device.threads,
    deno,
    typescript,
    system: `${os} ${arch}, ${cores} cores`,
    commit: gitDirty ? `${commit} with changes` : commit,
  };
}
