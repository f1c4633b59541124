/**
 * The whole of `./denow task train`, from the start of its process to the end.
 *
 * @module
 */
import { runConfig } from "lib/train/mod.ts";
import { type Bench, type Contender, peer } from "./bench.ts";
import { ROOT } from "./peer_environment.ts";
import { dataFolder } from "./plain_data.ts";
import type { Row, Section } from "./report.ts";
import type { SideSpec } from "./side.ts";

const FOLDER = `${ROOT}build/bench/run`;

/** A whole run is long: it is done once for so many rounds of the other parts. */
const ROUNDS_A_RUN = 5;

/** Validation losses of two seeds of one recipe lie closer than this, in nats. */
const ALIKE = 0.05;

interface WholeRun {
  readonly seconds: number;
  readonly loss: number;
}

/** Times whole runs, in turns. */
export async function runPart(bench: Bench): Promise<Section[]> {
  const epochs = bench.settings.epochs ?? runConfig().train.epochs;
  const rounds = Math.ceil(bench.settings.rounds / ROUNDS_A_RUN);
  Deno.mkdirSync(FOLDER, { recursive: true });
  const sides = [ourRun(epochs), peerRun(bench, epochs)];
  const runs = sides.map((): WholeRun[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, side] of sides.entries()) {
      bench.say(`run ${round + 1} of ${rounds}: ${side.name}, ${epochs} epochs`);
      runs[i]?.push(await wholeRun(side));
    }
  }
  const rows = sides.map((side, i): Row => ({
    group: "",
    name: side.name,
    isBaseline: side.isBaseline ?? false,
    samples: (runs[i] ?? []).map(({ seconds }) => seconds),
    facts: { "validation loss": (runs[i]?.at(-1)?.loss ?? NaN).toFixed(4) },
  }));
  const [own = NaN, other = NaN] = runs.map((some) => some.at(-1)?.loss);
  const distance = Math.abs(own - other);
  return [{
    part: "run",
    title: `the whole of ./denow task train on \`plain\`, ${epochs} epochs`,
    unit: "s in all",
    better: "lower",
    rows,
    remarks: [
      distance <= ALIKE
        ? `The validation losses are alike: ${distance.toFixed(4)} nats apart, from other draws.`
        : `NOT A COMPARISON: the validation losses lie ${distance.toFixed(4)} nats apart.`,
      "Ours also makes the sentences, compiles, asks the oracle, writes TensorBoard events and a report.",
    ],
  }];
}

function ourRun(epochs: number): Contender {
  const flags = ["--name", "bench", "--overwrite", "--epochs", String(epochs)];
  return {
    name: "ours, as it comes",
    command: [Deno.execPath(), "run", "-A", `${ROOT}train_toy.ts`, ...flags],
  };
}

function peerRun({ peerEnv }: Bench, epochs: number): Contender {
  const { seed, model, train } = runConfig(), { dropout } = model;
  const spec = { ...train, seed, dropout, epochs, evaluationBatch: 250 };
  const paths = { data: dataFolder(), out: `${FOLDER}/peer` };
  return peer("train", "PyTorch eager", { ...spec, ...paths }, peerEnv);
}

async function wholeRun({ name, command, env = {} }: SideSpec): Promise<WholeRun> {
  const [program = "", ...args] = command, start = performance.now();
  const { success, stdout, stderr } = await new Deno.Command(program, { args, env, cwd: FOLDER })
    .output();
  const seconds = (performance.now() - start) / 1000;
  if (success) return { seconds, loss: finalLoss(new TextDecoder().decode(stdout)) };
  throw new Error(
    `Cannot time the run of "${name}": expected it to end well, got ` +
      new TextDecoder().decode(stderr).slice(-2000),
  );
}

/** Finds the loss that both programs print at their end. */
export function finalLoss(output: string): number {
  const loss = [...output.matchAll(/validation loss ([\d.]+)/g)].at(-1)?.[1];
  if (loss !== undefined) return Number(loss.replace(/\.$/, ""));
  throw new SyntaxError(
    `Cannot read a run: expected "validation loss" and a number, got "${output}"`,
  );
}
