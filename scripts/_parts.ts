/**
 * The parts of a test run: each is a Deno process that writes a report.
 *
 * @module
 */
import { type BackendName, type Presence, presentBackends } from "lib/backend/mod.ts";
import { onSignal, quote, systemOf } from "lib/core/mod.ts";
import { countConformance, countJunit, type Counts, judge, type Result } from "./_results.ts";

const ROOT = new URL("..", import.meta.url);

/**
 * The tests of numbers, which every backend must pass: tests/numbers says what they compare with.
 */
export const NUMERIC_TESTS: readonly string[] = [
  "tests/numbers",
  "tests/model/golden_test.ts",
  "tests/optimizer/golden_test.ts",
];

/** A part of the test run. */
export interface Part {
  readonly name: string;
  /** Additional environment variables. */
  readonly env?: Readonly<Record<string, string>>;
  /** Deno's arguments, given the path for the report. */
  readonly args: (report: string) => string[];
  /** Reads the report; a part without reports is one test, which passes if the exit code is 0. */
  readonly count?: (report: string) => Counts;
}

/** Checks the types of all files, and of the examples in them. */
const TYPES: Part = { name: "types", args: () => ["check", "--doc", "--frozen", "--quiet"] };

/** What a change must pass besides the tests and {@linkcode TYPES}. */
export const STYLE_CHECKS: readonly Part[] = [
  { name: "format", args: () => ["fmt", "--check"] },
  { name: "lint", args: () => ["lint"] },
  { name: "doc comments", args: () => ["run", "-A", "--frozen", "scripts/_doc_lint.ts"] },
];

/**
 * The types, and all tests except the slow ones. The numeric tests run on each backend that is
 * present; for the others, the reason is printed.
 */
export async function allParts(): Promise<Part[]> {
  const backends = await presentBackends(), present = backends.filter(isPresent);
  for (const { name, problem } of backends) {
    if (problem !== null) console.log(`No numeric tests on ${name}: ${problem}`);
  }
  // The first backend is the one that the tests of the rooms run on.
  const numeric = present.slice(1).map(({ name }) => numericTests(name, ["--no-check"]));
  return [TYPES, ...longFirst([...roomParts(), ...numeric]), ...conformance()];
}

/** Parts that take a minute or more, the longest first. */
const LONG_PARTS = [
  ...["tests/run", "tests/distributed", "numbers on webgpu", "tests/backend", "tests/course"],
  ...["tests/train", "tests/documentation", "tests/scripts"],
];

/** Puts the long parts first, so that none of them is left alone at the end. */
function longFirst(parts: readonly Part[]): Part[] {
  const place = ({ name }: Part) => {
    const index = LONG_PARTS.indexOf(name);
    return index < 0 ? LONG_PARTS.length : index;
  };
  return parts.toSorted((a, b) => place(a) - place(b));
}

/** Rooms whose tests want modules that no other file has used: a backend opens once, Stop lasts. */
const SEPARATE_ROOMS = ["backend", "notebook"];

/** A part for each folder of `tests/`; types are checked once, by {@linkcode TYPES}. */
function roomParts(): Part[] {
  const rooms = [...Deno.readDirSync(new URL("tests/", ROOT))]
    .map(({ name, isDirectory }) => ({
      name,
      files: isDirectory ? testFiles(`tests/${name}/`) : [],
    }))
    .filter(({ name, files }) => name !== "slow" && files.length > 0)
    .toSorted((a, b) => a.name < b.name ? -1 : 1);
  return rooms.map(({ name, files }) => {
    const all = files.map(({ href }) => href);
    return {
      name: `tests/${name}`,
      args: (report) => [
        ...["test", "-A", "--frozen", "--no-check", `--junit-path=${report}`],
        ...SEPARATE_ROOMS.includes(name) ? all : [inOneModule(all, `${report}_test.ts`)],
      ],
      count: countJunit,
    };
  });
}

/**
 * Writes a module that imports all test files of a room, and returns its path. Deno loads
 * TensorFlow.js anew for each module that it is told to test, which takes longer than most tests.
 */
function inOneModule(files: readonly string[], path: string): string {
  Deno.writeTextFileSync(path, files.map((file) => `import "${file}";\n`).join(""));
  return path;
}

/** The test files below a folder, in the order in which Deno would run them. */
function testFiles(folder: string): URL[] {
  return [...Deno.readDirSync(new URL(folder, ROOT))]
    .toSorted((a, b) => a.name < b.name ? -1 : 1)
    .flatMap(({ name, isDirectory }) => {
      if (isDirectory) return testFiles(`${folder}${name}/`);
      return name.endsWith("_test.ts") ? [new URL(folder + name, ROOT)] : [];
    });
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
 * Tells why the numeric tests cannot run on a backend.
 *
 * @returns The reason; null if they can.
 */
export async function whyNotOn(backend: string): Promise<string | null> {
  const backends = await presentBackends();
  const named = backends.find(({ name }) => name === backend);
  if (named !== undefined) return named.problem;
  const names = backends.map(({ name }) => name).join(", ");
  return `Cannot test a backend: expected one of ${names}, got ${quote(backend)}`;
}

/** TensorFlow.js's own tests, on each set of kernels that TensorFlow has for this CPU. */
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

/** The tests of `tests/`, or those that `args` names; the slow ones only if `args` names them. */
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

/** Runs parts one after the other; a failed part does not stop the next one. */
export function runParts(parts: readonly Part[]): Promise<Result[]> {
  return inReportsFolder(parts, async (part, report) => {
    console.log(`\n== ${part.name}`);
    return await runPart(part, report, runDeno);
  }, 1);
}

/**
 * Runs as many parts at a time as there are cores, at most four: each may take 2 GB. They share the
 * cores: more threads than these would only wait for each other. The output of a part is printed
 * when it has ended.
 */
export function runPartsAtOnce(parts: readonly Part[]): Promise<Result[]> {
  const cores = navigator.hardwareConcurrency, width = Math.min(4, cores);
  const shared = { TF_NUM_INTRAOP_THREADS: `${Math.floor(cores / width)}` };
  return inReportsFolder(parts, async (part, report) => {
    let said = "";
    const result = await runPart(part, report, async (args, own) => {
      const env = { ...shared, ...own };
      const { status, output } = await runDenoQuietly(args, env);
      said = output;
      return status;
    });
    console.log(`\n== ${part.name}: ${result.seconds.toFixed(0)} s\n${said.trimEnd()}`);
    return result;
  }, width);
}

/** Gives each part the path of its report; `width` of them run at a time. */
async function inReportsFolder(
  parts: readonly Part[],
  run: (part: Part, report: string) => Promise<Result>,
  width: number,
): Promise<Result[]> {
  const folder = Deno.makeTempDirSync({ prefix: "test-reports-" });
  // Not in a `finally`: a signal ends this process by Deno.exit().
  globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  const results: Result[] = [], waiting = [...parts.entries()];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [i, part] = next;
      results[i] = await run(part, `${folder}/${i}`);
    }
  };
  await Promise.all(Array.from({ length: width }, work));
  return results;
}

async function runPart(
  part: Part,
  report: string,
  start: (args: string[], env?: Part["env"]) => Promise<Deno.CommandStatus>,
): Promise<Result> {
  const begin = performance.now();
  const { code, signal } = await start(part.args(report), part.env);
  const seconds = (performance.now() - begin) / 1000, isGood = code === 0;
  const counts = part.count === undefined
    ? { passed: Number(isGood), failed: Number(!isGood), skipped: 0 }
    : readCounts(part.count, report);
  return judge(part.name, { code, signal, seconds, counts });
}

function readCounts(
  count: (report: string) => Counts,
  report: string,
): Counts | undefined {
  try {
    return count(Deno.readTextFileSync(report));
  } catch (error) {
    // A process that died leaves no report, or half of one; judge() counts that as a failure.
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * Runs Deno in the root with this process's streams; a signal that ends this process ends it first.
 */
export function runDeno(args: string[], env?: Part["env"]): Promise<Deno.CommandStatus> {
  return endedWithUs(command(args, "inherit", env).spawn());
}

/** Does the same, but keeps the output: both streams together, in the order of arrival. */
async function runDenoQuietly(args: string[], env?: Part["env"]) {
  const child = command(args, "piped", env).spawn(), pieces: string[] = [];
  const keep = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) => {
    for await (const piece of stream.pipeThrough(new TextDecoderStream())) pieces.push(piece);
  };
  const [status] = await Promise.all([endedWithUs(child), keep(child.stdout), keep(child.stderr)]);
  return { status, output: pieces.join("") };
}

function command(
  args: string[],
  output: "inherit" | "piped",
  env: Part["env"] = {},
): Deno.Command {
  const streams = { stdin: "null", stdout: output, stderr: output } as const;
  return new Deno.Command(Deno.execPath(), { args, env, cwd: ROOT, ...streams });
}

async function endedWithUs(child: Deno.ChildProcess): Promise<Deno.CommandStatus> {
  let exitCode: number | undefined;
  const { stopSignals, sendsSignals } = systemOf();
  const listeners = stopSignals.map(([signal, code]) =>
    onSignal(signal, () => {
      exitCode = code;
      if (sendsSignals) child.kill(signal); // otherwise the terminal has sent it to the child too
    })
  );
  const status = await child.status;
  for (const listener of listeners) listener[Symbol.dispose]();
  if (exitCode !== undefined) Deno.exit(exitCode);
  return status;
}
