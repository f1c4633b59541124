/**
 * Steps of the course's model on a device, ours and PyTorch's, for a trial.
 *
 * @module
 */
import { PEER_ENV, PEER_PYTHON, ROOT } from "../bench/peer_environment.ts";
import { Side, SideError, type SideSpec } from "../bench/side.ts";
import { mean, quantile, smallest } from "lib/core/mod.ts";
import type { TrialSteps } from "./_trial_report.ts";

/** What is measured. */
export type Measurement = Pick<TrialSteps, "side" | "shape" | "precision" | "tf32">;

/** How it is measured. */
export interface MeasureSettings {
  /** Where it computes. */
  readonly device: "gpu" | "cpu";
  /** The Python that has PyTorch; undefined if there is none. */
  readonly python: string | undefined;
  /** How many steps. */
  readonly steps: number;
  /** When to end even if steps are left, on the clock of `performance.now()`. */
  readonly deadline: number;
}

const SHAPES = { "64 x 12": [64, 12], "64 x 128": [64, 128] } as const;
const LAYERS = 4;

/** Steps before the measured ones: the first one compiles, and memory pools fill. */
const WARM_UP = 5;

/** The most steps between two looks at the clock. */
const AT_ONCE = 20;

/** All measurements of a trial, the most informative first; only NVIDIA's GPUs have TF32. */
export function measurements(device: "gpu" | "cpu"): Measurement[] {
  const rows = (["64 x 12", "64 x 128"] as const).flatMap((shape) =>
    (["float32", "bfloat16"] as const).flatMap((precision) =>
      (["ours", "PyTorch"] as const).map((side) => ({ side, shape, precision, tf32: false }))
    )
  );
  if (device === "cpu") return rows;
  const withTf32 = (["ours", "PyTorch"] as const).map((side) => ({
    side,
    shape: "64 x 128",
    precision: "float32" as const,
    tf32: true,
  }));
  return [...rows, ...withTf32];
}

/** The PyTorch that is there: the bench's own, or the system's. */
export function findPyTorch(device: "gpu" | "cpu"): string | undefined {
  const test = device === "gpu" ? "import torch; assert torch.cuda.is_available()" : "import torch";
  return [PEER_PYTHON, "python3"].find((python) => {
    try {
      return new Deno.Command(python, { args: ["-c", test], stdout: "null", stderr: "null" })
        .outputSync().success;
    } catch {
      return false; // no such program
    }
  });
}

/** Measures one row; an error becomes its `reason`. */
export async function measureSteps(
  what: Measurement,
  settings: MeasureSettings,
): Promise<TrialSteps> {
  const nothing = {
    ...what,
    ...{ versions: "", steps: 0, medianMs: null, leastMs: null, tokensPerSecond: null },
    ...{ firstLoss: null, lastLoss: null, peakHostMB: null, gpuMB: null },
  };
  if (performance.now() > settings.deadline) return { ...nothing, reason: "out of time" };
  const spec = sideSpec(what, settings);
  if (spec === undefined) return { ...nothing, reason: "no PyTorch for this device" };
  try {
    return await takeSteps(what, spec, settings);
  } catch (error) {
    if (!(error instanceof SideError)) throw error;
    return { ...nothing, reason: error.message };
  }
}

function sideSpec(
  { side, shape, precision, tf32 }: Measurement,
  { device, python }: MeasureSettings,
): SideSpec | undefined {
  const [batchSize, length] = SHAPES[shape as keyof typeof SHAPES]; // of `measurements()`
  const size = { batchSize, length, layers: LAYERS };
  const env = { NVIDIA_TF32_OVERRIDE: tf32 ? "1" : "0" };
  if (side === "ours") {
    const spec = { ...size, mode: "xla", precision, backend: "tensorflow", device };
    const program = `${ROOT}bench/ours/step.ts`;
    const command = [Deno.execPath(), "run", "-A", "--no-check", program, JSON.stringify(spec)];
    return { name: "ours", command, env };
  }
  if (python === undefined) return undefined;
  const isHalf = precision === "bfloat16";
  const spec = {
    ...size,
    compile: "none",
    autocast: isHalf,
    device: device === "gpu" ? "cuda" : device,
    tf32,
  };
  const command = [python, `${ROOT}bench/peer/step.py`, JSON.stringify(spec)];
  return { name: "PyTorch", command, env: { ...PEER_ENV, ...env } };
}

async function takeSteps(
  what: Measurement,
  spec: SideSpec,
  { device, steps, deadline }: MeasureSettings,
): Promise<TrialSteps> {
  await using side = await Side.start(spec);
  const { loss: firstLoss = null } = await side.take(1);
  const ms: number[] = [];
  let lastLoss: number | null = null, stepMs = Infinity;
  for (let done = 1; done < WARM_UP && performance.now() < deadline; done++) {
    stepMs = smallest((await side.take(1)).ms);
  }
  do {
    const inTime = Math.floor((deadline - performance.now()) / stepMs);
    const answer = await side.take(Math.max(1, Math.min(AT_ONCE, steps - ms.length, inTime)));
    for (const one of answer.ms) ms.push(one);
    lastLoss = answer.loss ?? null;
    stepMs = quantile(ms, 0.5);
  } while (ms.length < steps && performance.now() < deadline);
  const [batchSize, length] = SHAPES[what.shape as keyof typeof SHAPES]; // of `measurements()`
  return {
    ...what,
    versions: side.versions,
    steps: ms.length,
    medianMs: quantile(ms, 0.5),
    leastMs: smallest(ms),
    tokensPerSecond: 1000 * batchSize * length / mean(ms),
    firstLoss,
    lastLoss,
    peakHostMB: Deno.build.os === "linux" ? side.memory().peak : null,
    gpuMB: device === "gpu" ? gpuMemory() : null,
  };
}

/** The memory in use on the first GPU, in MB; null if `nvidia-smi` does not tell. */
function gpuMemory(): number | null {
  const args = ["--query-gpu=memory.used", "--format=csv,noheader,nounits"];
  try {
    const { stdout } = new Deno.Command("nvidia-smi", { args, stderr: "null" }).outputSync();
    const mebibytes = Number.parseInt(new TextDecoder().decode(stdout));
    return Number.isNaN(mebibytes) ? null : mebibytes * 2 ** 20 / 1e6;
  } catch {
    return null; // no such program
  }
}
