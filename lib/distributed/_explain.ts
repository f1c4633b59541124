import type { ClusterSpec, LinkLimits } from "lib/backend/mod.ts";
import { ClusterError } from "lib/core/mod.ts";

/** What is known when something failed. */
export interface Scene {
  readonly spec: ClusterSpec;
  readonly limits: LinkLimits;
  /**
   * The other ranks whose address does not answer now; at the start, those that have never
   * answered.
   */
  readonly missing: () => Promise<readonly number[]>;
  /**
   * TensorFlow's message about a barrier that not all ranks reached; none while the cluster starts.
   */
  readonly checkStall?: () => Promise<string | undefined>;
}

const RESUME = "The other ranks end too: start all of them again with --resume";

/**
 * Turns TensorFlow's error for a failed collective into what the user needs: which rank failed, and
 * why.
 *
 * @param error TensorFlow's error, which names hosts only deep inside, or not at all.
 * @param scene The cluster, and ways to find out more.
 */
export async function explainLoss(error: Error, scene: Scene): Promise<ClusterError> {
  const { addresses } = scene.spec;
  const got = await lossOf(error.message, scene);
  const told = `Cannot go on: expected all ${addresses.length} ranks to answer, got ${got}`;
  return new ClusterError(`${told}. ${RESUME}`, { cause: error });
}

async function lossOf(message: string, scene: Scene): Promise<string> {
  const { spec, limits, missing, checkStall } = scene;
  const silent = [...message.matchAll(/^\/job:worker\/replica:0\/task:(\d+)$/gm)].map(rankOf);
  const isLeaderSilent = /CoordinationService\/Heartbeat/.test(message);
  if (silent.length > 0 || isLeaderSilent) {
    const who = names(spec, silent.length > 0 ? silent : [0]);
    return `no sign of life from ${who} for ${limits.heartbeat} s: its process is stopped or dead, or ` +
      "the network is down";
  }
  const sizes = sizesIn(message);
  if (sizes !== undefined) return sizes;
  if (/timed out/i.test(message) && checkStall !== undefined) {
    return stallOf(await checkStall() ?? "", spec, limits);
  }
  const dead = await missing();
  if (dead.length === 0) return `"${firstLine(message)}"`;
  // The innermost call of the message is the one that failed first.
  const called = [...message.matchAll(/task:(\d+) while calling/g)].map(rankOf).at(-1);
  const first = called !== undefined && dead.includes(called) ? [called] : dead;
  return `none from ${names(spec, first)}: its process is gone`;
}

/**
 * The rank that is alive but stuck while the others wait: TensorFlow names the one that misses a
 * barrier.
 */
function stallOf(answer: string, spec: ClusterSpec, limits: LinkLimits): string {
  const [, list = ""] = answer.split("timed out task names:");
  const late = new Set([...list.matchAll(/task:(\d+)/g)].map(rankOf));
  late.delete(spec.rank);
  const who = late.size > 0 ? names(spec, [...late]) : "one of them";
  return `${who} alive, but not where the others have waited for ${limits.stall} s: it is stuck, or ` +
    "needs a longer --stall-limit";
}

/** Says which rank was started with another number of ranks, if that is the failure. */
function sizesIn(message: string): string | undefined {
  const found = /task:(\d+)\S* is joining a group with size ?(\d+), but that group has size (\d+)/
    .exec(message);
  if (found === null) return undefined;
  const [, rank, own, others] = found;
  return `rank ${rank} told of ${own} ranks, and others of ${others}: give all the same addresses`;
}

/**
 * Says why a cluster did not form.
 *
 * @param error TensorFlow's error; none if the time ran out.
 * @param scene The cluster, and ways to find out more.
 */
export async function explainStart(
  error: Error | undefined,
  { spec, limits, missing }: Scene,
): Promise<ClusterError> {
  const { addresses, rank } = spec, message = error?.message ?? "";
  const options = error === undefined ? {} : { cause: error };
  if (/gRPC server/i.test(message)) {
    return new ClusterError(
      `Cannot start rank ${rank}: expected the port of its address ${
        addresses[rank]
      } to be free, got ` +
        "one in use; end the program that has it, or choose another port",
      options,
    );
  }
  const absent = await missing();
  const got = sizesIn(message) ??
    (absent.length > 0
      ? `no answer from ${
        names(spec, absent)
      }; start what is missing, or let the ranks wait longer by ` +
        "--start-limit"
      : message === ""
      ? `an answer at each address, but not from all ranks of this run (${
        addresses.join(", ")
      }): is ` +
        "another program at one of them?"
      : `"${firstLine(message)}"`);
  return new ClusterError(
    `Cannot start: expected all ${addresses.length} ranks within ${limits.start} s, got ${got}`,
    options,
  );
}

function names({ addresses }: ClusterSpec, ranks: readonly number[]): string {
  return ranks.map((rank) => `rank ${rank} (${addresses[rank]})`).join(", ");
}

function rankOf(match: RegExpMatchArray): number {
  return Number(match[1]);
}

function firstLine(message: string): string {
  return message.split("\n")[0] ?? "";
}
