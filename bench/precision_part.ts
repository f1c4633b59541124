/**
 * What half the digits buy: speed and peak memory of the same step, side by side in one run.
 *
 * @module
 */
import { type Bench, type Contender, ours, peer } from "./bench.ts";
import { interleave, lossFact, type Timed } from "./interleave.ts";
import { lacksBfloat16 } from "lib/backend/mod.ts";
import { bfloat16Remarks } from "./machine.ts";
import type { Row, Section } from "./report.ts";
import { shapeName, type StepShape } from "./step_part.ts";

const SHAPES: readonly StepShape[] = [12, 128].map((length) => ({
  batchSize: 64,
  length,
  layers: 4,
}));
const QUICK_SHAPES = SHAPES.slice(0, 1);

/** Times a step of each precision at a short and a long length, and reads the memory of its process. */
export async function precisionPart(bench: Bench): Promise<Section[]> {
  const rows: Row[] = [];
  for (const shape of bench.settings.isQuick ? QUICK_SHAPES : SHAPES) {
    rows.push(
      ...await interleave(bench, contendersOf(bench, shape), {
        group: shapeName(shape),
        rounds: bench.settings.rounds,
        facts: (timed) => ({ "peak memory": `${peakOf(timed)} MB`, ...lossFact(timed) }),
      }),
    );
  }
  return [{
    part: "precision",
    title: "one update in float32 and in 16 bits, batch x positions",
    unit: "ms per step",
    better: "lower",
    rows,
    remarks: [
      "Peak memory is the most that was resident of the whole process, libraries and compiler included.",
      "float16 is emulated on a processor: its rows show the cost of that, no gain.",
      ...bfloat16Remarks(),
    ],
  }];
}

function peakOf({ peak }: Timed): string {
  return peak.toFixed(0);
}

function contendersOf({ peerEnv }: Bench, shape: StepShape): Contender[] {
  const own = (name: string, precision: string, mode = "xla"): Contender =>
    ours("step", `ours, ${name}`, { ...shape, mode, precision });
  const other = (name: string, autocast: boolean): Contender => ({
    ...peer("step", `PyTorch ${name}`, { ...shape, compile: "none", autocast }, peerEnv),
    isBaseline: !autocast,
    ...(autocast && lacksBfloat16() && { unavailable: "no instructions for bfloat16" }),
  });
  return [
    own("xla float32", "float32"),
    own("xla bfloat16", "bfloat16"),
    own("graph float32", "float32", "graph"),
    own("graph bfloat16", "bfloat16", "graph"),
    own("xla float16, emulated", "float16"),
    other("eager float32", false),
    other("autocast bfloat16", true),
  ];
}
