/**
 * Trains 24 small cells by one sweep, and the same cells as 24 runs of the training program, and prints
 * how long each took:
 *
 *     deno run -A bench/sweep_speed.ts
 *
 * A sweep opens the library, makes the sentences of a seed, and compiles a step, once for many cells.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const RATES = ["3e-4", "1e-3", "3e-3", "1e-2"], SEEDS = ["1", "2", "3", "4", "5", "6"];

/** What all cells have in common: a model and a set of sentences that take seconds. */
const SMALL = [
  ...["--layers", "2", "--hidden-size", "64", "--heads", "2", "--feed-forward-size", "128"],
  ...["--examples", "1000", "--epochs", "2", "--warmup", "5", "--samples", "0"],
  ...["--no-early-validations", "--compile", "xla"],
];

/** Runs one of the project's programs in a folder; gives the seconds it took. */
async function run(program: string, args: readonly string[], cwd: string): Promise<number> {
  const started = performance.now();
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--config", `${ROOT}deno.json`, `${ROOT}${program}`, ...args],
    cwd,
    stdout: "null",
  }).output();
  if (code !== 0) throw new Error(new TextDecoder().decode(stderr));
  return (performance.now() - started) / 1000;
}

const cwd = Deno.makeTempDirSync();
const axis = ["--set", `lr=${RATES.join(",")}`, "--seeds", `${SEEDS.length}`];
const sweep = await run("scripts/sweep.ts", [...axis, "--name", "speed", ...SMALL], cwd);
let single = 0;
for (const lr of RATES) {
  for (const seed of SEEDS) {
    single += await run("train_toy.ts", ["--lr", lr, "--seed", seed, ...SMALL], cwd);
  }
}
Deno.removeSync(cwd, { recursive: true });
const cells = RATES.length * SEEDS.length;
console.log(`way                     seconds  seconds per cell`);
console.log(
  `one sweep               ${sweep.toFixed(1).padStart(7)}  ${
    (sweep / cells).toFixed(2).padStart(16)
  }`,
);
console.log(
  `${cells} runs of train        ${single.toFixed(1).padStart(7)}  ${
    (single / cells).toFixed(2).padStart(16)
  }`,
);
console.log(`\nThe sweep is ${(single / sweep).toFixed(1)} times as fast.`);
