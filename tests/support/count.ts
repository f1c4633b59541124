/** What a long test repeats, and how often where nothing else is asked for. */
const USUAL = { kills: 100, files: 600, sequences: 300, steps: 300, lines: 60 } as const;

/**
 * How often a test repeats what `task torture` repeats more often.
 *
 * @param what Of which kind.
 * @returns `TORTURE_KILLS` and its like of the environment, or the number of the usual tests.
 */
export function count(what: keyof typeof USUAL): number {
  const asked = Deno.env.get(`TORTURE_${what.toUpperCase()}`);
  if (asked === undefined) return USUAL[what];
  const number = Number(asked);
  if (Number.isSafeInteger(number) && number >= 1) return number;
  throw new RangeError(`Cannot repeat a test: expected a count of ${what} from 1, got ${asked}`);
}
