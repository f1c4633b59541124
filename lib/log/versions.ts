/** The software and the machine of a run. */
export interface Versions {
  /** Version of Deno, for example `2.9.6`. */
  readonly deno: string;
  /** Version of V8, its JavaScript engine. */
  readonly v8: string;
  /** Version of TypeScript. */
  readonly typescript: string;
  /** Operating system and its release, for example `linux 6.1.0`. */
  readonly os: string;
  /** Processor architecture, for example `x86_64`. */
  readonly arch: string;
  /** Logical processor cores. */
  readonly cores: number;
  /** Commit of the checkout; null outside a checkout, or without git. */
  readonly gitCommit: string | null;
  /** Whether tracked files differ from that commit; null if this is unknown. */
  readonly gitDirty: boolean | null;
}

/**
 * Lists the software and the machine of a run: enough to repeat the run elsewhere.
 *
 * @param folder A folder of the checkout; default the current one.
 * @returns The versions; an unknown value is not an error.
 *
 * @example
 * ```ts
 * import { versions } from "lib/log/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(versions().deno, Deno.version.deno);
 * ```
 */
export function versions(folder: string = "."): Versions {
  const gitCommit = git(folder, "rev-parse", "HEAD");
  const changes = gitCommit === null ? null : git(folder, "status", "--porcelain", "-uno");
  return {
    deno: Deno.version.deno,
    v8: Deno.version.v8,
    typescript: Deno.version.typescript,
    os: `${Deno.build.os} ${Deno.osRelease()}`,
    arch: Deno.build.arch,
    cores: navigator.hardwareConcurrency,
    gitCommit,
    gitDirty: changes === null ? null : changes !== "",
  };
}

/** What git answers; null if it is not installed, not allowed, or finds no repository. */
function git(folder: string, ...args: readonly string[]): string | null {
  try {
    const { success, stdout } = new Deno.Command("git", {
      args: ["-C", folder, ...args],
      stdout: "piped",
      stderr: "null",
    }).outputSync();
    return success ? new TextDecoder().decode(stdout).trim() : null;
  } catch {
    return null; // training must not fail because the commit is unknown
  }
}
