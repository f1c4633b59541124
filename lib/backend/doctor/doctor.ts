import * as tf from "@tensorflow/tfjs";
import { existsSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { BackendError } from "lib/core/mod.ts";
import { probeStep, type StepProbe } from "./probe_step.ts";
import { findLibrary } from "../c_library/find_library.ts";
import { philoxUniform } from "../tfjs/philox.ts";
import { type BackendInfo, tensorFlowBinding, useBackend } from "../use_backend.ts";

export type { PreparedStep, StepProbe, StepProbeOptions } from "./probe_step.ts";

/** One thing looked at. */
export interface Finding {
  /** What it is about, such as `TensorFlow`. */
  readonly subject: string;
  /** What was found; more lines than one where there is more to say. */
  readonly detail: string;
  /** What is wrong with it and how to mend it; absent where all is well. */
  readonly problem?: string;
}

/** What {@linkcode diagnose} found. */
export interface Diagnosis {
  /** In the order in which one thing needs another. */
  readonly findings: readonly Finding[];
  /** Whether there is no problem. */
  readonly isHealthy: boolean;
  /** The best rate seen in matrix products, in 10^9 floating-point operations per second. */
  readonly gflops: number;
}

/** Options of {@linkcode diagnose}. */
export interface DiagnoseOptions {
  /** The root of the project, where `.venv` lies; by default the current folder. */
  readonly root?: string;
  /** How long matrix products are timed, in seconds; by default 0.5. */
  readonly seconds?: number;
  /** Steps to compile, take, and compare with the same op by op; by default none. */
  readonly steps?: readonly StepProbe[];
  /** Called with each finding at once: all of them take some seconds. */
  readonly onFinding?: (finding: Finding) => void;
}

/** What a first installation and a few runs take. */
const ENOUGH_DISK_GB = 2;

/** Elements a side of the timed matrices: large enough to show the rate, small enough to be quick. */
const TIMED_SIZE = { gpu: 4096, tensorflow: 1024, webgpu: 1024, wasm: 256, cpu: 128 };

/**
 * Looks at everything the tensor work needs, and proves by small sums that it computes correctly.
 *
 * It opens the backend that {@linkcode useBackend} chooses, and never throws: what fails becomes a
 * problem in the answer. Of each step that it is given, it names the tensors that became constants
 * of the compiled program: what changes afterwards outside of it no longer reaches it.
 *
 * @param options Where the project lies, how long to measure, and steps to try.
 * @returns What was found.
 *
 * @example
 * ```ts
 * import { diagnose } from "lib/backend/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { findings, isHealthy } = await diagnose({ seconds: 0.05 });
 * assertEquals(isHealthy, findings.every(({ problem }) => problem === undefined));
 * ```
 */
export async function diagnose(options: DiagnoseOptions = {}): Promise<Diagnosis> {
  const { root = Deno.cwd(), seconds = 0.5, steps = [], onFinding } = options;
  const findings: Finding[] = [];
  const note = (finding: Finding) => {
    findings.push(finding);
    onFinding?.(finding);
  };
  note(look("Deno", denoAndMachine));
  note(look("environment", () => environment(root)));
  note(look("disk", () => disk(root)));
  note(look("TensorFlow", () => findLibrary().main));
  let gflops = 0;
  try {
    const info = await useBackend({ onNotice: () => {} }); // its notices become a problem
    note(look("backend", () => backend(info)));
    note(look("devices", () => devices(info)));
    note(look("matrix product", proveProduct));
    note(look("gradient", proveGradient));
    note(look("seeded numbers", proveSeededNumbers));
    note(look("speed", () => {
      gflops = timeProducts(info, seconds);
      return `${gflops.toPrecision(3)} GFLOP/s in matrix products of float32`;
    }));
    for (const step of steps) note(look(step.subject, () => probeStep(step, info)));
  } catch (error) {
    note({ subject: "backend", detail: "none", problem: messageOf(error) });
  }
  const isHealthy = findings.every(({ problem }) => problem === undefined);
  return { findings, isHealthy, gflops };
}

/** Turns what `find` says or throws into a finding. */
function look(subject: string, find: () => string | Omit<Finding, "subject">): Finding {
  try {
    const found = find();
    return { subject, ...(typeof found === "string" ? { detail: found } : found) };
  } catch (error) {
    return { subject, detail: "failed", problem: messageOf(error) };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function denoAndMachine(): string {
  const { os, arch } = Deno.build;
  return `${Deno.version.deno} on ${os} ${arch}, ${navigator.hardwareConcurrency} cores`;
}

function environment(root: string): Omit<Finding, "subject"> {
  const folder = join(root, ".venv");
  if (existsSync(join(folder, "ready"))) return { detail: folder };
  return {
    detail: `${folder} is ${existsSync(folder) ? "incomplete" : "missing"}`,
    problem: "Cannot rely on .venv: expected a finished installation\nCure: start through ./denow",
  };
}

function disk(root: string): Omit<Finding, "subject"> {
  const { bavail, bsize } = statfsSync(root);
  const free = bavail * bsize / 1e9, detail = `${free.toFixed(1)} GB free`;
  if (free >= ENOUGH_DISK_GB) return { detail };
  return {
    detail,
    problem:
      `Cannot rely on the disk: expected ${ENOUGH_DISK_GB} GB free, got ${free.toFixed(1)}\n` +
      "Cure: remove old folders under runs/ and checkpoints/",
  };
}

function backend(info: BackendInfo): Omit<Finding, "subject"> {
  const { name, version, device, library, threads, notices } = info;
  return {
    detail: `${name} ${version} on ${device}, ${threads} threads, ${library}`,
    ...(notices.length > 0 && { problem: notices.join("\n") }),
  };
}

function devices({ name, device }: BackendInfo): string {
  return name === "tensorflow" ? tensorFlowBinding().context.devices.join(", ") : device;
}

function proveProduct(): string {
  const product = tf.tidy(() => tf.matMul([[1, 2], [3, 4]], [[5, 6], [7, 8]]).dataSync().join(" "));
  return proven(product, "19 22 43 50", "[1 2; 3 4] [5 6; 7 8]");
}

function proveGradient(): string {
  const gradient = tf.tidy(() =>
    tf.grad((x) => x.mul(x).mul(x).sum())(tf.tensor1d([1, 2, -3])).dataSync().join(" ")
  );
  return proven(gradient, "3 12 27", "d(x^3)/dx at 1, 2, -3");
}

function proveSeededNumbers(): string {
  const uniform = tf.tidy(() => {
    const seed = tf.tensor1d([7, -9], "int32");
    const result = tf.engine().runKernel("SeededUniform", { seed }, { shape: [5], stream: 3 });
    return (result as tf.Tensor).dataSync().join(" "); // the kernel has one output
  });
  return proven(uniform, philoxUniform([7, -9], { size: 5, stream: 3 }).join(" "), "5 of a seed");
}

function proven(actual: string, expected: string, what: string): string {
  if (actual === expected) return `${what} = ${actual}, as it should be`;
  throw new BackendError(
    `Cannot trust this backend: expected ${what} = ${expected}, got ${actual}\n` +
      'Cure: update the driver, or use another device (useBackend({ device: "cpu" }))',
    { code: "DATA_LOSS" },
  );
}

/** The best rate of products of square matrices within the time given. */
function timeProducts({ name, isGpu }: BackendInfo, seconds: number): number {
  const size = TIMED_SIZE[isGpu ? "gpu" : name];
  const [a, b] = [tf.ones([size, size]), tf.ones([size, size])];
  let best = Infinity;
  const end = performance.now() + seconds * 1000;
  do {
    const start = performance.now();
    // One element read back: the product is not done before.
    tf.tidy(() => tf.matMul(a, b).slice([0, 0], [1, 1]).dataSync());
    best = Math.min(best, performance.now() - start);
  } while (performance.now() < end);
  tf.dispose([a, b]);
  return 2 * size ** 3 / best / 1e6;
}
