import type { ClusterSpec } from "lib/backend/mod.ts";

/**
 * How long a rank's port may take to accept a connection, in milliseconds; normally it takes one.
 */
const CALL_MS = 1000;

/**
 * Milliseconds between two tries to connect to ranks that have not answered yet, while the cluster
 * starts.
 */
const EVERY_MS = 500;

/** The other ranks whose address accepts no connection. */
async function unreachable({ addresses, rank }: ClusterSpec): Promise<number[]> {
  const isThere = await Promise.all(
    addresses.map((address, other) => other === rank || accepts(address)),
  );
  return isThere.flatMap((yes, other) => yes ? [] : [other]);
}

/**
 * How many times a lost rank is looked for, and how often. The system may still accept connections
 * for a process that was just killed.
 */
const LOOKS = 10, LOOK_EVERY_MS = 100;

/** The ranks that are gone; looks until it finds one, at most for a second. */
export async function findLost(spec: ClusterSpec): Promise<number[]> {
  for (let look = 0; look < LOOKS; look++) {
    const lost = await unreachable(spec);
    if (lost.length > 0) return lost;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return [];
}

/**
 * Notes which ranks have ever answered. A look at the end of the wait would not be enough: the
 * first rank that gives up is gone when the others look, as if it had never started.
 */
export class RollCall implements Disposable {
  readonly #spec: ClusterSpec;
  readonly #missing: Set<number>;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(spec: ClusterSpec) {
    this.#spec = spec;
    this.#missing = new Set(spec.addresses.keys());
    this.#missing.delete(spec.rank);
    this.#timer = setInterval(() => this.#call(), EVERY_MS);
  }

  /** The ranks that have not answered once. */
  async missing(): Promise<number[]> {
    await this.#call();
    return [...this.#missing];
  }

  /** Stops calling. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #call(): Promise<void> {
    await Promise.all([...this.#missing].map(async (rank) => {
      if (await accepts(this.#spec.addresses[rank] ?? "")) this.#missing.delete(rank);
    }));
  }
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
