/**
 * The parts of a test run: each is a Deno process that leaves a report.
 *
 * @module
 */
import { type BackendName, type Presence, presentBackends } from "lib/backend/mod.ts";
import { quote } from "lib/core/mod.ts";
import { countConformance, countJunit, type Counts, judge, type Result } from "./_results.ts";

const ROOT = new URL("..", import.meta.url);

/** The tests of numbers, which every backend has to pass: tests/numbers says what they are held against. */
export const NUMERIC_TESTS: readonly string[] = [
  "tests/numbers",
  "tests/model/golden_test.ts",
  "tests/optimizer/golden_test.ts",
];

/** A part of the test run. */
export interface Part {
  readonly name: string;
  /** What is added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Deno's arguments, given the path to leave the report at. */
  readonly args: (report: string) => string[];
  /** Reads the report. */
  readonly count: (report: string) => Counts;
}

/**
 * All that `task test` runs. The numeric tests run on each backend that is present; of the others it is
 * said why they do not.
 */
export async function allParts(): Promise<Part[]> {
  const backends = await presentBackends(), present = backends.filter(isPresent);
  for (const { name, problem } of backends) {
    if (problem !== null) console.log(`No numeric tests on ${name}: ${problem}`);
  }
  const documents = ["lib", "README.md", "ARCHITECTURE.md"].filter(exists);
  // The unit tests run on the first of them.
  const numeric = present.slice(1).map(({ name }) => numericTests(name));
  return [unitTests(), ...numeric, {
    name: "documentation",
    args: (
      report,
    ) => ["test", "--doc", "-A", "--frozen", "--parallel", `--junit-path=${report}`, ...documents],
    count: countJunit,
  }, ...conformance()];
}

function isPresent({ problem }: Presence): boolean {
  return problem === null;
}

/** The numeric tests on one backend; `args` are flags of `deno test`. */
export function numericTests(backend: BackendName, args: readonly string[] = []): Part {
  return {
    name: `numbers on ${backend}`,
    env: { TESTED_BACKEND: backend },
    args: (report) => [
      ...["test", "-A", "--frozen", `--junit-path=${report}`, ...args],
      ...NUMERIC_TESTS,
    ],
    count: countJunit,
  };
}

/**
 * Tells why the numeric tests cannot run on what was named.
 *
 * @returns What to tell; null if they can.
 */
export async function whyNotOn(backend: string): Promise<string | null> {
  const backends = await presentBackends();
  const named = backends.find(({ name }) => name === backend);
  if (named !== undefined) return named.problem;
  const names = backends.map(({ name }) => name).join(", ");
  return `Cannot test a backend: expected one of ${names}, got ${quote(backend)}`;
}

/** TensorFlow.js's own tests, on each set of kernels that TensorFlow has for this processor. */
function conformance(): Part[] {
  const script = ["run", "-A", "--frozen", "scripts/conformance.ts"];
  const plain = {
    name: "conformance",
    args: (report: string) => [...script, "--json", report],
    count: countConformance,
  };
  if (Deno.build.arch !== "x86_64" || Deno.build.os !== "linux") return [plain];
  return [plain, {
    ...plain,
    name: "conformance, oneDNN",
    args: (report) => [...script, "--onednn", "--json", report],
  }];
}

/** The tests of `tests/`, or those that `args` names; the slow ones only where these name them. */
export function unitTests(args: readonly string[] = []): Part {
  const paths = args.filter((arg) => !arg.startsWith("-") && exists(arg));
  const ignore = paths.some((path) => path.includes("tests/slow")) ? [] : ["--ignore=tests/slow"];
  const rest = [...ignore, ...args, ...(paths.length === 0 ? ["tests"] : [])];
  return {
    name: "unit tests",
    args: (report) => ["test", "-A", "--frozen", `--junit-path=${report}`, ...rest],
    count: countJunit,
  };
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(new URL(path, ROOT)) !== undefined;
  } catch {
    return false;
  }
}

/** Runs parts one after the other, each to its end, whatever became of the one before. */
export async function runParts(parts: readonly Part[]): Promise<Result[]> {
  const folder = Deno.makeTempDirSync({ prefix: "test-reports-" });
  // Not in a `finally`: a signal ends this process by Deno.exit().
  globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  const results: Result[] = [];
  for (const [i, part] of parts.entries()) {
    console.log(`\n== ${part.name}`);
    results.push(await runPart(part, `${folder}/${i}`));
  }
  return results;
}

async function runPart(part: Part, report: string): Promise<Result> {
  const start = performance.now();
  const { code, signal } = await runDeno(part.args(report), part.env);
  const seconds = (performance.now() - start) / 1000;
  return judge(part.name, { code, signal, seconds, counts: readCounts(part, report) });
}

function readCounts(part: Part, report: string): Counts | undefined {
  try {
    return part.count(Deno.readTextFileSync(report));
  } catch (error) {
    // A process that died leaves no report, or half of one: the judge makes a failure of it.
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Runs Deno in the root with this process's streams; a signal that ends us ends it first. */
export async function runDeno(
  args: string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Deno.CommandStatus> {
  const child = new Deno.Command(Deno.execPath(), { args, env, cwd: ROOT, stdin: "null" }).spawn();
  let exitCode: number | undefined;
  const stops = ([["SIGINT", 130], ["SIGTERM", 143]] as const).map(([signal, code]) => {
    const listener = () => {
      exitCode = code;
      child.kill(signal);
    };
    Deno.addSignalListener(signal, listener);
    return () => Deno.removeSignalListener(signal, listener);
  });
  const status = await child.status;
  stops.forEach((stop) => stop());
  if (exitCode !== undefined) Deno.exit(exitCode);
  return status;
}
