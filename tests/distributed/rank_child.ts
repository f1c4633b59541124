/**
 * One rank in a process of its own, by `TF_CONFIG`: does what its argument says, and prints JSON.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { useBackend } from "lib/backend/mod.ts";
import { type Cluster, joinFromEnvironment } from "lib/distributed/mod.ts";
import { gatherTexts } from "lib/train/mod.ts";

const SCENES: Record<string, (cluster: Cluster) => Promise<unknown>> = {
  /** What goes over the link, and whether tensors are left. */
  exchange: async (cluster) => {
    const { rank } = cluster, before = tf.memory().numTensors, own = tf.tensor1d([1, 2 + rank, -0]);
    const sum = await cluster.sum(own), first = await cluster.broadcast(own);
    const texts = await gatherTexts(cluster, "é".repeat(rank));
    const result = { sum: sum.arraySync(), first: first.arraySync(), texts };
    tf.dispose([own, sum, first]);
    let refusal = "";
    await cluster.sum(tf.tensor1d([])).catch((error) => refusal = error.message);
    const left = tf.memory().numTensors - before - 1;
    return {
      ...result,
      refusal,
      left,
      ticks: await ticks(cluster),
      threads: await growth(cluster),
    };
  },
  /** Ends with an error of its own, when all have joined. */
  throw: () => Promise.reject(new Error("deliberate")),
  /** SIGTERM, which TensorFlow would like to have for itself. */
  terminated: async ({ rank }) => {
    const heard = Promise.withResolvers<boolean>();
    Deno.addSignalListener("SIGTERM", () => heard.resolve(true));
    const limit = setTimeout(() => heard.resolve(false), 5000);
    Deno.kill(Deno.pid, "SIGTERM");
    const isHeard = await heard.promise;
    clearTimeout(limit);
    return { rank, isHeard };
  },
  /** Rank 1 lives, its server too, and never comes to where rank 0 waits. */
  stuck: async (cluster) => {
    if (cluster.rank === 0) await cluster.sum(tf.tensor1d([1]));
    else await new Promise((resolve) => setTimeout(resolve, 12_000));
  },
};

/** Whether timers go on while this rank waits for another. */
async function ticks(cluster: Cluster): Promise<boolean> {
  let count = 0;
  const timer = setInterval(() => count++, 10);
  if (cluster.rank === 1) await new Promise((resolve) => setTimeout(resolve, 500));
  await cluster.sum(tf.scalar(1));
  clearInterval(timer);
  return count > 5;
}

/** Whether many exchanges take many threads. */
async function growth(cluster: Cluster): Promise<boolean> {
  const threads = () => [...Deno.readDirSync("/proc/self/task")].length, before = threads();
  for (let i = 0; i < 300; i++) tf.dispose(await cluster.sum(tf.scalar(1)));
  return threads() - before > 100;
}

const scene = SCENES[Deno.args[0] ?? ""];
await useBackend({ backend: "tensorflow", threads: 1 });
const cluster = await joinFromEnvironment({ limits: { start: 30, stall: 2 } });
if (cluster === null || scene === undefined) throw new Error("expected a cluster and a scene");
const result = await scene(cluster);
await cluster.leave();
console.log(JSON.stringify(result)); // and then the process ends by itself
