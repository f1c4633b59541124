import type { Sample, SampleEvent } from "lib/train/mod.ts";

/** Samples as a text: a heading, and one line per sentence. */
export interface SampleText {
  /** Step and shares. */
  readonly heading: string;
  /** How a sentence was made, whether it is grammatical, and its words. */
  readonly lines: readonly string[];
}

/**
 * Writes samples as people read them; {@linkcode parseSamples} reads them back.
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

/**
 * Reads a `samples.txt`.
 *
 * @param text What {@linkcode formatSamples} gave, paragraph by paragraph.
 * @returns The events, shares to a tenth of a percent.
 * @throws {SyntaxError} If a line has another form.
 *
 * @example
 * ```ts
 * import { parseSamples } from "lib/run/sample_text.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const heading = "step 141: grammatical 99.5 % of drawn, 100.0 % of greedy sentences";
 * const [event] = parseSamples(`${heading}\n  sampled  BAD  The The\n\n`);
 * assertEquals(event?.samples, [{ text: "The The", isGrammatical: false, method: "sampled" }]);
 * ```
 */
export function parseSamples(text: string): SampleEvent[] {
  return text.split("\n\n").filter((paragraph) => paragraph.trim() !== "").map((paragraph) => {
    const [heading = "", ...lines] = paragraph.replace(/\n+$/, "").split("\n");
    const numbers =
      /^step (\d+): grammatical ([\d.]+) % of drawn, ([\d.]+) % of greedy sentences(?:; pairs agreeing ([\d.]+) %)?$/
        .exec(heading);
    if (numbers === null) throw unreadable("a heading such as step 141: ...", heading);
    const [, step, drawn, greedy, agreement] = numbers;
    return {
      kind: "sample",
      step: Number(step),
      grammaticalShare: Number(drawn) / 100,
      greedyGrammaticalShare: Number(greedy) / 100,
      agreementShare: agreement === undefined ? null : Number(agreement) / 100,
      samples: lines.map(parseSample),
    };
  });
}

function parseSample(line: string): Sample {
  const [, method, mark, text] = /^ {2}(greedy|sampled) {2,3}(ok |BAD) {2}(.*)$/.exec(line) ?? [];
  if (text === undefined) throw unreadable("a sample such as greedy  ok   The ...", line);
  return {
    text,
    isGrammatical: mark === "ok ",
    method: method === "greedy" ? "greedy" : "sampled",
  };
}

function unreadable(expected: string, got: string): SyntaxError {
  return new SyntaxError(`Cannot read samples: expected ${expected}, got "${got}"`);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
