import * as tf from "@tensorflow/tfjs";
import { existsSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { adviseSpeed } from "./advice.ts";
import { probeStep, type StepProbe } from "./probe_step.ts";
import { type FamilyResult, runSelfTest } from "./self_test.ts";
import { compile } from "../compiler/compile.ts";
import { findLibrary } from "../c_library/find_library.ts";
import { askDriver, type NvidiaDriver } from "../c_library/nvidia_driver.ts";
import { processorName, vectorInstructions } from "../processor.ts";
import {
  type BackendInfo,
  type BackendName,
  tensorFlowBinding,
  useBackend,
} from "../use_backend.ts";

export type { PreparedStep, StepProbe, StepProbeOptions } from "./probe_step.ts";

/** The result of one check. */
export interface Finding {
  /** What it is about, such as `TensorFlow`. */
  readonly subject: string;
  /** What was found; it may have several lines. */
  readonly detail: string;
  /** What is wrong and how to fix it; absent if there is no problem. */
  readonly problem?: string;
}

/** What {@linkcode diagnose} found. */
export interface Diagnosis {
  /** In order of dependence: a subject comes after those that it needs. */
  readonly findings: readonly Finding[];
  /** Whether there is no problem. */
  readonly isHealthy: boolean;
  /** Whether a backend could be opened, even if it has problems. */
  readonly hasBackend: boolean;
  /** What would make training faster, one line per advice. */
  readonly advice: readonly string[];
  /** The best measured rate of matrix products, in 10^9 floating-point operations per second. */
  readonly gflops: number;
}

/** Options of {@linkcode diagnose}. */
export interface DiagnoseOptions {
  /** The backend to look at; by default the one that {@linkcode useBackend} chooses. */
  readonly backend?: BackendName;
  /** The root of the project, which contains `.venv`; by default the current folder. */
  readonly root?: string;
  /** How long matrix products are timed, in seconds; by default 0.5. */
  readonly seconds?: number;
  /** Steps to compile, run, and compare with the same step op by op; by default none. */
  readonly steps?: readonly StepProbe[];
  /** Called with each finding as soon as it is known, because the diagnosis takes some seconds. */
  readonly onFinding?: (finding: Finding) => void;
}

/** The disk space that a first installation and a few runs need. */
const ENOUGH_DISK_GB = 2;

/**
 * Rows and columns of the timed matrices: large enough to show the rate, small enough to be quick.
 */
const TIMED_SIZE = { gpu: 4096, tensorflow: 1024, webgpu: 1024, wasm: 256, cpu: 128 };

/** With less memory than this, a run of the exercise may have to swap. */
const ENOUGH_MEMORY_GB = 1;

/**
 * Checks everything that tensor operations need, and tests that they compute correctly: it compares
 * small results of every family of operations with golden values.
 *
 * It opens the backend that {@linkcode useBackend} chooses, and never throws: every failure becomes
 * a problem in the answer. For each step that it gets, it names the tensors that became constants
 * of the compiled program, because later changes outside the program do not affect these constants.
 *
 * @param options The project's folder, how long to measure, and the steps to try.
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
  const { root = Deno.cwd(), onFinding } = options;
  const findings: Finding[] = [];
  const note = (finding: Finding) => {
    findings.push(finding);
    onFinding?.(finding);
  };
  note(look("Deno", denoAndSystem));
  note(look("processor", processor));
  note(look("memory", memory));
  note(look("environment", () => environment(root)));
  note(look("disk", () => disk(root)));
  note(look("GPU driver", () => driverFinding(askDriver())));
  note(look("TensorFlow", () => findLibrary().main));
  let examined: Examined = { gflops: 0, advice: [] };
  let hasBackend = false;
  try {
    const { backend } = options;
    // Its notices become problems.
    const info = await useBackend({ onNotice: () => {}, ...backend && { backend } });
    hasBackend = true;
    examined = examineBackend(info, { ...options, note });
  } catch (error) {
    note({ subject: "backend", detail: "none", problem: messageOf(error) });
  }
  const isHealthy = findings.every(({ problem }) => problem === undefined);
  return { findings, isHealthy, hasBackend, ...examined };
}

type Examined = Pick<Diagnosis, "gflops" | "advice">;

interface ExamineOptions extends DiagnoseOptions {
  readonly note: (finding: Finding) => void;
}

function examineBackend(
  info: BackendInfo,
  { note, seconds = 0.5, steps = [] }: ExamineOptions,
): Examined {
  const allowsTf32 = Deno.env.get("NVIDIA_TF32_OVERRIDE") === "1";
  note(look("backend", () => backend(info)));
  note(look("devices", () => devices(info)));
  for (const result of runSelfTest({ backend: info.name, allowsTf32 })) note(familyFinding(result));
  note(look("float32 products", () => productDigits(info, allowsTf32)));
  let gflops = 0;
  note(look("speed", () => {
    gflops = timeProducts(info, seconds);
    return `${gflops.toPrecision(3)} GFLOP/s in matrix products of float32`;
  }));
  for (const step of steps) note(look(step.subject, () => probeStep(step, info)));
  return { gflops, advice: adviseSpeed(info) };
}

/** Turns what `find` returns or throws into a finding. */
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

function denoAndSystem(): string {
  const { os, arch } = Deno.build;
  return `${Deno.version.deno} on ${os} ${Deno.osRelease()} ${arch}`;
}

function processor(): string {
  const names = vectorInstructions().join(", ") || "unknown";
  return `${processorName()}, ${navigator.hardwareConcurrency} cores; vector instructions: ${names}`;
}

function memory(): Omit<Finding, "subject"> {
  const { available, total } = Deno.systemMemoryInfo();
  const free = available / 1e9;
  const own = Deno.memoryUsage().rss / 1e9;
  const detail = `${free.toFixed(1)} of ${(total / 1e9).toFixed(1)} GB free, ` +
    `this process has ${own.toFixed(1)} GB`;
  if (free >= ENOUGH_MEMORY_GB) return { detail };
  return {
    detail,
    problem:
      `Cannot rely on the memory: expected ${ENOUGH_MEMORY_GB} GB free, got ${free.toFixed(1)}\n` +
      "Cure: end other programs, or train with a smaller --batch-size",
  };
}

function driverFinding(driver: NvidiaDriver | undefined): string {
  if (driver === undefined) return "no NVIDIA driver answers";
  const { cudaVersion, gpus, refusal } = driver;
  const names = gpus.map(({ name, computeCapability, memoryBytes }) =>
    `${name}, ${(memoryBytes / 2 ** 30).toFixed(0)} GiB, compute capability ${computeCapability}`
  );
  return `NVIDIA's, for CUDA ${cudaVersion}: ${refusal ?? names.join("; ")}`;
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

function familyFinding({ family, cases, worst, failures, absent }: FamilyResult): Finding {
  const distance = worst === 0 ? "equal to" : `within ${worst.toExponential(0)} of`;
  const missing = absent.length === 0 ? "" : `; not on this backend: ${absent.join(", ")}`;
  if (failures.length === 0) {
    return { subject: family, detail: `${cases} results ${distance} the golden values${missing}` };
  }
  return {
    subject: family,
    detail: `${failures.length} of ${cases} results are wrong${missing}`,
    problem: `Cannot trust this backend: ${failures.join("\n")}\n` +
      'Cure: update the driver, or use another device (useBackend({ device: "cpu" }))',
  };
}

/** A number that float32 can represent, but TF32, with 11 bits, cannot. */
const LONG_NUMBER = 1 + 2 ** -12;

const PRODUCT_SIZE = 64;

/**
 * Tests whether products of float32 keep their digits: TF32, which other programs turn on by
 * default, keeps only three.
 */
function productDigits({ name }: BackendInfo, allowsTf32: boolean): Omit<Finding, "subject"> {
  const product = ({ a, b }: { a: tf.Tensor; b: tf.Tensor }) => ({ c: tf.matMul(a, b) });
  const input = { a: tf.fill([PRODUCT_SIZE, PRODUCT_SIZE], LONG_NUMBER), b: tf.eye(PRODUCT_SIZE) };
  const modes = name === "tensorflow" ? ["off", "xla"] as const : ["off"] as const;
  const cut = modes.filter((mode) => {
    const run = mode === "off" ? product : compile(product, { mode, name: "productDigits" });
    const { c } = run(input), isWhole = c.dataSync()[0] === LONG_NUMBER;
    c.dispose();
    return !isWhole;
  });
  tf.dispose(input);
  if (cut.length === 0) return { detail: "keep all 24 bits" };
  const detail = `are cut to TF32's 11 bits (${cut.join(", ")})`;
  if (allowsTf32) return { detail: `${detail}, as NVIDIA_TF32_OVERRIDE=1 allows` };
  return {
    detail,
    problem: "Cannot trust products of float32: expected 24 bits, got 11\n" +
      "Cure: set NVIDIA_TF32_OVERRIDE=0, or 1 if TF32 is what you want",
  };
}

/** The best rate of products of square matrices within the given time. */
function timeProducts({ name, isGpu }: BackendInfo, seconds: number): number {
  const size = TIMED_SIZE[isGpu ? "gpu" : name];
  const [a, b] = [tf.ones([size, size]), tf.ones([size, size])];
  let best = Infinity;
  const end = performance.now() + seconds * 1000;
  do {
    const start = performance.now();
    // Reading one element waits until the product is done.
    tf.tidy(() => tf.matMul(a, b).slice([0, 0], [1, 1]).dataSync());
    best = Math.min(best, performance.now() - start);
  } while (performance.now() < end);
  tf.dispose([a, b]);
  return 2 * size ** 3 / best / 1e6;
}
