import { freeAddresses } from "lib/distributed/mod.ts";
import { startTraining, type Training } from "../support/train_toy_process.ts";

/** Flags of a model whose step takes milliseconds; it goes on until it is stopped. */
export const IMPATIENT = "--examples 200 --hidden-size 16 --heads 2 --layers 1 " +
  "--feed-forward-size 16 --batch-size 15 --epochs 100000 --warmup 3 --samples 4 --compile graph " +
  "--threads 1";

/** The same, with all the time that starting takes on a busy machine. */
export const ENDLESS = `${IMPATIENT} --start-limit 60`;

/** Rank by rank, how a rank is started. */
export interface RankStart {
  readonly flags: string;
  /** The addresses that it is told of, where these are not all. */
  readonly addresses?: readonly string[];
}

/** A rank of a run: its process, and its own folder. */
export interface StartedRank extends Training {
  readonly rank: number;
  readonly folder: string;
}

/** Starts ranks of `train_toy.ts` by hand, each in a folder of its own; null starts none. */
export function startRanks(
  starts: readonly (RankStart | null)[],
  addresses: readonly string[] = freeAddresses(starts.length),
): StartedRank[] {
  return starts.flatMap((start, rank) => {
    if (start === null) return [];
    const folder = Deno.makeTempDirSync(), worker = start.addresses ?? addresses;
    const config = { cluster: { worker }, task: { type: "worker", index: rank } };
    const env = { TF_CONFIG: JSON.stringify(config), TF_CPP_MIN_LOG_LEVEL: "3" };
    return [{ ...startTraining(folder, start.flags, env), rank, folder }];
  });
}

/** Whether a process lives; one that has ended and was not waited for does not. */
export function isAlive(pid: number): boolean {
  try {
    return !/\) Z /.test(Deno.readTextFileSync(`/proc/${pid}/stat`));
  } catch {
    return false;
  }
}

/** Waits until something holds; false if it never does within the time. */
export async function until(holds: () => boolean, limitMs = 30_000): Promise<boolean> {
  const start = performance.now();
  while (!holds() && performance.now() - start < limitMs) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return holds();
}

/** A test's name, and what it does. */
export type Scene = readonly [name: string, play: () => Promise<void>];

/**
 * Plays scenes as steps of a test, so many at once: most of their time they wait. The next one in
 * order begins as soon as one has ended.
 */
export async function checkSideBySide(
  test: Deno.TestContext,
  scenes: readonly Scene[],
  { atOnce }: { readonly atOnce: number },
): Promise<void> {
  const rest = scenes.values(); // one iterator for all that take from it
  const playRest = async () => {
    for (const [name, fn] of rest) {
      // Steps that overlap see each other's processes.
      await test.step({
        name,
        fn,
        sanitizeOps: false,
        sanitizeResources: false,
        sanitizeExit: false,
      });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, playRest));
}
