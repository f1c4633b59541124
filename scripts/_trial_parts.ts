/**
 * The parts of a trial that pass or fail: each is a separate program.
 *
 * @module
 */
import { ROOT } from "../bench/peer_environment.ts";
import type { TrialPart } from "./_trial_report.ts";

/** A program that proves something, by its exit code. */
export interface PartProgram {
  readonly name: string;
  /** Arguments for Deno. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** How many of a program's last lines are kept. */
const KEPT_LINES = 60;

const GOLDEN = [
  "tests/model/golden_test.ts",
  "tests/optimizer/golden_test.ts",
  "tests/backend/doctor/self_test_test.ts",
];

/** Doctor, TensorFlow.js's own tests, golden values. */
export function trialParts(device: "gpu" | "cpu"): PartProgram[] {
  // With "", NVIDIA's driver shows TensorFlow no GPU, whatever the program asks for.
  const env = device === "cpu" ? { CUDA_VISIBLE_DEVICES: "" } : {};
  const run = (...args: string[]) => ["run", "-A", "--no-check", ...args];
  return [
    { name: "doctor", args: run("scripts/doctor.ts"), env },
    { name: "golden values", args: ["test", "-A", "--no-check", ...GOLDEN], env },
    { name: "conformance", args: run("scripts/conformance.ts"), env },
  ];
}

/** Runs a part to its end, or to the deadline on the clock of `performance.now()`. */
export async function runPart(part: PartProgram, deadline: number): Promise<TrialPart> {
  const { name, args, env = {} } = part, start = performance.now();
  if (start >= deadline) {
    return { name, status: "not run", seconds: 0, reason: "out of time", lines: [] };
  }
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill("SIGKILL");
  }, deadline - start);
  const { code, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const decoder = new TextDecoder();
  const lines = `${decoder.decode(stdout)}${decoder.decode(stderr)}`.split("\n")
    .filter((line) => line.trim() !== "");
  const reason = isLate ? "out of time" : code === 0 ? undefined : `exit code ${code}`;
  return {
    name,
    status: reason === undefined ? "passed" : "failed",
    seconds: (performance.now() - start) / 1000,
    ...(reason !== undefined && { reason }),
    lines: lines.slice(-KEPT_LINES),
  };
}
