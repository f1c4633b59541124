/**
 * The training step in every mode, ours and PyTorch's.
 *
 * @module
 */
import { type Bench, type Contender, modeSpec, ours, peer } from "./bench.ts";
import { interleave, lossFact, type Timed } from "./interleave.ts";
import { lacksBfloat16 } from "lib/backend/mod.ts";
import { bfloat16Remarks } from "./machine.ts";
import { missingCompiler } from "./peer_environment.ts";
import type { Row, Section } from "./report.ts";

/** A step's size. */
export interface StepShape {
  readonly batchSize: number;
  readonly length: number;
  readonly layers: number;
}

/** The course's own first; its sentences have 6 positions. */
const SHAPES: readonly StepShape[] = [[64, 6], [64, 12], [32, 12], [64, 128]]
  .map(([batchSize = 0, length = 0]) => ({ batchSize, length, layers: 4 }));
const QUICK_SHAPES = SHAPES.slice(1, 2);

/** Makes a shape's name. */
export function shapeName({ batchSize, length }: StepShape): string {
  return `${batchSize} x ${length}`;
}

/** Times a step of each shape. */
export async function stepPart(bench: Bench): Promise<Section[]> {
  const rows: Row[] = [];
  for (const shape of bench.settings.isQuick ? QUICK_SHAPES : SHAPES) {
    const targets = shape.batchSize * shape.length;
    rows.push(
      ...await interleave(bench, stepContenders(bench, shape), {
        group: shapeName(shape),
        rounds: bench.settings.rounds,
        facts: (timed) => ({ "tokens/s": tokensPerSecond(timed, targets), ...lossFact(timed) }),
      }),
    );
  }
  return [{
    part: "step",
    title: "one update of the course's model, batch x positions",
    unit: "ms per step",
    better: "lower",
    rows,
    remarks: [
      "Ratios are to the faster of the two eager PyTorch rows. All optimizers are fused AdamW.",
      "Passive: OpenMP threads that sleep while they wait. Where other work takes the cores, threads",
      "that spin keep them from each other. The other PyTorch rows wait as was faster before the bench.",
      ...bfloat16Remarks(),
    ],
  }];
}

/** Our step, compiled by XLA: what a run does by default. */
export function ourStep(shape: StepShape): Contender {
  return ours("step", "ours, xla", { ...shape, ...modeSpec("xla") });
}

/** Eager PyTorch's step. */
export function eagerStep(shape: StepShape, env: Readonly<Record<string, string>>): Contender {
  return peer("step", "PyTorch eager", { ...shape, compile: "none", autocast: false }, env);
}

/** How PyTorch's step may be carried out. */
interface Variant {
  readonly compile: "none" | "model" | "loss";
  readonly autocast: boolean;
}

function obstacle({ compile, autocast }: Variant): string | undefined {
  if (autocast && lacksBfloat16()) return "no instructions for bfloat16";
  return compile === "none" ? undefined : missingCompiler();
}

function stepContenders({ settings, peerEnv }: Bench, shape: StepShape): Contender[] {
  const variant = (name: string, spec: Variant): Contender => {
    const unavailable = obstacle(spec);
    return {
      ...peer("step", `PyTorch ${name}`, { ...shape, ...spec }, peerEnv),
      isBaseline: false,
      ...(unavailable !== undefined && { unavailable }),
    };
  };
  return [
    ...settings.modes.map((mode) => ours("step", `ours, ${mode}`, { ...shape, ...modeSpec(mode) })),
    eagerStep(shape, {}),
    { ...eagerStep(shape, PASSIVE), name: "PyTorch eager, passive" },
    variant("autocast", { compile: "none", autocast: true }),
    variant("compile", { compile: "model", autocast: false }),
    variant("compile + autocast", { compile: "model", autocast: true }),
    ...settings.isQuick ? [] : [
      variant("compile with loss", { compile: "loss", autocast: false }),
      variant("compile with loss + autocast", { compile: "loss", autocast: true }),
    ],
  ];
}

/** OpenMP threads that sleep while they wait. */
const PASSIVE = { OMP_WAIT_POLICY: "PASSIVE" } as const;

/** Finds out how PyTorch's threads had better wait on this machine as it is now. */
export async function chooseWaitPolicy(bench: Bench): Promise<Record<string, string>> {
  const shape = { batchSize: 64, length: 12, layers: 4 };
  const contenders = [eagerStep(shape, {}), eagerStep(shape, PASSIVE)];
  const [asItComes, passive] = await interleave(bench, contenders, {
    group: "how PyTorch's threads wait",
    rounds: 2,
  });
  const total = (row: Row | undefined) => Math.min(...row?.samples ?? []);
  return total(passive) < total(asItComes) ? PASSIVE : {};
}

function tokensPerSecond({ ms }: Timed, targets: number): string {
  return (1000 * targets * ms.length / ms.reduce((sum, one) => sum + one, 0)).toFixed(0);
}
