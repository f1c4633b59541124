/**
 * The machine that figures come from.
 *
 * @module
 */

import { lacksBfloat16, processorInstructions } from "lib/backend/mod.ts";

/** Names processor, memory and system, for the report. */
export function describeMachine(): Record<string, string> {
  const { total } = Deno.systemMemoryInfo();
  return {
    processor: `${processorName()}, ${navigator.hardwareConcurrency} cores`,
    instructions: vectorInstructions(),
    memory: `${(total / 1e9).toFixed(0)} GB of memory`,
    system: `${Deno.build.os} ${Deno.osRelease()} ${Deno.build.arch}`,
  };
}

/** How many processes ran or waited for a core, on average over the last minute. */
export function loadNow(): number {
  return Deno.loadavg()[0] ?? NaN;
}

/** A warning where figures in bfloat16 say nothing of the libraries; none elsewhere. */
export function bfloat16Remarks(known: ReadonlySet<string> = processorInstructions()): string[] {
  if (!lacksBfloat16(known)) return [];
  return [
    "This processor has no instructions for bfloat16: rows in bfloat16 are no measure of either library,",
    "and PyTorch's are left out, whose products in bfloat16 then run at about 1 GFLOP/s.",
  ];
}

function processorName(): string {
  if (Deno.build.os === "darwin") {
    const { stdout } = new Deno.Command("sysctl", { args: ["-n", "machdep.cpu.brand_string"] })
      .outputSync();
    return new TextDecoder().decode(stdout).trim();
  }
  return fieldOf("model name") || "a processor without a name";
}

function vectorInstructions(): string {
  const names = ["avx2", "avx512f", "avx512_bf16", "amx_bf16", "asimd", "bf16"];
  const found = names.filter((name) => processorInstructions().has(name));
  return `vector instructions: ${found.join(", ") || "unknown"}`;
}

/** A field of Linux's list of processors; empty where there is none. */
function fieldOf(name: string): string {
  if (Deno.build.os !== "linux") return "";
  const info = Deno.readTextFileSync("/proc/cpuinfo");
  return new RegExp(`^${name}\\s*: (.*)$`, "m").exec(info)?.[1] ?? "";
}
