/**
 * What is done with whole sets of sentences: evaluation and generation.
 *
 * @module
 */
import { type Bench, float32Modes, modeSpec, ours, peer } from "./bench.ts";
import { dataFolder } from "./plain_data.ts";
import { interleave } from "./interleave.ts";
import type { Row, Section } from "./report.ts";

const SENTENCES = 1000, QUICK_SENTENCES = 200;

/** As lib/train measures: a divisor of 1,000. */
const EVALUATION_BATCH = 250;

/** PyTorch's fastest here of 64, 125, 250, 500 and 1,000. */
const GENERATION_BATCH = 250;

/** As many as fill a sentence of `plain` up. */
const NEW_TOKENS = 4;

/** Four tokens, other ones for each sentence: what equal prompts share is no work to compare. */
function promptOf(index: number): number[] {
  return [1, 4, 5 + index % 900, 5 + 7 * index % 901];
}

/** Times the losses of the validation sentences. */
export async function evaluationPart(bench: Bench): Promise<Section[]> {
  const spec = { data: dataFolder(), batchSize: EVALUATION_BATCH };
  const contenders = [
    ...bench.settings.modes.map((mode) => ours("evaluation", `ours, ${mode}`, modeSpec(mode))),
    peer("evaluation", "PyTorch eager", spec, bench.peerEnv),
  ];
  const rows = await interleave(bench, contenders, {
    group: "",
    rounds: bench.settings.rounds,
    facts: ({ warmLoss }) => ({ loss: warmLoss.toFixed(3) }),
  });
  return [{
    part: "evaluation",
    title: `the losses of ${SENTENCES} sentences of \`plain\`, ${EVALUATION_BATCH} at once`,
    unit: "ms a pass",
    better: "lower",
    rows,
    remarks: [
      "Ours also sums up the losses by slot and compares each with the oracle's. The losses are those",
      "of two draws of random weights; that equal weights give equal losses, golden tests show.",
    ],
  }];
}

/** Times generation, greedy and drawn. */
export async function generationPart(bench: Bench): Promise<Section[]> {
  const sentences = bench.settings.isQuick ? QUICK_SENTENCES : SENTENCES, rows: Row[] = [];
  for (const [group, temperature] of [["greedy", 0], ["drawn at temperature 1", 1]] as const) {
    const prompts = Array.from({ length: sentences }, (_, index) => promptOf(index));
    const spec = { prompts, newTokens: NEW_TOKENS, temperature };
    const contenders = [
      ...float32Modes(bench)
        .map((mode) => ours("generation", `ours, ${mode}`, { ...spec, ...modeSpec(mode) })),
      peer("generation", "PyTorch", { ...spec, batchSize: GENERATION_BATCH }, bench.peerEnv),
    ];
    rows.push(
      ...await interleave(bench, contenders, {
        group,
        rounds: bench.settings.rounds,
        facts: ({ ms }) => ({ "tokens/s": tokensPerSecond(ms, sentences * NEW_TOKENS) }),
      }),
    );
  }
  return [{
    part: "generation",
    title: `${sentences} sentences of ${NEW_TOKENS} new tokens, keys and values kept`,
    unit: "ms in all",
    better: "lower",
    rows,
    remarks: [],
  }];
}

function tokensPerSecond(ms: readonly number[], tokens: number): string {
  return (1000 * tokens * ms.length / ms.reduce((sum, one) => sum + one, 0)).toFixed(0);
}
