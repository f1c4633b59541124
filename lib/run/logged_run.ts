import { ConfigError } from "lib/core/mod.ts";
import { readCsv } from "lib/log/mod.ts";
import { checkRunName } from "./run_folder.ts";
import type { MetricsRow } from "lib/plot/mod.ts";
import type { RunConfig } from "lib/train/mod.ts";
import { exists } from "./_place.ts";
import { readConfig } from "./config_file.ts";

/** What a run has logged: its settings and the numbers of its steps. */
export interface LoggedRun {
  /** Its name. */
  readonly name: string;
  /** Its settings. */
  readonly config: RunConfig;
  /** What was logged, in the order of the steps. */
  readonly rows: readonly MetricsRow[];
}

/**
 * Reads what a run has logged; the run may still be training.
 *
 * @param name Its name, or the path of its folder.
 * @param options.root The folder that holds `runs/`; default the current one.
 * @returns Settings and numbers.
 * @throws {ConfigError} If there is no such run, or its settings cannot be read.
 * @throws {SyntaxError} If its `metrics.csv` is damaged.
 *
 * @example
 * ```ts
 * import { readLoggedRun } from "lib/run/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * const root = Deno.makeTempDirSync();
 * assertThrows(() => readLoggedRun("plain-001", { root }), Error, "expected a run in");
 * ```
 */
export function readLoggedRun(
  name: string,
  options: { readonly root?: string } = {},
): LoggedRun {
  const plain = runNameOf(name), folder = `${options.root ?? "."}/runs/${plain}`;
  if (!exists(`${folder}/config.json`) || !exists(`${folder}/metrics.csv`)) {
    throw new ConfigError(
      `Cannot read run "${plain}": expected a run in ${folder}, with config.json and metrics.csv, ` +
        "got none",
    );
  }
  const config = readConfig(`${folder}/config.json`, {});
  return { name: plain, config, rows: readMetrics(`${folder}/metrics.csv`) };
}

/** The name of a run, given as the name itself or as a path, as a shell completes it. */
export function runNameOf(text: string): string {
  const name = text.replace(/\/+$/, "").replace(/^(\.\/)?(runs|checkpoints)\//, "");
  checkRunName(name);
  return name;
}

/** Reads a `metrics.csv`; a field that holds no number counts as missing. */
export function readMetrics(path: string): MetricsRow[] {
  return readCsv(path).rows.map((row) => {
    const { step, ...readings } = row;
    // The recorder writes numbers only; an empty field reads as null, and so does a damaged one.
    const numbers = Object.entries(readings).map(([name, value]) =>
      [name, typeof value === "number" ? value : null] as const
    );
    return { step: Number(step), ...Object.fromEntries(numbers) } as MetricsRow;
  });
}
