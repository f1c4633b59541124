/**
 * Adds an extra to `.venv`.
 *
 *     ./denow task setup --grading           nbgrader, for its gradebook and its feedback
 *     ./denow task setup --gpu               TensorFlow for NVIDIA's GPUs (Linux, x86_64)
 *     ./denow task setup --gpu --wheels DIR  the same from local wheels, without a network
 *
 * @module
 */
import { installGpuSet, isGpuPlatform } from "./_gpu_set.ts";
import { print, readCommandLine, refuse, runMain } from "./_command_line.ts";
import { ROOT } from "lib/authoring/mod.ts";
import { programPath } from "lib/core/mod.ts";

await runMain(async () => {
  const { flags, words } = readCommandLine({
    grading: "boolean",
    gpu: "boolean",
    wheels: "string",
  });
  if (words.length > 0 || flags.grading === flags.gpu) {
    refuse("Cannot set up: expected one extra, as in ./denow task setup --grading, or --gpu");
  }
  return flags.gpu === true
    ? await setUpGpu(typeof flags.wheels === "string" ? flags.wheels : undefined)
    : await setUpGrading();
});

async function setUpGpu(wheels: string | undefined): Promise<number> {
  if (!isGpuPlatform()) {
    const { os, arch } = Deno.build;
    refuse(
      `Cannot set up for GPUs: expected Linux on x86_64, where the packages are, got ${os} ${arch}`,
    );
  }
  const failure = await installGpuSet({ root: ROOT, say: print, ...(wheels && { wheels }) });
  print(
    failure === undefined
      ? "TensorFlow for GPUs is in .venv; next: ./denow task doctor"
      : `Cannot set up for GPUs: ${failure}`,
  );
  return failure === undefined ? 0 : 1;
}

async function setUpGrading(): Promise<number> {
  const { code } = await new Deno.Command(programPath(`${ROOT}/.venv`, "python"), {
    args: [
      ...["-m", "pip", "install", "--require-hashes", "--only-binary", ":all:", "--no-deps"],
      ...["--disable-pip-version-check", "--quiet", "-r", `${ROOT}/requirements-grading.txt`],
    ],
  }).output();
  print(
    code === 0
      ? "nbgrader is in .venv; next: ./denow task nbgrader"
      : "Cannot set up the extra: see pip's message above; it needs Python 3.11 and the network",
  );
  return code === 0 ? 0 : 1;
}
