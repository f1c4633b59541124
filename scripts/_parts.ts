/**
 * The parts of a test run: each is a Deno process that leaves a report.
 *
 * @module
 */
import { onSignal, systemOf } from "lib/core/mod.ts";
import { countConformance, countJunit, type Counts, judge, type Result } from "./_results.ts";

const ROOT = new URL("..", import.meta.url);

/** A part of the test run. */
export interface Part {
  readonly name: string;
  /** Deno's arguments, given the path to leave the report at. */
  readonly args: (report: string) => string[];
  /** Reads the report. */
  readonly count: (report: string) => Counts;
}

/** All that `task test` runs. */
export function allParts(): Part[] {
  const documents = ["lib", "README.md", "ARCHITECTURE.md"].filter(exists);
  return [unitTests(), {
    name: "documentation",
    args: (
      report,
    ) => ["test", "--doc", "-A", "--frozen", "--parallel", `--junit-path=${report}`, ...documents],
    count: countJunit,
  }, ...conformance()];
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
  const { code, signal } = await runDeno(part.args(report));
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
export async function runDeno(args: string[]): Promise<Deno.CommandStatus> {
  const child = new Deno.Command(Deno.execPath(), { args, cwd: ROOT, stdin: "null" }).spawn();
  let exitCode: number | undefined;
  const { stopSignals, sendsSignals } = systemOf();
  const listeners = stopSignals.map(([signal, code]) =>
    onSignal(signal, () => {
      exitCode = code;
      if (sendsSignals) child.kill(signal); // else the terminal has told it too
    })
  );
  const status = await child.status;
  for (const listener of listeners) listener[Symbol.dispose]();
  if (exitCode !== undefined) Deno.exit(exitCode);
  return status;
}
