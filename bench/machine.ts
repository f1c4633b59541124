/**
 * The machine that figures come from.
 *
 * @module
 */

import {
  lacksBfloat16,
  processorInstructions,
  processorName,
  vectorInstructions,
} from "lib/backend/mod.ts";

/** Names processor, memory and system, for the report. */
export function describeMachine(): Record<string, string> {
  const { total } = Deno.systemMemoryInfo();
  return {
    processor: `${processorName()}, ${navigator.hardwareConcurrency} cores`,
    instructions: `vector instructions: ${vectorInstructions().join(", ") || "unknown"}`,
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
