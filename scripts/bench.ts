/**
 * Times a training step against PyTorch's: `./denow task bench [--rounds N] [--modes off,graph,xla]`.
 *
 * Per batch shape all sides run in turns on this machine, so that what else it does meets all alike.
 * PyTorch lies in an environment of its own, made in `build/peer-venv` where it is missing. It runs
 * as it comes, and with OpenMP threads that sleep while they wait: where other work takes the cores,
 * its waiting threads otherwise keep them from each other (twenty times slower was seen). Ratios are
 * to the faster of the two. Figures to be quoted need an idle machine.
 *
 * @module
 */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { quantile } from "lib/core/mod.ts";

const SHAPES = [[64, 6], [64, 12], [64, 128]] as const;
const PACKAGES = ["torch==2.13.0", "numpy"];
const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PEER_PYTHON = `${ROOT}build/peer-venv/bin/python`;

/** Steps before the first one that counts: memory pools fill, programs are compiled. */
const WARM_UP_STEPS = 3;
/** About how long one side's turn takes. */
const TURN_MS = 1000;

interface Answer {
  readonly ms: readonly number[];
  readonly loss: number;
}

/** One side of the comparison: a process that takes steps when told to. */
class Side {
  readonly times: number[] = [];
  firstLoss = NaN;
  lastLoss = NaN;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #stepsPerTurn = 1;

  constructor(readonly name: string, command: readonly [string, ...string[]], env = {}) {
    const [program, ...args] = command;
    this.#child = spawn(program, args, { cwd: ROOT, env: { ...Deno.env.toObject(), ...env } });
    this.#child.stderr.on("data", (bytes) => Deno.stderr.writeSync(bytes));
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Waits until it is ready, and takes the steps that do not count; gives the versions. */
  async start(): Promise<string> {
    const { versions } = await this.#read<{ versions: string }>();
    this.firstLoss = (await this.#take(1)).loss;
    const { ms } = await this.#take(WARM_UP_STEPS);
    this.#stepsPerTurn = Math.ceil(TURN_MS / Math.min(...ms));
    return versions;
  }

  /** Takes one turn's steps. */
  async turn(): Promise<void> {
    const { ms, loss } = await this.#take(this.#stepsPerTurn);
    this.times.push(...ms);
    this.lastLoss = loss;
  }

  stop(): void {
    this.#child.stdin.end();
  }

  #take(steps: number): Promise<Answer> {
    this.#child.stdin.write(`${steps}\n`);
    return this.#read<Answer>();
  }

  async #read<T>(): Promise<T> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`Cannot time "${this.name}": it ended; its message stands above`);
    return JSON.parse(value) as T; // both programs write what their head comments say
  }
}

function print(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
}

function run(program: string, args: readonly string[]): void {
  const { success } = new Deno.Command(program, { args: [...args], stdout: "null" }).outputSync();
  if (!success) throw new Error(`Cannot set up PyTorch: expected \`${program} ${args.join(" ")}\``);
}

function setUpPeer(): void {
  const packages = PACKAGES.join(" "), stamp = `${ROOT}build/peer-venv/ready`;
  try {
    if (Deno.readTextFileSync(stamp) === packages) return;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  print(`Making build/peer-venv with ${packages}`);
  run("python3", ["-m", "venv", "--clear", `${ROOT}build/peer-venv`]);
  run(PEER_PYTHON, ["-m", "pip", "install", "--quiet", ...PACKAGES]);
  Deno.writeTextFileSync(stamp, packages); // last, so that half an installation is made anew
}

function startSides(batchSize: number, length: number, modes: readonly string[]): Side[] {
  const spec = { batchSize, length };
  const peer = [PEER_PYTHON, "bench/peer.py", JSON.stringify(spec)] as const;
  const ours = modes.map((mode) => {
    const argument = JSON.stringify({ ...spec, mode });
    return new Side(`ours, ${mode}`, [Deno.execPath(), "run", "-A", "bench/step.ts", argument]);
  });
  const passive = { OMP_WAIT_POLICY: "PASSIVE" };
  return [new Side("PyTorch", peer), new Side("PyTorch, passive", peer, passive), ...ours];
}

function report(sides: readonly Side[], tokens: number): void {
  const peers = sides.filter(({ name }) => name.startsWith("PyTorch"));
  const peer = Math.min(...peers.map(({ times }) => quantile(times, 0.5)));
  for (const { name, times, firstLoss, lastLoss } of sides) {
    const median = quantile(times, 0.5);
    const columns = [
      median.toFixed(1),
      Math.min(...times).toFixed(1),
      (median / peer).toFixed(2),
      (tokens / median * 1000).toFixed(0),
      String(times.length),
      `${firstLoss.toFixed(2)} -> ${lastLoss.toFixed(2)}`,
    ];
    print(`  ${name.padEnd(17)}${columns.map((column) => column.padStart(9)).join(" ")}`);
  }
}

const { values: flags } = parseArgs({
  options: {
    rounds: { type: "string", default: "8" },
    modes: { type: "string", default: "off,graph,xla" },
  },
});
setUpPeer();
print(`load ${Deno.loadavg()[0]?.toFixed(1)} on ${navigator.hardwareConcurrency} cores`);
for (const [index, [batchSize, length]] of SHAPES.entries()) {
  const sides = startSides(batchSize, length, flags.modes.split(","));
  const versions = new Set<string>();
  for (const side of sides) versions.add(await side.start()); // one by one: they share the cores
  if (index === 0) print([...versions].join("; "));
  for (let round = 0; round < Number(flags.rounds); round++) {
    for (const side of sides) await side.turn();
  }
  print(`${batchSize} x ${length}: ms median, min, ratio to PyTorch, tokens/s, steps, loss`);
  report(sides, batchSize * length);
  for (const side of sides) side.stop();
}
