/** One shipped test that failed. */
export interface FailedTest {
  /** Its full name. */
  readonly name: string;
  /** What it said first. */
  readonly message: string;
}

/** What a run of the shipped tests came to. */
export interface ConformanceResult {
  /** How many passed. */
  readonly passed: number;
  /** How many failed, those with a known reason included. */
  readonly failed: number;
  /** How many were left out: by tfjs-node's own list, and in the groups that cannot run. */
  readonly ignored: number;
  /** Those that failed. */
  readonly failures: readonly FailedTest[];
}

/**
 * Compares failures with those whose reason is known.
 *
 * @param failures What failed.
 * @param known Full name to reason.
 * @returns One line for each failure that is not known, and for each known one that did not happen.
 */
export function surprises(
  failures: readonly FailedTest[],
  known: Readonly<Record<string, string>>,
): string[] {
  const failed = new Set(failures.map(({ name }) => name));
  return [
    ...failures.filter(({ name }) => !(name in known)).map(({ name, message }) =>
      `failed: ${name}\n  ${message}`
    ),
    ...Object.keys(known).filter((name) => !failed.has(name)).map((name) =>
      `listed as a known failure, but passed or gone: ${name}`
    ),
  ];
}
