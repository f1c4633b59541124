import { gpuOffer } from "../c_library/gpu_libraries.ts";
import { askDriver, type NvidiaDriver } from "../c_library/nvidia_driver.ts";
import { processorInstructions, vectorInstructions } from "../processor.ts";
import type { BackendInfo } from "../use_backend.ts";

/** What {@linkcode speedAdvice} looks at. */
export interface SpeedFacts {
  /** The backend in use. */
  readonly info: Pick<BackendInfo, "name" | "isGpu" | "threads">;
  /** The answer of NVIDIA's driver; undefined if there is no driver. */
  readonly driver: NvidiaDriver | undefined;
  /** Logical processor cores. */
  readonly cores: number;
  /** Names of the processor's instructions; empty if they are not known. */
  readonly instructions: ReadonlySet<string>;
  /** Processes that ran or waited for a core over the last minute, this one included. */
  readonly load: number;
}

/** From this many waiting processes per core on, other programs are using the machine too. */
const BUSY = 1.5;

/**
 * Says what would make training faster on this machine, most helpful first.
 *
 * @param facts The machine and the backend in use.
 * @returns One line per advice; empty if nothing is known to help.
 *
 * @example
 * ```ts
 * import { speedAdvice } from "lib/backend/doctor/advice.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const info = { name: "tensorflow", isGpu: true, threads: 8 } as const;
 * const gpu = { info, driver: undefined, cores: 8, instructions: new Set<string>(), load: 0 };
 * assertEquals(speedAdvice(gpu), []);
 * ```
 */
export function speedAdvice(facts: SpeedFacts): string[] {
  const { info, driver, cores, load } = facts;
  const lines: (string | undefined)[] = [gpuOffer(driver, info.isGpu)];
  if (info.name !== "tensorflow") lines.push("TensorFlow's library: start through ./denow");
  if (info.name === "tensorflow" && info.threads < cores) {
    lines.push(`${cores} threads, one a core, in place of ${info.threads}`);
  }
  if (load > BUSY * cores) {
    lines.push(`an idle machine: ${load.toFixed(1)} processes share its ${cores} cores now`);
  }
  if (!info.isGpu) lines.push(processorAdvice(facts));
  return lines.filter((line) => line !== undefined);
}

/** What a better processor would have; undefined if this one has it, or if nothing is known. */
function processorAdvice({ instructions, cores }: SpeedFacts): string | undefined {
  const known = vectorInstructions(instructions);
  const isIntel = known.includes("avx2") || instructions.has("avx");
  if (isIntel && !known.includes("avx512f")) {
    return "a processor with AVX-512, which multiplies twice as many numbers at once, or a GPU";
  }
  return cores <= 4 ? "more cores, or a GPU: the course is made to run without" : undefined;
}

/**
 * Says what would make training faster here, most helpful first.
 *
 * @param info What `useBackend()` chose.
 * @returns One line per advice; empty if nothing is known to help.
 *
 * @example
 * ```ts
 * import { adviseSpeed, useBackend } from "lib/backend/mod.ts";
 * import { assert } from "@std/assert";
 *
 * assert(adviseSpeed(await useBackend()).every((line) => !line.includes("\n")));
 * ```
 */
export function adviseSpeed(info: SpeedFacts["info"]): string[] {
  return speedAdvice({
    info,
    driver: askDriver(),
    cores: navigator.hardwareConcurrency,
    instructions: processorInstructions(),
    load: Deno.loadavg()[0] ?? 0,
  });
}
