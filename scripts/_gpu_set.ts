/**
 * Installs TensorFlow for NVIDIA's GPUs in place of TensorFlow for the CPU.
 *
 * @module
 */
import { statfsSync } from "node:fs";

/** Where {@linkcode installGpuSet} installs, and from what. */
export interface GpuSetOptions {
  /** The checkout, with `.venv` and the locked requirements. */
  readonly root: string;
  /** A folder with the wheels; by default they are downloaded. */
  readonly wheels?: string;
  /** Called with a line before each step that takes long. */
  readonly say: (line: string) => void;
  /** Free bytes on the disk; default: what the system says. */
  readonly freeBytes?: number;
}

/** The wheels take 3 GB, and 6 more once they are unpacked. */
const NEEDED_BYTES = { fetched: 10e9, given: 7e9 };

/** TensorFlow for GPUs and NVIDIA's libraries exist for one platform only. */
export function isGpuPlatform(build: { os: string; arch: string } = Deno.build): boolean {
  return build.os === "linux" && build.arch === "x86_64";
}

/**
 * Installs the locked set of `requirements-gpu.txt`. Nothing is removed before all of it is
 * downloaded. If the exchange itself fails, the next start of `./denow` builds `.venv` again.
 *
 * @returns The error; undefined if all is installed.
 */
export async function installGpuSet(options: GpuSetOptions): Promise<string | undefined> {
  const { root, say } = options, venv = `${root}/.venv`;
  const { bavail, bsize } = statfsSync(venv);
  const free = options.freeBytes ?? bavail * bsize;
  const needed = options.wheels === undefined ? NEEDED_BYTES.fetched : NEEDED_BYTES.given;
  if (free < needed) {
    return `expected ${needed / 1e9} GB free on the disk, got ${(free / 1e9).toFixed(1)}`;
  }
  const locked = ["--require-hashes", "--no-deps", "-r", `${root}/requirements-gpu.txt`];
  const wheels = options.wheels ?? `${venv}/gpu-wheels`;
  if (options.wheels === undefined) {
    say("Fetching TensorFlow for GPUs and NVIDIA's libraries (3 GB)");
    const isFetched = await pip(venv, [
      "download",
      "--only-binary",
      ":all:",
      "-d",
      wheels,
      ...locked,
    ]);
    if (!isFetched) return "pip could not fetch the packages; nothing was changed";
  }
  say("Installing them in the place of tensorflow-cpu");
  const stamp = `${venv}/ready`, ready = readIfThere(stamp);
  if (ready !== undefined) Deno.removeSync(stamp);
  const isInstalled = await pip(venv, ["uninstall", "--yes", "tensorflow-cpu"]) &&
    await pip(venv, ["install", "--no-index", "--find-links", wheels, ...locked]);
  if (!isInstalled) return "pip could not install them; the next ./denow makes .venv again";
  if (ready !== undefined) Deno.writeTextFileSync(stamp, ready);
  if (options.wheels === undefined) Deno.removeSync(wheels, { recursive: true });
  return undefined;
}

function readIfThere(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

async function pip(venv: string, args: readonly string[]): Promise<boolean> {
  const { success } = await new Deno.Command(`${venv}/bin/python`, {
    args: ["-m", "pip", "--disable-pip-version-check", "--quiet", ...args],
    stdin: "null",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn().status;
  return success;
}
