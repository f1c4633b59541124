/**
 * The same step on the backends that TensorFlow.js brings itself.
 *
 * @module
 */
import { type Bench, modeSpec, ours } from "./bench.ts";
import { interleave, lossFact } from "./interleave.ts";
import type { Row, Section } from "./report.ts";
import { Side } from "./side.ts";
import { eagerStep, ourStep, shapeName, type StepShape } from "./step_part.ts";

const SHAPE: StepShape = { batchSize: 64, length: 12, layers: 4 };
const SMALL: StepShape = { ...SHAPE, batchSize: 8 };

/** A step that takes longer is timed with an eighth of the sentences. */
const LONGEST_MS = 20_000;

/** Turns: a step here is long, and these two sides are far from anything else. */
const ROUNDS = 3, QUICK_ROUNDS = 1;

/** Times WebAssembly and plain JavaScript. */
export async function stockPart(bench: Bench): Promise<Section[]> {
  const rounds = bench.settings.isQuick ? QUICK_ROUNDS : ROUNDS;
  const rows: Row[] = [];
  const estimate = 8 * await smallStepMs(bench);
  const isLong = estimate > LONGEST_MS || bench.settings.isQuick;
  const byShape: [StepShape, string[]][] = isLong
    ? [[SHAPE, ["wasm"]], [SMALL, ["cpu"]]]
    : [[SHAPE, ["wasm", "cpu"]]];
  for (const [shape, backends] of byShape) {
    const contenders = [
      ...backends.map((backend) =>
        ours("step", STOCK_NAMES[backend] ?? backend, { ...shape, backend, ...modeSpec("off") })
      ),
      ourStep(shape),
      eagerStep(shape, bench.peerEnv),
    ];
    const group = shapeName(shape);
    rows.push(
      ...await interleave(bench, contenders, { group, rounds, warmUp: 1, facts: lossFact }),
    );
  }
  return [{
    part: "stock",
    title: "the step on TensorFlow.js's own backends, batch x positions",
    unit: "ms per step",
    better: "lower",
    rows,
    remarks: isLong
      ? [
        `Plain JavaScript would take about ${(estimate / 1000).toFixed(0)} s a step at ` +
        `${shapeName(SHAPE)}: timed at ${shapeName(SMALL)}.`,
      ]
      : [],
  }];
}

const STOCK_NAMES: Readonly<Record<string, string>> = {
  wasm: "TensorFlow.js, WebAssembly",
  cpu: "TensorFlow.js, plain JavaScript",
};

async function smallStepMs(bench: Bench): Promise<number> {
  const spec = { ...SMALL, backend: "cpu", ...modeSpec("off") };
  bench.say("stock: how long plain JavaScript takes");
  await using side = await Side.start(ours("step", STOCK_NAMES.cpu ?? "", spec));
  const { ms } = await side.take(2);
  return Math.min(...ms);
}
