/**
 * Tries a device in one call of a few minutes: doctor, TensorFlow.js's own tests, golden values,
 * steps of the course's model beside PyTorch's, if PyTorch is installed. Writes everything into a
 * JSON file.
 *
 *     ./denow run -A scripts/gpu_trial.ts                 on a GPU where there is one
 *       --device cpu      on the processor      --steps N     default 200
 *       --minutes N       ends by then, default 8             --json FILE, default build/gpu_trial.json
 *
 * For a machine without a network, the wheels are cut into pieces; `gpu_trial.sh FOLDER` joins and
 * installs them:
 *
 *     ./denow run -A scripts/gpu_trial.ts --pack WHEELS --into FOLDER
 *
 * The wheels are those of deno and of requirements-gpu.txt; `node_modules` is packed too.
 *
 * @module
 */
import { readGpus } from "lib/backend/mod.ts";
import { ConfigError, writeFileAtomically } from "lib/core/mod.ts";
import { describeMachine } from "../bench/machine.ts";
import { ROOT } from "../bench/peer_environment.ts";
import { print, readCommandLine, refuse, runMain } from "./_command_line.ts";
import { cutFiles } from "./_pieces.ts";
import { runPart, trialParts } from "./_trial_parts.ts";
import { formatSteps, type Trial, type TrialPart, type TrialSteps } from "./_trial_report.ts";
import { findPyTorch, measurements, measureSteps } from "./_trial_steps.ts";

/** The size of a piece, for a transfer that takes only small files. */
const PIECE_BYTES = 60 * 2 ** 20;

const FLAGS = {
  device: "string",
  steps: "string",
  minutes: "string",
  json: "string",
  pack: "string",
  into: "string",
} as const;

await runMain(async () => {
  const { flags, words } = readCommandLine(FLAGS);
  if (words.length > 0) refuse(`Cannot try: expected flags only, got "${words.join(" ")}"`);
  if (flags.pack !== undefined) return pack(String(flags.pack), String(flags.into ?? ""));
  if (![undefined, "gpu", "cpu"].includes(flags.device as string | undefined)) {
    refuse(`Cannot try --device ${flags.device}: expected gpu or cpu`);
  }
  const device = flags.device === "cpu" || flags.device === undefined && readGpus().length === 0
    ? "cpu"
    : "gpu";
  const trial = await tryDevice(device, {
    steps: count("steps", flags.steps ?? "200"),
    minutes: count("minutes", flags.minutes ?? "8"),
  });
  const path = String(flags.json ?? `${ROOT}build/gpu_trial.json`);
  writeFileAtomically(path, `${JSON.stringify(trial, null, 1)}\n`);
  print(`written: ${path}`);
  return trial.parts.some(({ status }) => status === "failed") ? 1 : 0;
});

function count(name: string, text: string | boolean): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new ConfigError(`Cannot use --${name}: expected a whole number from 1 on, got "${text}"`);
}

async function tryDevice(
  device: "gpu" | "cpu",
  { steps, minutes }: { steps: number; minutes: number },
): Promise<Trial> {
  const start = performance.now(), deadline = start + 60_000 * minutes;
  const parts: TrialPart[] = [], rows: TrialSteps[] = [];
  const python = findPyTorch(device);
  for (const part of trialParts(device)) {
    const found = await runPart(part, deadline);
    parts.push(found);
    print(`${found.name}: ${found.status}, ${found.seconds.toFixed(0)} s ${found.reason ?? ""}`);
    for (const line of found.lines) print(`  ${line}`);
  }
  const all = measurements(device);
  for (const [place, what] of all.entries()) {
    // The remaining time is divided among the remaining measurements.
    const now = performance.now(), share = (deadline - now) / (all.length - place);
    const row = await measureSteps(what, { device, python, steps, deadline: now + share });
    rows.push(row);
    print(formatSteps(row));
  }
  return {
    date: new Date().toISOString(),
    machine: describeMachine(),
    device,
    gpus: device === "gpu" ? readGpus().map(({ name }) => name) : [],
    seconds: (performance.now() - start) / 1000,
    parts,
    steps: rows,
  };
}

/** Cuts the wheels of a folder, and the npm packages of this checkout, into pieces. */
function pack(wheels: string, folder: string): number {
  if (folder === "") refuse("Cannot pack: expected --into FOLDER, where the pieces go");
  const paths = [...Deno.readDirSync(wheels)].map(({ name }) => `${wheels}/${name}`)
    .filter((path) => path.endsWith(".whl")).toSorted();
  if (!paths.some((path) => /\/deno-[^/]*\.whl$/.test(path))) {
    refuse(`Cannot pack: expected deno's wheel and those of requirements-gpu.txt in ${wheels}`);
  }
  const packages = `${folder}/node_modules.tar.gz`;
  Deno.mkdirSync(folder, { recursive: true });
  const tar = new Deno.Command("tar", { args: ["-C", ROOT, "-czf", packages, "node_modules"] });
  if (!tar.outputSync().success) refuse("Cannot pack node_modules: see tar's message above");
  const pieces = cutFiles([...paths, packages], folder, PIECE_BYTES);
  Deno.removeSync(packages);
  print(`${pieces.length} pieces in ${folder}; there: scripts/gpu_trial.sh FOLDER`);
  return 0;
}
