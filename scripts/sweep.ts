/**
 * Trains all combinations of settings with several seeds, and compares them.
 *
 *     ./denow task sweep --set lr=1e-4,3e-4,1e-3 --seeds 3
 *
 * @module
 */
import { useBackend } from "lib/backend/mod.ts";
import { explainFile, writeFileAtomically } from "lib/core/mod.ts";
import {
  armsOf,
  type Cell,
  CellStore,
  CellTrainer,
  compareArms,
  type ComparedArm,
  type FinishedCell,
  formatSweepHelp,
  parseSweepCommand,
  planCells,
  successiveHalving,
  sweep,
  type SweepCommand,
  sweepRows,
} from "lib/experiment/mod.ts";
import { createProgress, terminal } from "lib/log/mod.ts";
import { listenForStop } from "lib/run/mod.ts";
import { print, runMain } from "./_command_line.ts";
import { formatTable } from "./_results.ts";

const FOLDER = "experiments";

async function main(args: readonly string[]): Promise<number> {
  const command = parseSweepCommand(args), { plan, rounds } = command;
  if (command.isHelp) return say(formatSweepHelp("./denow task sweep"));
  const cells = planCells(plan), screen = terminal(Deno.stderr);
  const device = await useBackend({
    ...command.backend,
    onNotice: (line) => screen.write(`${line}\n`),
  });
  const labels = new Set(cells.map(({ label }) => label));
  say(
    `Sweep   ${command.name}, on ${device.name} ${device.version} ${device.device}\n` +
      `Cells   ${labels.size} combinations with ${plan.seeds.length} seeds each: ${cells.length} runs\n`,
  );
  using stop = listenForStop(() => screen.write("\nStopping; finished runs are kept\n"));
  const store = CellStore.open(`${FOLDER}/cells`);
  const finished = rounds === null
    ? await runCells(cells, store, { command, signal: stop.signal })
    : await runHalving(command, store, { rounds, signal: stop.signal });
  if (finished === null) {
    say(`Stopped; go on with the same command: what is finished is not trained again`);
    return stop.exitCode;
  }
  const folder = `${FOLDER}/${command.name}`;
  writeTables(folder, finished);
  say(`\n${formatComparison(compareArms(armsOf(finished)))}\n\nTables  ${folder}/`);
  return 0;
}

interface Under {
  readonly command: SweepCommand;
  readonly signal: AbortSignal;
}

/** Runs a sweep with one line of progress over all its steps; null if it was stopped. */
async function runCells(
  cells: readonly Cell[],
  store: CellStore,
  { command, signal }: Under,
): Promise<FinishedCell[] | null> {
  const trainer = new CellTrainer(), stepsOf = (cell: Cell) => trainer.stepsOf(cell.config);
  const total = cells.reduce((sum, cell) => sum + stepsOf(cell), 0);
  const progress = createProgress({ total, ...terminal(Deno.stderr) });
  const results = new Map<Cell, FinishedCell>();
  let done = 0;
  const onStep = (step: number) =>
    progress.update(done + step, { note: `run ${results.size + 1} of ${cells.length}` });
  const { shard } = command,
    options = { signal, onStep, trainer, ...shard !== undefined && { shard } };
  for await (const event of sweep(cells, store, options)) {
    if (event.kind === "waiting") {
      progress.notice(`waiting for ${event.cells.length} runs of other processes`);
    }
    if (event.kind !== "cell") continue;
    const { cell, result, source } = event, loss = result.validations.at(-1)?.loss;
    done += stepsOf(cell);
    results.set(cell, { cell, result });
    progress.update(done);
    const said = result.outcome === "diverged"
      ? "diverged"
      : `validation ${loss?.toFixed(4) ?? "unknown"}`;
    const origin = source === "trained" ? `${result.seconds.toFixed(1)} s` : source;
    progress.notice(`${cell.label}, seed ${cell.seed}: ${said} (${origin})`);
  }
  progress.finish();
  const all = cells.flatMap((cell) => results.get(cell) ?? []);
  return all.length === cells.length ? all : null;
}

/** Runs the rounds of a halving; the cells of the last round are compared. */
async function runHalving(
  { plan }: SweepCommand,
  store: CellStore,
  { rounds, signal }: { readonly rounds: number; readonly signal: AbortSignal },
): Promise<FinishedCell[] | null> {
  const [first] = planCells({ ...plan, axes: [], seeds: plan.seeds.slice(0, 1) });
  if (first === undefined) return null;
  const steps = new CellTrainer().stepsOf(first.config);
  const done = await successiveHalving({ ...plan, steps, rounds }, store, { signal });
  for (const { steps, finished, kept } of done) {
    say(`${finished.length} runs of ${steps} steps; best: ${kept.join("; ")}`);
  }
  return done.length === rounds ? [...done.at(-1)?.finished ?? []] : null;
}

function writeTables(folder: string, finished: readonly FinishedCell[]): void {
  explainFile(`make ${folder}`, () => Deno.mkdirSync(folder, { recursive: true }));
  const rows = sweepRows(finished), columns = Object.keys(rows[0] ?? {});
  const lines = [columns, ...rows.map((row) => columns.map((column) => `${row[column] ?? ""}`))];
  writeFileAtomically(`${folder}/runs.csv`, lines.map((line) => `${line.join(",")}\n`).join(""));
  const comparison = compareArms(armsOf(finished));
  writeFileAtomically(`${folder}/sweep.json`, JSON.stringify({ comparison, runs: rows }, null, 1));
}

function formatComparison(arms: readonly ComparedArm[]): string {
  const header = ["setting", "seeds", "validation loss", "95 % interval", "against the first"];
  return formatTable([
    header,
    ...arms.map(({ label, count, mean, interval, difference, verdict }) => [
      label,
      `${count}`,
      Number.isNaN(mean) ? "none" : mean.toFixed(4),
      interval === null ? "" : `${interval.low.toFixed(4)} to ${interval.high.toFixed(4)}`,
      difference === null
        ? verdict
        : `${difference.mean < 0 ? "−" : "+"}${
          Math.abs(difference.mean).toFixed(4)
        }, ${verdict} (p ${difference.adjustedPValue.toPrecision(2)})`,
    ]),
  ]);
}

function say(text: string): 0 {
  print(text);
  return 0;
}

await runMain(() => main(Deno.args));
