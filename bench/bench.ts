/**
 * What the parts of a bench share: its settings, and the sides that they compare.
 *
 * @module
 */
import { PEER_ENV, PEER_PYTHON, ROOT } from "./peer_environment.ts";
import type { BenchSettings, ModeName } from "./settings.ts";
import type { SideSpec } from "./side.ts";

/** A bench run under way. */
export interface Bench {
  readonly settings: BenchSettings;
  /** About how long one side's turn takes. */
  readonly turnMs: number;
  /** How PyTorch's threads wait, chosen by measurement: `chooseWaitPolicy()`. */
  readonly peerEnv: Readonly<Record<string, string>>;
  /** What all sides say of their versions. */
  readonly versions: Set<string>;
  /** Tells a person how far the bench is. */
  readonly say: (line: string) => void;
}

/** A side that enters a comparison. */
export interface Contender extends SideSpec {
  /** Whether others are compared with it. */
  readonly isBaseline?: boolean;
  /** Why it cannot be started, where that is known beforehand. */
  readonly unavailable?: string;
}

/** Ours: a program of `bench/ours` with its settings. */
export function ours(program: string, name: string, spec: object): Contender {
  const path = `${ROOT}bench/ours/${program}.ts`;
  return {
    name,
    command: [Deno.execPath(), "run", "-A", path, JSON.stringify(spec)],
  };
}

/** PyTorch: a program of `bench/peer` with its settings. */
export function peer(
  program: string,
  name: string,
  spec: object,
  env: Readonly<Record<string, string>>,
): Contender {
  const path = `${ROOT}bench/peer/${program}.py`;
  return {
    name,
    command: [PEER_PYTHON, path, JSON.stringify(spec)],
    env: { ...PEER_ENV, ...env },
    isBaseline: true,
  };
}

/** A mode as our programs take it. */
export function modeSpec(mode: ModeName): { mode: string; precision: string } {
  const [name = "", precision = "float32"] = mode.split("-");
  return { mode: name, precision };
}

/** The modes in float32, of those asked for. */
export function float32Modes({ settings }: Bench): ModeName[] {
  return settings.modes.filter((mode) => !mode.endsWith("bfloat16"));
}
