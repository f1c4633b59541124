/**
 * Matrix products alone, and from them the time below which no step can come.
 *
 * @module
 */
import { type Bench, type Contender, ours, peer } from "./bench.ts";
import { interleave } from "./interleave.ts";
import { bfloat16Remarks } from "./machine.ts";
import type { Row, Section } from "./report.ts";

/** The products of the model: 64 x 12 rows by the widths of its weights; the last is a gradient's. */
const PRODUCTS = [
  [1024, 1024, 1024],
  [768, 256, 768],
  [768, 256, 256],
  [768, 256, 512],
  [768, 512, 256],
  [768, 256, 1000],
  [256, 768, 768],
] as const;

/** Work between two looks at the clock, in multiplications and additions: some milliseconds. */
const FLOP_A_UNIT = 4e9;

/** Times matrix products. */
export async function peakPart(bench: Bench): Promise<Section[]> {
  const rows: Row[] = [];
  for (const [m, k, n] of bench.settings.isQuick ? PRODUCTS.slice(0, 2) : PRODUCTS) {
    const flop = 2 * m * k * n, products = Math.ceil(FLOP_A_UNIT / flop);
    const contenders = productContenders(bench, { rows: m, inner: k, columns: n, products });
    const timed = await interleave(bench, contenders, {
      group: `[${m}, ${k}] x [${k}, ${n}]`,
      rounds: bench.settings.rounds,
      turnMs: bench.turnMs / 4,
    });
    rows.push(...timed.map((row) => ({
      ...row,
      samples: row.samples.map((ms) => products * flop / (ms * 1e6)),
    })));
  }
  return [{
    part: "peak",
    title: "matrix products alone",
    unit: "GFLOP/s",
    better: "higher",
    rows,
    remarks: [
      "Ours in bfloat16 includes the casts from float32 and back, as in a step.",
      ...bfloat16Remarks(),
    ],
  }];
}

function productContenders({ peerEnv }: Bench, size: object): Contender[] {
  const own = (mode: string, precision: string) =>
    ours("matmul", `TensorFlow ${mode}, ${precision}`, { ...size, mode, precision });
  const other = (precision: string) =>
    peer("matmul", `PyTorch, ${precision}`, { ...size, precision }, peerEnv);
  return [
    own("graph", "float32"),
    own("xla", "float32"),
    other("float32"),
    own("graph", "bfloat16"),
    own("xla", "bfloat16"),
    { ...other("bfloat16"), isBaseline: false },
  ];
}
