import type * as tf from "@tensorflow/tfjs";
import { ClusterLink, type ClusterSpec, type LinkLimits } from "lib/backend/mod.ts";
import { BackendError, ConfigError } from "lib/core/mod.ts";
import type { Replicas } from "lib/train/mod.ts";
import { explainLoss, explainStart } from "./_explain.ts";
import { findLost, RollCall } from "./_reach.ts";
import { parseClusterSpec } from "./cluster_spec.ts";

/** How long ranks wait for each other by default, in seconds. */
export const DEFAULT_LIMITS: LinkLimits = { start: 10, heartbeat: 4, stall: 300 };

/** How long the check that finds a stuck rank waits for the others, in seconds. */
const STALL_CHECK_SECONDS = 2;

/** How long a rank stays alive after it knows why it must end, in milliseconds. */
const LINGER_MS = 1000;

/**
 * This process as one rank of several, joined by TensorFlow's collective runtime.
 *
 * After one failure, nothing works any more: end the process, and start all ranks again from the
 * last checkpoint.
 */
export class Cluster implements Replicas {
  /** The ranks' addresses, and which of them is this process's. */
  readonly spec: ClusterSpec;
  readonly #link: ClusterLink;
  readonly #limits: LinkLimits;

  private constructor(link: ClusterLink, limits: LinkLimits) {
    this.spec = link.spec;
    this.#link = link;
    this.#limits = limits;
  }

  /**
   * Starts this rank and waits for the others: once per process, before anything else is computed.
   *
   * @param spec The ranks' addresses, and which one is this process's.
   * @param limits Seconds to wait: for all to start (10), for a sign of life (4), for a rank that
   *   is alive but stuck while the others wait (300).
   * @returns The cluster, once all ranks are there; {@linkcode Cluster.leave} it at the end.
   * @throws {ClusterError} If a rank stays away, a port is taken, or the ranks were told of different
   *   addresses.
   * @throws {BackendError} If TensorFlow is not in use.
   */
  static async join(spec: ClusterSpec, limits: Partial<LinkLimits> = {}): Promise<Cluster> {
    const all = { ...DEFAULT_LIMITS, ...limits };
    using rollCall = new RollCall(spec);
    const scene = { spec, limits: all, missing: () => rollCall.missing() };
    const opening = ClusterLink.open(spec, all);
    opening.catch(() => {}); // it may fail after the time limit, when nothing awaits it any more
    let timer: ReturnType<typeof setTimeout> | undefined;
    const isLate = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), 1000 * all.start);
    });
    try {
      const link = await Promise.race([opening, isLate]);
      if (link === undefined) throw await explainStart(undefined, scene);
      return new Cluster(link, all);
    } catch (error) {
      if (!(error instanceof BackendError) || error.code === "FAILED_PRECONDITION") throw error;
      throw await explainStart(error, scene);
    } finally {
      clearTimeout(timer);
    }
  }

  /** This process's place among the ranks, from 0. */
  get rank(): number {
    return this.spec.rank;
  }

  /** The number of ranks. */
  get ranks(): number {
    return this.spec.addresses.length;
  }

  /** Adds a tensor up over all ranks; see {@linkcode Replicas}. */
  sum(tensor: tf.Tensor): Promise<tf.Tensor> {
    return this.#explained(() => this.#link.allReduce(tensor));
  }

  /** Sends rank 0's tensor to all others; see {@linkcode Replicas}. */
  broadcast(tensor: tf.Tensor): Promise<tf.Tensor> {
    return this.#explained(() => this.#link.broadcast(tensor));
  }

  /**
   * Waits until all ranks are done, so that no rank ends while another one needs it.
   *
   * @throws {ClusterError} If a rank is lost before it is done.
   */
  async leave(): Promise<void> {
    const problem = await this.#link.waitAtBarrier("end", this.#limits.stall);
    if (problem !== undefined) throw await this.#explain(new BackendError(problem));
  }

  async #explained<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw error instanceof BackendError ? await this.#explain(error) : error;
    }
  }

  async #explain(error: Error): Promise<Error> {
    const explained = await explainLoss(error, {
      spec: this.spec,
      limits: this.#limits,
      missing: () => findLost(this.spec),
      checkStall: () => this.#link.waitAtBarrier("stall-check", STALL_CHECK_SECONDS),
    });
    // The others are looking for the lost rank now: this one must not end and be taken for it.
    await new Promise((resolve) => setTimeout(resolve, LINGER_MS));
    return explained;
  }
}

/** Options of {@linkcode joinFromEnvironment}. */
export interface JoinOptions {
  /** How many ranks the user has asked for; it must agree with the environment. */
  readonly ranks?: number | undefined;
  /** Seconds to wait. */
  readonly limits?: Partial<LinkLimits>;
}

/**
 * Joins the cluster that the environment variable `TF_CONFIG` describes.
 *
 * @param options The user's ranks and limits.
 * @returns The cluster; null if this process works alone.
 * @throws {ConfigError} If the variable is wrong, or differs from what the user asked for.
 * @throws {ClusterError} If the ranks cannot all connect.
 *
 * @example
 * ```ts
 * import { joinFromEnvironment } from "lib/distributed/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * Deno.env.delete("TF_CONFIG");
 * assertEquals(await joinFromEnvironment(), null);
 * ```
 */
export async function joinFromEnvironment(options: JoinOptions = {}): Promise<Cluster | null> {
  const spec = parseClusterSpec(Deno.env.get("TF_CONFIG")), count = spec?.addresses.length ?? 1;
  if (options.ranks !== undefined && options.ranks !== count) {
    throw new ConfigError(
      `Cannot train on ${options.ranks} ranks: expected the ${count} of TF_CONFIG; ` +
        "leave --ranks out, or unset TF_CONFIG to start all ranks here",
    );
  }
  return spec === null ? null : await Cluster.join(spec, options.limits);
}
