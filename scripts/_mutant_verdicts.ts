import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { SAME_FUNCTION } from "../course/same_function.ts";
import type { Mutant, Variant } from "./_mutants.ts";

/** The verdict on a mutant. */
export interface Verdict extends Mutant {
  readonly outcome: "refused" | "accepted" | "endless";
  /** The check's message. */
  readonly finding?: string;
  /** The mistake that the check named. */
  readonly mistake?: string;
  /** Why an accepted mutant is the same function as the solution. */
  readonly reason?: string;
}

/** Options of {@linkcode judgeMutants}. */
export interface JudgeOptions {
  /** A check that takes longer counts as an endless loop; default a minute. */
  readonly longestMs?: number;
}

/**
 * Runs the check of each mutant's exercise on it.
 *
 * @param variant The mutants, and the module that contains them.
 * @param options The longest time of one check.
 * @returns A verdict for each, in their order.
 */
export async function judgeMutants(
  { code, mutants }: Variant,
  { longestMs = 60_000 }: JudgeOptions = {},
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  while (verdicts.length < mutants.length) {
    const rest = mutants.slice(verdicts.length);
    for (const verdict of await judgeUntilStuck({ code, mutants: rest }, longestMs)) {
      verdicts.push(verdict);
    }
  }
  return verdicts;
}

/** So long may a process take to start, on a machine that is busy with other work. */
const LONGEST_START_MS = 120_000;

/** Judges in one process, until all are judged or one never ends. */
async function judgeUntilStuck(
  { code, mutants }: Variant,
  longestMs: number,
): Promise<Verdict[]> {
  const script = new URL("_judge_mutants.ts", import.meta.url).href;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--frozen", "--no-check", script],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify({ code, mutants })));
  await writer.close();

  const verdicts: Verdict[] = [];
  let isStuck = false;
  const kill = () => {
    isStuck = true;
    child.kill("SIGKILL");
  };
  let timer = setTimeout(kill, Math.max(longestMs, LONGEST_START_MS));
  for await (const line of createInterface({ input: Readable.from(child.stdout) })) {
    clearTimeout(timer);
    timer = setTimeout(kill, longestMs);
    const { id, isRefused, ...said } = JSON.parse(line);
    const mutant = mutants[verdicts.length];
    if (mutant === undefined || mutant.id !== id) {
      throw new RangeError(`Cannot judge: expected mutant ${mutant?.id}, got ${id}`);
    }
    if (isRefused !== undefined) verdicts.push(verdictOf(mutant, isRefused, said));
  }
  clearTimeout(timer);
  const { success } = await child.status, next = mutants[verdicts.length];
  if (isStuck && next !== undefined) verdicts.push({ ...next, outcome: "endless" });
  else if (!success) {
    throw new Error(`Cannot judge: expected the judging process to end well at ${next?.change}`);
  }
  return verdicts;
}

function verdictOf(
  mutant: Mutant,
  isRefused: boolean,
  said: { readonly finding?: string; readonly mistake?: string },
): Verdict {
  if (isRefused) return { ...mutant, ...said, outcome: "refused" };
  const reason = SAME_FUNCTION[`${mutant.exercise}: ${mutant.change}`];
  return { ...mutant, ...said, outcome: "accepted", ...reason !== undefined && { reason } };
}
