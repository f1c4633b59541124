/**
 * Compares this library with PyTorch on this machine: `./denow task bench [PART ...] [flags]`.
 *
 * All sides of a comparison run in turns, so that other work on the machine affects all of them
 * equally. PyTorch has its own environment in `build/peer-venv`, which is created if it is missing.
 * Each part prints a table; a JSON file has every sample, and `scripts/bench_chart.ts` draws it.
 *
 * @module
 */
import type { Bench } from "../bench/bench.ts";
import { growthPart } from "../bench/growth_part.ts";
import { limitSections } from "../bench/limits.ts";
import { describeMachine, loadNow } from "../bench/machine.ts";
import { peakPart } from "../bench/peak_part.ts";
import { precisionPart } from "../bench/precision_part.ts";
import { ROOT, setUpPeer } from "../bench/peer_environment.ts";
import { memoryPart, startPart } from "../bench/process_parts.ts";
import { ranksPart } from "../bench/ranks_part.ts";
import type { Report, Section } from "../bench/report.ts";
import { runPart } from "../bench/run_part.ts";
import { evaluationPart, generationPart } from "../bench/sentence_parts.ts";
import {
  BENCH_FLAGS,
  BENCH_HELP,
  type BenchSettings,
  benchSettings,
  type PartName,
} from "../bench/settings.ts";
import { chooseWaitPolicy, stepPart } from "../bench/step_part.ts";
import { stockPart } from "../bench/stock_part.ts";
import { formatHead, formatSection } from "../bench/table.ts";
import { ConfigError, writeFileAtomically } from "lib/core/mod.ts";
import { readCommandLine, refuse } from "./_command_line.ts";

const RUNNERS: Readonly<Record<PartName, (bench: Bench) => Promise<Section[]>>> = {
  step: stepPart,
  evaluation: evaluationPart,
  generation: generationPart,
  run: runPart,
  memory: memoryPart,
  start: startPart,
  stock: stockPart,
  growth: growthPart,
  peak: peakPart,
  precision: precisionPart,
  ranks: ranksPart,
};

/** About how long a side's turn takes. */
const TURN_MS = 500;

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
}

function say(line: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(`${line}\n`));
}

/**
 * Measures part by part, and gives `keep` the results after each part, so that an early end loses
 * nothing.
 */
async function measure(
  settings: BenchSettings,
  keep: (report: Report) => void,
): Promise<Report> {
  const began = performance.now(), before = loadNow(), date = new Date().toISOString();
  const versions = new Set<string>(), sections: Section[] = [];
  const common = { settings, turnMs: TURN_MS, versions, say };
  const peerEnv = await chooseWaitPolicy({ ...common, peerEnv: {} });
  const reportNow = (): Report => ({
    date,
    machine: describeMachine(),
    versions: [...versions],
    settings: { ...settings, peerEnv },
    load: { before, after: loadNow() },
    seconds: (performance.now() - began) / 1000,
    sections,
  });
  const add = (more: readonly Section[]) => {
    for (const section of more) print(`\n${formatSection(section)}`);
    for (const section of more) sections.push(section);
    keep(reportNow());
  };
  for (const part of settings.parts) add(await RUNNERS[part]({ ...common, peerEnv }));
  add(limitSections(sections));
  return reportNow();
}

function pathOf({ json }: BenchSettings): string {
  const folder = `${ROOT}build/bench`;
  Deno.mkdirSync(folder, { recursive: true });
  return json ?? `${folder}/${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}.json`;
}

function settingsOf(args: readonly string[]): BenchSettings {
  const { flags, words } = readCommandLine(BENCH_FLAGS, args);
  if (flags.help === true) {
    print(BENCH_HELP);
    Deno.exit(0);
  }
  try {
    return benchSettings(flags, words);
  } catch (error) {
    if (error instanceof ConfigError) refuse(error.message);
    throw error;
  }
}

const settings = settingsOf(Deno.args);
setUpPeer(say);
const path = pathOf(settings);
const report = await measure(
  settings,
  (part) => writeFileAtomically(path, `${JSON.stringify(part)}\n`),
);
print(`\n${formatHead(report)}\n${report.seconds.toFixed(0)} s; every sample in ${path}`);
