/**
 * One tensor added up over two ranks of this machine.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { useBackend } from "lib/backend/mod.ts";
import { agreeOn, followUnits, joinRanks, type RankSpec } from "./_cluster.ts";
import { describeBackend, readSpec, serve } from "./_serve.ts";

interface Spec extends RankSpec {
  /** How many float32 numbers. */
  readonly size: number;
}

const spec = readSpec<Spec>(), backend = await useBackend({ backend: "tensorflow", threads: 1 });
const cluster = await joinRanks(spec), tensor = tf.fill([spec.size], 1);
if (cluster === null) throw new RangeError("Cannot add up: expected several ranks, got one");
const unit = async () => tf.dispose(await cluster.sum(tensor));
if (cluster.rank > 0) await followUnits(cluster, unit);
else await serve(describeBackend(backend), unit, (units) => agreeOn(cluster, units));
Deno.exit(0);
