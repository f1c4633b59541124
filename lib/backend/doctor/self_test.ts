import * as tf from "@tensorflow/tfjs";
import type { BackendName } from "../open_backend.ts";
import { compiledNetwork, SELF_TEST_CASES, type SelfTestCase } from "./self_test_cases.ts";

/** What the self-test found about one family of operations. */
export interface FamilyResult {
  /** The family, such as `matrix products`. */
  readonly family: string;
  /** How many cases were computed. */
  readonly cases: number;
  /** The largest difference from a golden value, relative to it, or absolute if it is below 1. */
  readonly worst: number;
  /** One line per case that is wrong. */
  readonly failures: readonly string[];
  /** Cases whose operation this backend does not have; none on TensorFlow. */
  readonly absent: readonly string[];
}

type Numbers = number | readonly number[];

/** Golden values by family and case. */
type GoldenValues = Readonly<Record<string, Readonly<Record<string, Numbers>>>>;

/**
 * How far a number may be from its golden value, which was computed in float64: float32 has 7
 * digits, and sums and functions lose one or two of them. Functions of a graphics shader may lose
 * three more.
 */
const TOLERANCE: Readonly<Record<BackendName, number>> = {
  tensorflow: 1e-5,
  wasm: 1e-5,
  cpu: 1e-5,
  webgpu: 1e-3,
};

/** The tolerance for products of 11 bits, if TF32 is allowed. */
const TF32_TOLERANCE = 5e-3;

/** Families that must match exactly: their values are whole numbers, or bits. */
const EXACT = new Set(["random numbers", "casts", "gather and scatter"]);

/** Families with matrix products, which TF32 would round. */
const WITH_PRODUCTS = new Set(["matrix products", "gradients", "compiled"]);

/** Options of {@linkcode runSelfTest}. */
export interface SelfTestOptions {
  /** The backend in use. */
  readonly backend: BackendName;
  /** Whether products of float32 may be rounded to TF32; default false. */
  readonly allowsTf32?: boolean;
}

/**
 * Computes about eighty small results on the backend in use and compares them with golden values:
 * those of PyTorch in float64, and for random numbers those of the paper.
 * `tests/golden/make_self_test.py` makes them.
 *
 * @param options The backend in use.
 * @returns One result per family; a wrong or failing kernel is a line in its `failures`.
 *
 * @example
 * ```ts
 * import { useBackend } from "lib/backend/mod.ts";
 * import { runSelfTest } from "lib/backend/doctor/self_test.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const { name } = await useBackend();
 * assertEquals(runSelfTest({ backend: name }).flatMap(({ failures }) => failures), []);
 * ```
 */
export function runSelfTest({ backend, allowsTf32 = false }: SelfTestOptions): FamilyResult[] {
  const golden = readGolden();
  const families = Object.entries(SELF_TEST_CASES).map(([family, cases]) => ({
    family,
    cases: Object.entries(cases).map(([name, compute]) => ({
      name,
      compute,
      expected: golden[family]?.[name] ?? [],
    })),
  }));
  if (backend === "tensorflow") families.push({ family: "compiled", cases: compiledCases(golden) });
  return families.map(({ family, cases }) => {
    const isCut = allowsTf32 && WITH_PRODUCTS.has(family);
    const tolerance = EXACT.has(family) ? 0 : isCut ? TF32_TOLERANCE : TOLERANCE[backend];
    return judgeFamily(family, cases.map((one) => tryCase(one, tolerance, backend)));
  });
}

/** The compiled form of the network that also runs op by op; both have the same golden values. */
function compiledCases(golden: GoldenValues): Case[] {
  const expected = golden["gradients"]?.["of a network"] ?? [];
  return (["xla", "graph"] as const).map((mode) => ({
    name: `network by ${mode}`,
    compute: () => compiledNetwork(mode),
    expected,
  }));
}

interface Case {
  readonly name: string;
  readonly compute: SelfTestCase;
  readonly expected: Numbers;
}

/** The result of a case: a difference, a failure, or a missing operation. */
interface Outcome {
  readonly worst: number;
  readonly failure?: string;
  readonly absent?: string;
}

function judgeFamily(family: string, outcomes: readonly Outcome[]): FamilyResult {
  return {
    family,
    cases: outcomes.filter(({ absent }) => absent === undefined).length,
    worst: outcomes.reduce((most, { worst }) => Math.max(most, worst), 0), // a NaN stays NaN
    failures: outcomes.flatMap(({ failure }) => failure ?? []),
    absent: outcomes.flatMap(({ absent }) => absent ?? []),
  };
}

function tryCase({ name, compute, expected }: Case, tolerance: number, on: BackendName): Outcome {
  try {
    const numbers = tf.tidy(() => [compute()].flat().flatMap((one) => [...one.dataSync()]));
    return compareNumbers(name, numbers, { expected: [expected].flat(), tolerance });
  } catch (error) {
    const message = error instanceof Error ? error.message.split("\n")[0] ?? "" : String(error);
    const isAbsent = on !== "tensorflow" && /^Kernel '\w+' not registered/.test(message);
    return isAbsent ? { worst: 0, absent: name } : { worst: NaN, failure: `${name}: ${message}` };
  }
}

function compareNumbers(
  name: string,
  numbers: readonly number[],
  { expected, tolerance }: { expected: readonly number[]; tolerance: number },
): Outcome {
  if (numbers.length !== expected.length) {
    return {
      worst: NaN,
      failure: `${name}: expected ${expected.length} numbers, got ${numbers.length}`,
    };
  }
  let worst = 0, place = 0;
  numbers.forEach((number, i) => {
    const value = expected[i] ?? NaN;
    const difference = Math.abs(number - value) / Math.max(1, Math.abs(value));
    if (difference <= worst || Number.isNaN(worst)) return; // the first NaN stays
    worst = difference;
    place = i;
  });
  if (worst <= tolerance) return { worst };
  return { worst, failure: `${name}: expected ${expected[place]}, got ${numbers[place]}` };
}

function readGolden(): GoldenValues {
  const text = Deno.readTextFileSync(new URL("golden_values.json", import.meta.url));
  const { torch: _version, ...families } = JSON.parse(text);
  return families as GoldenValues; // what make_self_test.py writes
}
