/**
 * What a bench run leaves: sections of rows with every sample, as the JSON file has them.
 *
 * @module
 */
import { z } from "zod";
import { quantile } from "lib/core/mod.ts";

const rowSchema = z.strictObject({
  group: z.string(),
  name: z.string(),
  isBaseline: z.boolean().default(false),
  samples: z.array(z.number()),
  facts: z.record(z.string(), z.string()).default({}),
  note: z.string().optional(),
});

const sectionSchema = z.strictObject({
  part: z.string(),
  title: z.string(),
  unit: z.string(),
  better: z.enum(["lower", "higher"]),
  rows: z.array(rowSchema),
  remarks: z.array(z.string()).default([]),
});

const reportSchema = z.strictObject({
  date: z.string(),
  machine: z.record(z.string(), z.string()),
  versions: z.array(z.string()),
  settings: z.record(z.string(), z.unknown()),
  load: z.strictObject({ before: z.number(), after: z.number() }),
  seconds: z.number(),
  sections: z.array(sectionSchema),
});

/** One side at one size: its samples, in the section's unit, and what else is worth telling. */
export type Row = Readonly<z.output<typeof rowSchema>>;

/** Rows that belong together; the rows of one group compare with its baselines. */
export type Section = Readonly<z.output<typeof sectionSchema>>;

/** A whole bench run. */
export type Report = Readonly<z.output<typeof reportSchema>>;

/** What a row comes to. */
export interface Summary {
  /** NaN where there is no sample. */
  readonly median: number;
  /** The least sample, or the greatest where more is better. */
  readonly best: number;
  /** The median over that of the group's best baseline; NaN where there is none. */
  readonly ratio: number;
}

/** Sums up a row of a section. */
export function summarize(section: Section, row: Row): Summary {
  const baselines = section.rows
    .filter(({ group, isBaseline }) => isBaseline && group === row.group)
    .map(medianOf).filter(Number.isFinite);
  const median = medianOf(row), choose = section.better === "lower" ? Math.min : Math.max;
  return {
    median,
    best: row.samples.length === 0 ? NaN : choose(...row.samples),
    ratio: baselines.length === 0 ? NaN : median / choose(...baselines),
  };
}

/** A row's median; NaN where it has no samples. */
export function medianOf({ samples }: Pick<Row, "samples">): number {
  return samples.length === 0 ? NaN : quantile(samples, 0.5);
}

/** Reads a report that a bench run has left. */
export function parseReport(text: string): Report {
  const result = reportSchema.safeParse(JSON.parse(text));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new SyntaxError(
    `Cannot read a bench report: expected what \`task bench\` writes, got ${issue?.message} at ` +
      `"${issue?.path.join(".")}"`,
  );
}
