/**
 * How times grow: with length, batch, layers, and with the number of sentences.
 *
 * @module
 */
import { type Bench, ours } from "./bench.ts";
import { interleave } from "./interleave.ts";
import type { Row, Section } from "./report.ts";
import { Side } from "./side.ts";
import { eagerStep, ourStep, type StepShape } from "./step_part.ts";

const BASE: StepShape = { batchSize: 64, length: 12, layers: 4 };
const LENGTHS = [12, 32, 64, 128], BATCHES = [8, 16, 32, 64, 128], LAYERS = [1, 2, 4, 8];
const EXAMPLES = [1000, 10_000, 50_000], QUICK_EXAMPLES = EXAMPLES.slice(0, 1);

/** Times steps of many sizes, and epochs. */
export async function growthPart(bench: Bench): Promise<Section[]> {
  const timed = new Map<string, Row[]>(); // the base is a point of all three series
  const series = async (title: string, points: readonly [string, StepShape][]) => {
    const rows: Row[] = [];
    for (const [group, shape] of some(points, bench)) {
      const key = JSON.stringify(shape);
      const own = timed.get(key) ?? await timeBoth(bench, group, shape);
      timed.set(key, own);
      rows.push(...own.map((row) => ({ ...row, group })));
    }
    return stepSection(title, rows);
  };
  return [
    await series(
      "by length, 64 sentences",
      LENGTHS.map((length) => [`length ${length}`, { ...BASE, length }]),
    ),
    await series(
      "by batch, 12 positions",
      BATCHES.map((batchSize) => [`batch ${batchSize}`, { ...BASE, batchSize }]),
    ),
    await series(
      "by layers, 64 x 12",
      LAYERS.map((layers) => [`layers ${layers}`, { ...BASE, layers }]),
    ),
    await epochSection(bench),
  ];
}

/** All, or both ends where it must be quick. */
function some<T>(points: readonly T[], { settings }: Bench): readonly T[] {
  return settings.isQuick ? points.filter((_, i) => i % (points.length - 1) === 0) : points;
}

function timeBoth(bench: Bench, group: string, shape: StepShape): Promise<Row[]> {
  const contenders = [ourStep(shape), eagerStep(shape, bench.peerEnv)];
  return interleave(bench, contenders, { group, rounds: bench.settings.rounds });
}

function stepSection(title: string, rows: Row[]): Section {
  return {
    part: "growth",
    title: `a step ${title}`,
    unit: "ms per step",
    better: "lower",
    rows,
    remarks: [],
  };
}

async function epochSection(bench: Bench): Promise<Section> {
  const rows: Row[] = [];
  for (const examples of bench.settings.isQuick ? QUICK_EXAMPLES : EXAMPLES) {
    bench.say(`growth: an epoch of ${examples} sentences`);
    const epoch = await unitSeconds({ examples, isLoadingOnly: false });
    const loading = await unitSeconds({ examples, isLoadingOnly: true });
    rows.push({
      group: "",
      name: `${examples} sentences`,
      isBaseline: false,
      samples: [epoch],
      facts: {
        "us a sentence": (1e6 * epoch / examples).toFixed(0),
        "loading": `${(100 * loading / epoch).toFixed(2)} %`,
      },
    });
  }
  return {
    part: "growth",
    title: "an epoch of `plain` by the number of sentences, one validation included",
    unit: "s an epoch",
    better: "lower",
    rows,
    remarks: ["Loading: shuffling, padding and handing over all batches, measured without steps."],
  };
}

async function unitSeconds(spec: object): Promise<number> {
  await using side = await Side.start(ours("epoch", "an epoch", spec));
  const { ms: [ms = NaN] } = await side.take(1);
  return ms / 1000;
}
