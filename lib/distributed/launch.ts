import { ConfigError, isProcessAlive, onSignal, type System, systemOf } from "lib/core/mod.ts";
import { formatClusterSpec } from "./cluster_spec.ts";
import { freeAddresses } from "./free_addresses.ts";

/** How long the others may report their errors after one rank has failed, in milliseconds. */
const GRACE_MS = 3000;

/** How long ranks may take to end after they are asked to, in milliseconds. */
const END_MS = 5000;

/** The environment variable that tells a rank its launcher. */
const LAUNCHER = "TRAIN_LAUNCHER_PID";

/** What {@linkcode launchRanks} is to start. */
export interface LaunchOptions {
  /** How many ranks. */
  readonly ranks: number;
  /** The program, a path or a file URL; `TF_CONFIG` tells it its rank. */
  readonly program: string | URL;
  /** Its command line, the same for all ranks. */
  readonly args: readonly string[];
  /** Called with each line that the user should see. */
  readonly onNotice?: (line: string) => void;
  /** Where rank 0's output goes; default `inherit`. The other ranks' output goes to `onNotice`. */
  readonly output?: "inherit" | "null";
}

/** A running rank. */
interface Rank {
  readonly rank: number;
  readonly child: Deno.ChildProcess;
}

/**
 * Starts the ranks of a data-parallel run on this machine and waits until all have ended.
 *
 * When one rank fails, all end: the others have 3 s to report their errors, then get SIGTERM, and 5
 * s later SIGKILL. A signal that asks this process to stop is passed on. If this process is killed,
 * the ranks stop by themselves ({@linkcode endWithLauncher}).
 *
 * @param options What to start, and how many times.
 * @returns The exit code: 0, that of the first rank that failed, or 128 plus a signal's number.
 * @throws {ConfigError} If there are GPUs, but fewer than ranks.
 */
export async function launchRanks(options: LaunchOptions): Promise<number> {
  const { ranks, onNotice = () => {} } = options;
  const devices = gpusOfRanks(ranks, options.args), addresses = freeAddresses(ranks);
  const children = addresses.map((_, rank): Rank => {
    const spec = { addresses, rank }, device = devices?.[rank];
    const child = start(options, rank, { TF_CONFIG: formatClusterSpec(spec), ...device });
    return { rank, child };
  });
  const pids = children.map(({ rank, child }) => `${rank} is process ${child.pid}`);
  onNotice(`Ranks   ${pids.join(", ")}`);
  return await watch(children, onNotice);
}

async function watch(ranks: readonly Rank[], onNotice: (line: string) => void): Promise<number> {
  const live = new Set(ranks), timers: ReturnType<typeof setTimeout>[] = [];
  const signalAll = (signal: Deno.Signal) => live.forEach((rank) => send(rank, signal));
  let exitCode = 0, stopCode = 0;
  const endAll = () => {
    timers.push(setTimeout(() => signalAll("SIGTERM"), GRACE_MS));
    timers.push(setTimeout(() => signalAll("SIGKILL"), GRACE_MS + END_MS));
  };
  const { stopSignals, sendsSignals } = systemOf();
  const listeners = stopSignals.map(([signal, code]) =>
    onSignal(signal, () => {
      stopCode ||= code;
      if (sendsSignals) signalAll(signal); // otherwise the terminal has sent it to them too
    })
  );
  try {
    await Promise.all(ranks.map(async (one) => {
      const told = one.rank === 0 ? [] : relay(one, onNotice);
      const { success, code, signal } = await one.child.status;
      await Promise.all(told); // first what the rank says, then what is said about it
      live.delete(one);
      if (success || exitCode !== 0) return;
      exitCode = code;
      endAll();
      if (stopCode !== 0) return; // it was asked to end
      const end = signal === null ? `ended with code ${code}` : `was killed by ${signal}`;
      onNotice(`Rank ${one.rank} (process ${one.child.pid}) ${end}: all ranks end`);
    }));
    return stopCode || exitCode;
  } finally {
    timers.forEach(clearTimeout);
    for (const listener of listeners) listener[Symbol.dispose]();
  }
}

/** Passes on a rank's output line by line, each line with the rank's name. */
function relay({ rank, child }: Rank, onNotice: (line: string) => void): Promise<void>[] {
  return [child.stdout, child.stderr].map(async (stream) => {
    const lines = stream.pipeThrough(new TextDecoderStream()).pipeThrough(new LineStream());
    for await (const line of lines) onNotice(`[rank ${rank}] ${line}`);
  });
}

/** Cuts text into lines. */
class LineStream extends TransformStream<string, string> {
  constructor() {
    let rest = "";
    super({
      transform(text, controller) {
        const lines = `${rest}${text}`.split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) controller.enqueue(line);
      },
      flush(controller) {
        if (rest !== "") controller.enqueue(rest);
      },
    });
  }
}

function start(
  options: LaunchOptions,
  rank: number,
  env: Record<string, string>,
): Deno.ChildProcess {
  const { program, args, ranks, output = "inherit" } = options;
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", `${program}`, ...args, ...threadsOfRanks(ranks, args)],
    // When one rank ends, TensorFlow would write pages about it in all others; they print one line.
    env: { TF_CPP_MIN_LOG_LEVEL: "3", ...env, [LAUNCHER]: `${Deno.pid}` },
    stdin: "null",
    stdout: rank === 0 ? output : "piped",
    stderr: rank === 0 ? output : "piped",
  }).spawn();
}

function send({ child }: Rank, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // It has just ended.
  }
}

/** Divides the cores among the ranks, unless the command line sets the threads of a rank. */
function threadsOfRanks(ranks: number, args: readonly string[]): string[] {
  if (args.some((arg) => /^--threads(=|$)/.test(arg))) return [];
  return ["--threads", `${Math.max(1, Math.floor(navigator.hardwareConcurrency / ranks))}`];
}

/** One GPU per rank, if there are any and the command line does not ask for the CPU. */
function gpusOfRanks(
  ranks: number,
  args: readonly string[],
): { CUDA_VISIBLE_DEVICES: string }[] | undefined {
  const isOnCpu = args.some((arg, i) =>
    arg === "--device=cpu" || arg === "cpu" && args[i - 1] === "--device"
  );
  const gpus = isOnCpu ? [] : visibleGpus();
  if (gpus.length === 0) return undefined;
  if (gpus.length < ranks) {
    throw new ConfigError(
      `Cannot start ${ranks} ranks: expected at most ${gpus.length}, one a GPU, or --device cpu`,
    );
  }
  return gpus.map((gpu) => ({ CUDA_VISIBLE_DEVICES: gpu }));
}

/**
 * The GPUs of this machine, as NVIDIA's driver for Linux lists them, or those that the user has
 * chosen.
 */
function visibleGpus(): string[] {
  const chosen = Deno.env.get("CUDA_VISIBLE_DEVICES");
  if (chosen !== undefined) return chosen.split(",").filter((gpu) => gpu.trim() !== "");
  try {
    return [...Deno.readDirSync("/proc/driver/nvidia/gpus")].map((_, place) => `${place}`);
  } catch {
    return []; // no such driver
  }
}

/**
 * Asks this process to stop, as by SIGTERM, once the launcher that started it is gone. On Windows
 * it ends at once, and can be resumed from its last checkpoint.
 *
 * @returns To be disposed of at the end. In a process that no launcher has started, it does
 *   nothing.
 *
 * @example
 * ```ts
 * import { endWithLauncher } from "lib/distributed/mod.ts";
 *
 * using _watch = endWithLauncher();
 * ```
 */
export function endWithLauncher(): Disposable {
  const launcher = Number(Deno.env.get(LAUNCHER) ?? 0);
  const timer = setInterval(() => {
    if (launcher === 0 || isParent(launcher)) return;
    clearInterval(timer);
    Deno.kill(Deno.pid, "SIGTERM");
  }, 1000);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

/**
 * Whether a process is this one's parent, and alive. On Windows the parent's number stays after it
 * has ended.
 */
function isParent(pid: number, { name }: System = systemOf()): boolean {
  return name === "windows" ? isProcessAlive(pid) : Deno.ppid === pid;
}
