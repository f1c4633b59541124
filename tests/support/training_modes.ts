/**
 * One run in every way that a step can be carried out.
 *
 * @module
 */
import { assertLess, assertNotEquals } from "@std/assert";
import type { CompileMode, Precision } from "lib/backend/mod.ts";
import { temporaryFolder } from "./temporary_folder.ts";
import {
  trainHere,
  type TrainingJob,
  type TrainingRecord,
  trainInNewProcess,
} from "./training_process.ts";

/** How a step is carried out. */
export interface Way {
  /** Machine code, a graph, or op by op. */
  readonly compile: CompileMode;
  /** Of matrix products. */
  readonly precision: Precision;
}

/** Where one can look into the model; the optimizer is compiled even so. */
export const OP_BY_OP: Way = { compile: "off", precision: "float32" };

/** By TensorFlow's own optimiser of graphs. */
export const GRAPH: Way = { compile: "graph", precision: "float32" };

/** By XLA: the default. */
export const XLA: Way = { compile: "xla", precision: "float32" };

/** By the graph's optimiser, with products of half the digits. */
export const GRAPH_BFLOAT16: Way = { compile: "graph", precision: "bfloat16" };

/** By XLA, with products of half the digits. */
export const XLA_BFLOAT16: Way = { compile: "xla", precision: "bfloat16" };

/** A run, its length, and where another process goes on with it. */
export interface ModeRunOptions {
  /** The settings, but for the way. */
  readonly settings: TrainingJob["settings"];
  /** The ways to go. */
  readonly ways: readonly Way[];
  /** Steps in all. */
  readonly steps: number;
  /** The step that is saved. */
  readonly cut: number;
}

/** A run in one way. */
export interface ModeRun {
  /** The run from its first step to its last, in this process. */
  readonly here: TrainingRecord;
  /** The steps after the cut, made in another process from the checkpoint. */
  readonly resumed: TrainingRecord;
}

/**
 * Makes a run in each way, and its second part again in a new process.
 *
 * @returns Gives what came out in a way; the first call waits for all of them.
 */
export function trainEachWay(options: ModeRunOptions): (way: Way) => Promise<ModeRun> {
  let runs: Promise<ModeRun[]> | undefined;
  return async (way) => {
    const run = (await (runs ??= makeRuns(options)))[options.ways.indexOf(way)];
    if (run !== undefined) return run;
    throw new RangeError(`Cannot compare: expected one of the ways, got ${nameOf(way)}`);
  };
}

async function makeRuns({ settings, ways, steps, cut }: ModeRunOptions): Promise<ModeRun[]> {
  const folder = temporaryFolder(), here: TrainingRecord[] = [];
  const jobs = ways.map((compute, i): TrainingJob => ({
    settings: { ...settings, compute },
    until: steps,
    store: `${folder}/${i}`,
  }));
  for (const job of jobs) here.push(await trainHere({ ...job, saveAt: cut }));
  const resumed = await trainInNewProcess(jobs);
  return here.flatMap((record, i) => {
    const other = resumed[i];
    return other === undefined ? [] : [{ here: record, resumed: other }];
  });
}

/** A way's name in a title, such as `by graph in bfloat16`. */
export function nameOf({ compile, precision }: Way): string {
  return `${compile === "off" ? "op by op" : `by ${compile}`} in ${precision}`;
}

/** Fails where two ways end with the same bits: each rounds in its own way, if it was really gone. */
export async function assertOtherBits(
  runOf: (way: Way) => Promise<ModeRun>,
  way: Way,
  others: readonly Way[],
): Promise<void> {
  const { here } = await runOf(way);
  for (const other of others.filter((one) => one !== way)) {
    assertNotEquals((await runOf(other)).here.digest, here.digest, nameOf(other));
  }
}

/** Fails where losses of the same step differ by the tolerance or more between two float32 ways. */
export async function assertModesAgree(
  runOf: (way: Way) => Promise<ModeRun>,
  tolerance: number,
): Promise<void> {
  const opByOp = await runOf(OP_BY_OP), graph = await runOf(GRAPH), xla = await runOf(XLA);
  assertLess(largestDifference(opByOp.here, graph.here), tolerance);
  assertLess(largestDifference(opByOp.here, xla.here), tolerance);
  assertLess(largestDifference(graph.here, xla.here), tolerance);
}

/** The largest difference between two runs' losses of the same step, in nats. */
function largestDifference(a: TrainingRecord, b: TrainingRecord): number {
  return Math.max(...a.losses.map((loss, i) => Math.abs(loss - (b.losses[i] ?? NaN))));
}
