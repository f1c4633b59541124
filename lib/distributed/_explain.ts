import type { ClusterLink, ClusterSpec, LinkLimits } from "lib/backend/mod.ts";
import { ClusterError } from "lib/core/mod.ts";

/** How long a rank's port may take to accept a call, in milliseconds: it does so in one. */
const CALL_MS = 1000;

/** How long the others are waited for at the check that tells who stalls, in seconds. */
const STALL_CHECK_SECONDS = 2;

/** What is known where something failed. */
interface Scene {
  readonly spec: ClusterSpec;
  readonly limits: LinkLimits;
  /** None while the cluster is starting. */
  readonly link?: ClusterLink;
}

const RESUME = "the others end too; start all ranks again with --resume";

/**
 * Turns what TensorFlow says of a collective that failed into what a person needs: which rank, and why.
 *
 * @param error TensorFlow's error, which names hosts deep inside, or nobody.
 * @param scene The cluster, and how long is waited for what.
 */
export async function explainLoss(error: Error, scene: Scene): Promise<ClusterError> {
  const { spec: { addresses } } = scene, cause = await causeOf(error.message, scene);
  return new ClusterError(
    `Cannot go on: expected all ${addresses.length} ranks to answer, got ${cause}`,
    { cause: error },
  );
}

async function causeOf(message: string, { spec, limits, link }: Scene): Promise<string> {
  const silent = [...message.matchAll(/^\/job:worker\/replica:0\/task:(\d+)$/gm)].map(rankOf);
  if (silent.length > 0) {
    return `no sign of life from ${
      names(spec, silent)
    } for ${limits.heartbeat} s: its process is ` +
      `stopped or dead, or the network is down; ${RESUME}`;
  }
  if (/CoordinationService\/Heartbeat/.test(message)) {
    return `no sign of life from ${
      names(spec, [0])
    }, which coordinates, for ${limits.heartbeat} s: ` +
      `its process is stopped or dead, or the network is down; ${RESUME}`;
  }
  if (/joining a group with size/.test(message)) {
    return `ranks that were told of different numbers of ranks: ${message}`;
  }
  if (/timed out/i.test(message) && link !== undefined) {
    return await stalled({ spec, limits, link });
  }
  const dead = await unreachable(spec);
  if (dead.length === 0) return `"${message}"; ${RESUME}`;
  // The innermost call of the message is the one that failed first.
  const called = [...message.matchAll(/task:(\d+) while calling/g)].map(rankOf).at(-1);
  const first = called !== undefined && dead.includes(called) ? [called] : dead;
  return `${names(spec, first)} gone: no process answers there any more; ${RESUME}`;
}

/** Who is alive and does not come to where the others wait: TensorFlow names whoever misses a barrier. */
async function stalled({ spec, limits, link }: Required<Scene>): Promise<string> {
  const answer = await link.waitAtBarrier("stall-check", STALL_CHECK_SECONDS) ?? "";
  const [, list = ""] = answer.split("timed out task names:");
  const late = new Set([...list.matchAll(/task:(\d+)/g)].map(rankOf));
  late.delete(spec.rank);
  const who = late.size > 0 ? names(spec, [...late]) : "one of them";
  return `${who} alive, but not where the others have waited for ${limits.stall} s: it is stuck, or ` +
    `needs a longer --stall-limit; ${RESUME}`;
}

/**
 * Says why a cluster did not form.
 *
 * @param error TensorFlow's error; none where the time was up.
 * @param scene The cluster, and how long was waited.
 */
export async function explainStart(
  error: Error | undefined,
  { spec, limits }: Scene,
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
  if (/joining a group with size|size\d|already (been )?(registered|connected)/i.test(message)) {
    return new ClusterError(
      `Cannot start rank ${rank}: expected all ranks to be told of the same ${addresses.length} ` +
        `addresses, got "${firstLine(message)}"; give every rank the same list of addresses`,
      options,
    );
  }
  const absent = await unreachable(spec), time = `within ${limits.start} s`;
  const got = absent.length > 0
    ? `no answer from ${
      names(spec, absent)
    }; start it, or let the ranks wait longer by --start-limit`
    : message === ""
    ? `an answer at every port, but not from all ranks of this run: is another program at one of ${
      addresses.join(", ")
    }?`
    : `"${firstLine(message)}"`;
  return new ClusterError(
    `Cannot start: expected all ${addresses.length} ranks ${time}, got ${got}`,
    options,
  );
}

/** The ranks at whose address nothing accepts a call. */
async function unreachable({ addresses, rank }: ClusterSpec): Promise<number[]> {
  const isThere = await Promise.all(
    addresses.map((address, other) => other === rank || accepts(address)),
  );
  return isThere.flatMap((yes, other) => yes ? [] : [other]);
}

async function accepts(address: string): Promise<boolean> {
  const colon = address.lastIndexOf(":"), hostname = address.slice(0, colon);
  const calling = Deno.connect({ hostname, port: Number(address.slice(colon + 1)) })
    .then((connection) => (connection.close(), true), () => false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), CALL_MS);
  });
  return await Promise.race([calling, late]).finally(() => clearTimeout(timer));
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
