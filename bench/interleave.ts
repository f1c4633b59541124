/**
 * Takes the time of several sides in turns, so that what else the machine does meets all alike.
 *
 * @module
 */
import type { Bench, Contender } from "./bench.ts";
import type { Row } from "./report.ts";
import { Side, SideError } from "./side.ts";

/** How long sides are timed. */
export interface InterleaveOptions {
  /** What the rows belong to, such as `64 x 12`. */
  readonly group: string;
  /** Turns of each side. */
  readonly rounds: number;
  /** About how long a turn takes. */
  readonly turnMs?: number;
  /** Units after the second and before the first that counts: memory pools fill; default 2. */
  readonly warmUp?: number;
  /** What is told of a row besides its times. */
  readonly facts?: (timed: Timed) => Record<string, string>;
}

/** What is known of a side at the end. */
export interface Timed {
  readonly ms: readonly number[];
  /** The loss of the first unit, and that of the last one before the turns; NaN where there is none. */
  readonly firstLoss: number;
  readonly warmLoss: number;
  /** The most memory that was resident in its process, in MB; NaN where the system does not tell. */
  readonly peak: number;
  /** Milliseconds of each unit that were spent in an all-reduce; empty where there is none. */
  readonly exchangeMs: readonly number[];
}

/** A unit that takes longer is done once and not in turns, or the bench would never end. */
const LONGEST_UNIT_MS = 5000;

/** A side that runs, and what it has given so far. */
interface Running {
  readonly contender: Contender;
  readonly side: Side;
  readonly ms: number[];
  readonly exchangeMs: number[];
  readonly firstLoss: number;
  readonly warmLoss: number;
  /** 0 for a side too slow to take turns. */
  readonly unitsPerTurn: number;
}

/** Times all contenders; one that fails becomes a row that says why. */
export async function interleave(
  bench: Bench,
  contenders: readonly Contender[],
  options: InterleaveOptions,
): Promise<Row[]> {
  const { group, rounds } = options, notes = new Map<Contender, string>();
  await using stack = new AsyncDisposableStack();
  const running: Running[] = [];
  for (const contender of contenders) { // one by one: they share the cores
    const started = await orNote(notes, contender, () => start(bench, contender, options, stack));
    if (started !== undefined) running.push(started);
  }
  for (let round = 0; round < rounds; round++) {
    for (const one of running) {
      if (!notes.has(one.contender)) await orNote(notes, one.contender, () => turn(one));
    }
  }
  return contenders.map((contender): Row => {
    const timed = running.find((one) => one.contender === contender);
    const failure = notes.get(contender), isTimed = timed !== undefined && failure === undefined;
    const note = failure ?? (timed?.unitsPerTurn === 0 ? "too slow for turns: once" : undefined);
    return {
      group,
      name: contender.name,
      isBaseline: contender.isBaseline ?? false,
      samples: isTimed ? timed.ms : [],
      facts: isTimed ? options.facts?.({ ...timed, peak: peakOf(timed.side) }) ?? {} : {},
      ...(note !== undefined && { note }),
    };
  });
}

function peakOf(side: Side): number {
  return Deno.build.os === "linux" ? side.memory().peak : NaN;
}

async function start(
  bench: Bench,
  contender: Contender,
  { group, turnMs = bench.turnMs, warmUp = 2 }: InterleaveOptions,
  stack: AsyncDisposableStack,
): Promise<Running> {
  if (contender.unavailable !== undefined) throw new SideError(contender.unavailable);
  bench.say(`starting ${group === "" ? "" : `${group}: `}${contender.name}`);
  const side = stack.use(await Side.start(contender));
  bench.versions.add(side.versions);
  const { loss: firstLoss = NaN } = await side.take(1);
  const second = await side.take(1); // the first one may have compiled
  const common = { contender, side, firstLoss, exchangeMs: [] };
  if (Math.min(...second.ms) > LONGEST_UNIT_MS) {
    return { ...common, ms: [...second.ms], warmLoss: second.loss ?? NaN, unitsPerTurn: 0 };
  }
  const { ms, loss: warmLoss = NaN } = await side.take(warmUp);
  const unitsPerTurn = Math.max(1, Math.ceil(turnMs / Math.min(...ms)));
  return { ...common, ms: [], warmLoss, unitsPerTurn };
}

async function turn(running: Running): Promise<void> {
  if (running.unitsPerTurn === 0) return;
  const { ms, exchangeMs = [] } = await running.side.take(running.unitsPerTurn);
  running.ms.push(...ms);
  running.exchangeMs.push(...exchangeMs);
}

async function orNote<T>(
  notes: Map<Contender, string>,
  contender: Contender,
  act: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    if (!(error instanceof SideError)) throw error;
    notes.set(contender, error.message);
    return undefined;
  }
}

/**
 * For rows of training: a loss that falls alike shows that all sides do the same work. It is that of
 * the first step and of the last before the turns, after which sides take different numbers of steps.
 */
export function lossFact({ firstLoss, warmLoss }: Timed): Record<string, string> {
  return { "first losses": `${firstLoss.toFixed(3)} -> ${warmLoss.toFixed(3)}` };
}
