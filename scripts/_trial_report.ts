/**
 * The findings of a trial of a device, as its JSON file stores them.
 *
 * @module
 */
import { z } from "zod";

const partSchema = z.strictObject({
  name: z.string(),
  status: z.enum(["passed", "failed", "not run"]),
  seconds: z.number().min(0),
  /** Why it failed, or was not run. */
  reason: z.string().optional(),
  /** Its last lines of output. */
  lines: z.array(z.string()),
});

const stepsSchema = z.strictObject({
  side: z.enum(["ours", "PyTorch"]),
  /** Batch x positions. */
  shape: z.string(),
  precision: z.enum(["float32", "bfloat16"]),
  /** Whether products of float32 may be cut to TF32. */
  tf32: z.boolean(),
  versions: z.string(),
  steps: z.int().min(0),
  /** Null if nothing was measured: `reason` says why. */
  medianMs: z.number().positive().nullable(),
  leastMs: z.number().positive().nullable(),
  tokensPerSecond: z.number().positive().nullable(),
  firstLoss: z.number().nullable(),
  lastLoss: z.number().nullable(),
  /** The peak memory of the process on the host. */
  peakHostMB: z.number().positive().nullable(),
  /** Memory in use on the whole GPU at the end; null without a GPU. */
  gpuMB: z.number().min(0).nullable(),
  reason: z.string().optional(),
});

/** The schema of a trial's file. */
export const trialSchema = z.strictObject({
  date: z.string().regex(/^\d{4}-\d\d-\d\dT/),
  machine: z.record(z.string(), z.string()),
  device: z.enum(["gpu", "cpu"]),
  gpus: z.array(z.string()),
  seconds: z.number().positive(),
  parts: z.array(partSchema),
  steps: z.array(stepsSchema),
});

/** A part that passed, failed, or was not run. */
export type TrialPart = z.output<typeof partSchema>;

/** Steps of one side, at one size, in one precision. */
export type TrialSteps = z.output<typeof stepsSchema>;

/** The whole trial. */
export type Trial = z.output<typeof trialSchema>;

/** Writes one line per measurement, for people. */
export function formatSteps(row: TrialSteps): string {
  const { side, shape, precision, tf32, steps, medianMs, leastMs, tokensPerSecond, reason } = row;
  const name = `${side.padEnd(8)} ${shape.padEnd(8)} ${precision}${tf32 ? " TF32" : ""}`.padEnd(32);
  if (medianMs === null) return `${name} ${reason ?? "not measured"}`;
  const memory = [
    row.peakHostMB === null ? "" : `, ${row.peakHostMB.toFixed(0)} MB at most`,
    row.gpuMB === null ? "" : `, ${row.gpuMB.toFixed(0)} MB of the GPU`,
  ].join("");
  return `${name} ${medianMs.toFixed(2)} ms (least ${leastMs?.toFixed(2)}), ` +
    `${tokensPerSecond?.toFixed(0)} tokens/s, loss ${row.firstLoss?.toFixed(3)} to ` +
    `${row.lastLoss?.toFixed(3)} in ${steps} steps${memory}`;
}
