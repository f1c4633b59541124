/**
 * What a side costs as a process: memory and start-up.
 *
 * @module
 */
import { type Bench, type Contender, float32Modes, modeSpec, ours } from "./bench.ts";
import type { Row, Section } from "./report.ts";
import { type Memory, Side } from "./side.ts";
import { eagerStep, shapeName } from "./step_part.ts";

const SHAPE = { batchSize: 64, length: 12, layers: 4 };

/** Steps after which memory is read, and steps a turn. */
const EARLY = 50, LATE = 500, QUICK_LATE = 100, STEPS_A_TURN = 50;

/** Reads the memory of processes that train. */
export async function memoryPart(bench: Bench): Promise<Section[]> {
  const contenders = contendersOf(bench), late = bench.settings.isQuick ? QUICK_LATE : LATE;
  await using stack = new AsyncDisposableStack();
  const sides: Side[] = [];
  for (const contender of contenders) sides.push(stack.use(await Side.start(contender)));
  const early: Memory[] = [], last: Memory[] = [];
  for (let step = 0; step < late; step += STEPS_A_TURN) {
    bench.say(`memory: step ${step} of ${late}`);
    for (const side of sides) {
      await side.take(STEPS_A_TURN);
      if (step + STEPS_A_TURN === EARLY) early.push(side.memory());
      if (step + STEPS_A_TURN === late) last.push(side.memory());
    }
  }
  const rowsOf = (group: string, value: (i: number) => number | undefined) =>
    contenders.map(({ name, isBaseline = false }, i): Row => {
      const grown = (last[i]?.resident ?? NaN) / (early[i]?.resident ?? NaN) - 1;
      const facts = group === `after ${late} steps`
        ? { growth: `${(100 * grown).toFixed(1)} %` }
        : {};
      return { group, name, isBaseline, samples: [value(i) ?? NaN], facts };
    });
  return [{
    part: "memory",
    title: `resident memory of a process that trains at ${shapeName(SHAPE)}`,
    unit: "MB",
    better: "lower",
    rows: [
      ...rowsOf(`after ${EARLY} steps`, (i) => early[i]?.resident),
      ...rowsOf(`after ${late} steps`, (i) => last[i]?.resident),
      ...rowsOf(`of it without files, after ${late} steps`, (i) => last[i]?.own),
      ...rowsOf("the most at any time", (i) => last[i]?.peak),
    ],
    remarks: [
      "Pages of files are mostly the library's: processes share them, and the system may drop them.",
    ],
  }];
}

const STARTS = 5, QUICK_STARTS = 2;

/** Times processes from their start to the end of their first step; one start before is not counted. */
export async function startPart(bench: Bench): Promise<Section[]> {
  const contenders = contendersOf(bench), starts = bench.settings.isQuick ? QUICK_STARTS : STARTS;
  const samples = contenders.map((): number[] => []);
  for (let round = 0; round <= starts; round++) {
    bench.say(`start: ${round} of ${starts}`);
    for (const [i, contender] of contenders.entries()) {
      const began = performance.now();
      await using side = await Side.start(contender);
      await side.take(1);
      // The first time fills the caches of files.
      if (round > 0) samples[i]?.push((performance.now() - began) / 1000);
    }
  }
  return [{
    part: "start",
    title: `process start to the end of the first step at ${shapeName(SHAPE)}, files cached`,
    unit: "s",
    better: "lower",
    rows: contenders.map(({ name, isBaseline = false }, i) => (
      { group: "", name, isBaseline, samples: samples[i] ?? [], facts: {} }
    )),
    remarks: [],
  }];
}

function contendersOf(bench: Bench): Contender[] {
  return [
    ...float32Modes(bench).map((mode) =>
      ours("step", `ours, ${mode}`, { ...SHAPE, ...modeSpec(mode) })
    ),
    eagerStep(SHAPE, bench.peerEnv),
  ];
}
