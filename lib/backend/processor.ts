/**
 * Names of a processor's instructions for bfloat16: products of vectors, products of tiles, and
 * those of ARM.
 */
const BFLOAT16_INSTRUCTIONS = ["avx512_bf16", "amx_bf16", "bf16"];

/**
 * Tells whether the processor is known to have no instructions for bfloat16. If so, products in
 * bfloat16 are slower than in float32.
 *
 * @param known Names of its instructions; by default those of this machine. An empty set means that
 *   they are not known.
 * @returns True if the instructions are known and none of them multiplies bfloat16.
 *
 * @example
 * ```ts
 * import { lacksBfloat16 } from "lib/backend/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(lacksBfloat16(new Set(["avx2"])), true);
 * assertEquals(lacksBfloat16(new Set(["avx2", "amx_bf16"])), false);
 * ```
 */
export function lacksBfloat16(known: ReadonlySet<string> = processorInstructions()): boolean {
  return known.size > 0 && !BFLOAT16_INSTRUCTIONS.some((name) => known.has(name));
}

/**
 * Names the processor's instructions, if the system lists them. Only Linux does.
 *
 * @returns Names as Linux writes them; empty if they are not known.
 *
 * @example
 * ```ts
 * import { processorInstructions } from "lib/backend/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(processorInstructions().size > 0, Deno.build.os === "linux");
 * ```
 */
export function processorInstructions(): ReadonlySet<string> {
  const [, names = ""] = /^(?:flags|Features)\s*: (.*)$/m.exec(readProcessorInfo()) ?? [];
  return new Set(names.split(" ").filter((name) => name !== ""));
}

/**
 * Names the processor.
 *
 * @returns The maker's name for it; "a processor without a name" if the system gives none.
 *
 * @example
 * ```ts
 * import { processorName } from "lib/backend/mod.ts";
 * import { assert } from "@std/assert";
 *
 * assert(processorName().length > 0);
 * ```
 */
export function processorName(): string {
  return nameOfProcessor() || "a processor without a name";
}

function nameOfProcessor(): string | undefined {
  if (Deno.build.os === "windows") return Deno.env.get("PROCESSOR_IDENTIFIER");
  if (Deno.build.os === "linux") return /^model name\s*: (.*)$/m.exec(readProcessorInfo())?.[1];
  try {
    const { stdout } = new Deno.Command("sysctl", { args: ["-n", "machdep.cpu.brand_string"] })
      .outputSync();
    return new TextDecoder().decode(stdout).trim();
  } catch {
    return undefined; // a process that may start no other, or a system without this program
  }
}

/** What Linux says of the processors; empty elsewhere, and in a process that may not read it. */
function readProcessorInfo(): string {
  try {
    return Deno.build.os === "linux" ? Deno.readTextFileSync("/proc/cpuinfo") : "";
  } catch {
    return ""; // Deno wants all rights for it; a sandbox may have no /proc
  }
}

/** The more of these a processor has, the more numbers it multiplies at once. */
const VECTOR_INSTRUCTIONS = ["avx2", "avx512f", "avx512_bf16", "amx_bf16", "asimd", "bf16"];

/**
 * Names those of the processor's instructions that decide how fast it multiplies.
 *
 * @param known Names of its instructions; by default those of this machine.
 * @returns The names; empty if they are not known.
 *
 * @example
 * ```ts
 * import { vectorInstructions } from "lib/backend/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(vectorInstructions(new Set(["sse2", "avx2"])), ["avx2"]);
 * ```
 */
export function vectorInstructions(
  known: ReadonlySet<string> = processorInstructions(),
): string[] {
  return VECTOR_INSTRUCTIONS.filter((name) => known.has(name));
}
