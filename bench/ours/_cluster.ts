/**
 * Ranks of a bench: the process that the bench talks to is rank 0, and starts the others.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { Cluster, freeAddresses } from "lib/distributed/mod.ts";

/** What a program's settings say of its ranks. */
export interface RankSpec {
  /** How many; one works alone. */
  readonly ranks: number;
  /** Which of them this process is; left out for the one that the bench starts. */
  readonly rank?: number;
  /** `host:port` of each, where they are known already. */
  readonly addresses?: readonly string[];
}

/** This process's link to the others; null where it works alone. */
export async function joinRanks(spec: RankSpec): Promise<Cluster | null> {
  const { ranks, rank = 0, addresses = freeAddresses(ranks) } = spec;
  if (ranks === 1) return null;
  if (rank === 0) { for (let other = 1; other < ranks; other++) startRank(spec, other, addresses); }
  return await Cluster.join({ addresses, rank }, { start: 60 });
}

/** A process with this program, on a core of its own. */
function startRank(spec: RankSpec, rank: number, addresses: readonly string[]): void {
  const own = JSON.stringify({ ...spec, rank, addresses });
  new Deno.Command("taskset", {
    args: ["-c", `${rank}`, Deno.execPath(), "run", "-A", Deno.mainModule, own],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn().unref();
}

/** Rank 0 says how many units are next, and all do as many; 0 is the end. */
export async function agreeOn(cluster: Cluster | null, units: number): Promise<number> {
  if (cluster === null) return units;
  const own = tf.scalar(units), first = await cluster.broadcast(own);
  const [agreed = 0] = first.dataSync();
  tf.dispose([own, first]);
  if (agreed === 0) await cluster.leave();
  return agreed;
}

/** What a rank other than 0 does: the same units, and no answer. */
export async function followUnits(cluster: Cluster, unit: () => Promise<unknown>): Promise<void> {
  for (let units = await agreeOn(cluster, 0); units > 0; units = await agreeOn(cluster, 0)) {
    for (let i = 0; i < units; i++) await unit();
  }
}
