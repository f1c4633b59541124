/** How the share of the examples that take part grows: all at once, evenly, or fast at first. */
export type PacingKind = "step" | "linear" | "root";

/** A pacing function, as {@linkcode pacedShare} computes it. */
export interface Pacing {
  /** How the share grows. */
  readonly kind: PacingKind;
  /** The share at step 0; above 0, at most 1. */
  readonly start: number;
  /** The step, counted from 0, from which on all examples take part. */
  readonly steps: number;
}

/**
 * Computes the share of the examples that takes part in a step.
 *
 * With s the start, n the steps and x = step / n: `linear` is s + (1 − s) x, `root` is
 * √(s² + (1 − s²) x), and `step` is s; from step n on, each is 1.
 *
 * @param pacing How the share grows.
 * @param step The step, counted from 0.
 * @returns The share, above 0 and at most 1; it never falls.
 * @throws {RangeError} If start, steps or step are out of range, or there is no such kind.
 *
 * @example
 * ```ts
 * import { pacedShare } from "lib/data/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const pacing = { kind: "linear", start: 0.25, steps: 100 } as const;
 * assertEquals([0, 40, 100, 900].map((step) => pacedShare(pacing, step)), [0.25, 0.55, 1, 1]);
 * ```
 *
 * Source: Platanios and others, "Competence-based Curriculum Learning for Neural Machine Translation",
 * 2019 (linear, root); Wu, Dyer, Neyshabur, "When Do Curricula Work?", 2021 (all three)
 */
export function pacedShare(pacing: Pacing, step: number): number {
  checkPacing(pacing);
  if (!Number.isInteger(step) || step < 0) {
    throw new RangeError(`Cannot pace: expected a step from 0, got ${step}`);
  }
  const { kind, start, steps } = pacing;
  if (step >= steps) return 1;
  const progress = step / steps;
  switch (kind) {
    case "step":
      return start;
    case "linear":
      return start + (1 - start) * progress;
    case "root":
      return Math.sqrt(start ** 2 + (1 - start ** 2) * progress);
  }
}

function checkPacing({ kind, start, steps }: Pacing): void {
  const kinds: readonly string[] = ["step", "linear", "root"] satisfies PacingKind[];
  if (!kinds.includes(kind)) {
    throw new RangeError(`Cannot pace: expected one of ${kinds.join(", ")}, got "${kind}"`);
  }
  if (!(start > 0 && start <= 1)) {
    throw new RangeError(`Cannot pace: expected a start above 0 and at most 1, got ${start}`);
  }
  if (!Number.isInteger(steps) || steps < 1) {
    throw new RangeError(`Cannot pace: expected a number of steps from 1, got ${steps}`);
  }
}
