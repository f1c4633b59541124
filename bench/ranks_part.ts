/**
 * Data-parallel steps, ours and PyTorch's: two processes with a core each.
 *
 * @module
 */
import { type Bench, type Contender, ours, peer } from "./bench.ts";
import { interleave, lossFact, type Timed } from "./interleave.ts";
import { medianOf, type Row, type Section } from "./report.ts";

/** Batches of all ranks together, and positions; the smaller ones show what a step costs without any. */
const SHAPES = [{ batchSize: 64, length: 32 }, { batchSize: 16, length: 32 }] as const;

/** Float32 numbers of an all-reduce: little, the gradient of a small layer, the model's, a larger one's. */
const SIZES = [1_000, 100_000, 2_400_000, 10_000_000] as const;

const RANKS = 2;

/** Times steps on one core, on two, and on two ranks of a core each, and the all-reduce alone. */
export async function ranksPart(bench: Bench): Promise<Section[]> {
  return [await stepSection(bench), await exchangeSection(bench)];
}

async function stepSection(bench: Bench): Promise<Section> {
  const rows: Row[] = [];
  for (const shape of bench.settings.isQuick ? SHAPES.slice(0, 1) : SHAPES) {
    const targets = shape.batchSize * shape.length;
    rows.push(
      ...await interleave(bench, contenders(bench, shape), {
        group: `${shape.batchSize} x ${shape.length}`,
        rounds: bench.settings.rounds,
        facts: (timed) => ({
          "tokens/s": (1000 * targets / medianOf({ samples: [...timed.ms] })).toFixed(0),
          ...exchangeFact(timed),
          ...lossFact(timed),
        }),
      }),
    );
  }
  return {
    part: "ranks",
    title: "one update by 1 core, by 2 threads, by 2 processes of 1 core; batch x positions",
    unit: "ms per step",
    better: "lower",
    rows,
    remarks: [
      "Ratios are to PyTorch's DistributedDataParallel (gloo) on two processes. Each process of one core",
      "is pinned to it. All-reduce: the share of a step's time, waiting for the other rank included.",
    ],
  };
}

type Shape = (typeof SHAPES)[number];

function contenders({ peerEnv }: Bench, shape: Shape): Contender[] {
  const own = (name: string, ranks: number, threads: number) =>
    onCores(ours("ranks", `ours, ${name}`, { ...shape, ranks, threads }), threads);
  const other = (name: string, ranks: number, threads: number): Contender => ({
    ...onCores(peer("ranks", `PyTorch, ${name}`, { ...shape, ranks, threads }, peerEnv), threads),
    isBaseline: ranks > 1,
  });
  return [
    own("1 core", 1, 1),
    own("2 threads", 1, 2),
    own("2 ranks", RANKS, 1),
    other("1 core", 1, 1),
    other("2 threads", 1, 2),
    other("2 ranks", RANKS, 1),
  ];
}

/** One thread alone is no core alone: the rest of a process would use the others. */
function onCores(contender: Contender, threads: number): Contender {
  if (threads > 1) return contender;
  return { ...contender, command: ["taskset", "-c", "0", ...contender.command] };
}

function exchangeFact({ ms, exchangeMs }: Timed): Record<string, string> {
  if (exchangeMs.length === 0) return {};
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  return { "all-reduce": `${(100 * sum(exchangeMs) / sum(ms)).toFixed(0)} %` };
}

async function exchangeSection(bench: Bench): Promise<Section> {
  const rows: Row[] = [];
  for (const size of bench.settings.isQuick ? SIZES.slice(2, 3) : SIZES) {
    const spec = { size, ranks: RANKS };
    rows.push(
      ...await interleave(
        bench,
        [ours("all_reduce", "ours, gRPC", spec), peer("all_reduce", "PyTorch, gloo", spec, {})]
          .map((contender) => onCores(contender, 1)),
        { group: `${4 * size} bytes`, rounds: bench.settings.rounds },
      ),
    );
  }
  return {
    part: "all-reduce",
    title: "a tensor added up over two processes of this machine",
    unit: "ms",
    better: "lower",
    rows,
    remarks: [
      "Over the loopback device; what a network costs is worked out from it, not measured.",
    ],
  };
}
