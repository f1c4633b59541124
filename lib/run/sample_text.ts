import type { SampleEvent } from "lib/train/mod.ts";
import { z } from "zod";

/** Samples as a text: a heading, and one line per sentence. */
export interface SampleText {
  /** Step and shares. */
  readonly heading: string;
  /** How a sentence was made, whether it is grammatical, and its words. */
  readonly lines: readonly string[];
}

/**
 * Writes samples as people read them, in `samples.txt`.
 *
 * @param event What was generated.
 * @returns Heading and lines.
 *
 * @example
 * ```ts
 * import { formatSamples } from "lib/run/sample_text.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const samples = [{ text: "The old cat sleeps quietly", isGrammatical: true, method: "greedy" }] as const;
 * const shares = { grammaticalShare: 0.995, greedyGrammaticalShare: 1, agreementShare: null };
 * const { heading, lines } = formatSamples({ kind: "sample", step: 141, samples, ...shares });
 * assertEquals(heading, "step 141: grammatical 99.5 % of drawn, 100.0 % of greedy sentences");
 * assertEquals(lines, ["greedy   ok   The old cat sleeps quietly"]);
 * ```
 */
export function formatSamples(event: SampleEvent): SampleText {
  const { step, samples, grammaticalShare, greedyGrammaticalShare, agreementShare } = event;
  const agreement = agreementShare === null ? "" : `; pairs agreeing ${percent(agreementShare)}`;
  return {
    heading: `step ${step}: grammatical ${percent(grammaticalShare)} of drawn, ` +
      `${percent(greedyGrammaticalShare)} of greedy sentences${agreement}`,
    lines: samples.map(({ method, isGrammatical, text }) =>
      `${method.padEnd(7)}  ${isGrammatical ? "ok " : "BAD"}  ${text}`
    ),
  };
}

/** A line of `samples.jsonl`. */
const RECORD = z.object({
  kind: z.literal("sample"),
  step: z.int().nonnegative(),
  samples: z.array(z.object({
    text: z.string(),
    isGrammatical: z.boolean(),
    method: z.enum(["greedy", "sampled"]),
  })),
  grammaticalShare: z.number(),
  greedyGrammaticalShare: z.number(),
  agreementShare: z.number().nullable(),
});

/**
 * Reads a line of `samples.jsonl`.
 *
 * @param line What `JSON.stringify()` made of the event.
 * @returns The event.
 * @throws {SyntaxError} If it is another thing.
 *
 * @example
 * ```ts
 * import { readSampleRecord } from "lib/run/sample_text.ts";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(() => readSampleRecord('{"kind": "step"}'), SyntaxError, "expected the record of");
 * ```
 */
export function readSampleRecord(line: string): SampleEvent {
  try {
    return RECORD.parse(JSON.parse(line));
  } catch {
    throw new SyntaxError(
      `Cannot read samples: expected the record of an event in JSON, got "${line.slice(0, 60)}"`,
    );
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
