import { ConfigError, isProcessAlive, onSignal, type System, systemOf } from "lib/core/mod.ts";
import { formatClusterSpec } from "./cluster_spec.ts";
import { freeAddresses } from "./free_addresses.ts";

/** How long ranks may say why they end once one has failed, in milliseconds. */
const GRACE_MS = 3000;

/** How long they may take to end once they are asked to. */
const END_MS = 5000;

/** The variable by which a rank knows its launcher. */
const LAUNCHER = "TRAIN_LAUNCHER_PID";

/** What {@linkcode launchRanks} is to start. */
export interface LaunchOptions {
  /** How many ranks. */
  readonly ranks: number;
  /** The program, a path or a file URL; its rank comes to it by `TF_CONFIG`. */
  readonly program: string | URL;
  /** Its command line, the same for all ranks. */
  readonly args: readonly string[];
  /** Takes each line that a user should see. */
  readonly onNotice?: (line: string) => void;
  /** What becomes of rank 0's output; default `inherit`. What others write comes by `onNotice`. */
  readonly output?: "inherit" | "null";
}

/** A rank under way. */
interface Rank {
  readonly rank: number;
  readonly child: Deno.ChildProcess;
}

/**
 * Starts the ranks of a data-parallel run on this machine and waits until all have ended.
 *
 * The first one that fails ends all: the others have 3 s to say why they end, are asked to (SIGTERM),
 * and 5 s later are ended (SIGKILL). A signal that asks this process to stop is passed on. Should this
 * process be killed, the ranks stop by themselves ({@linkcode endWithLauncher}).
 *
 * @param options What to start, and how often.
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
      if (sendsSignals) signalAll(signal); // else the terminal has told them too
    })
  );
  try {
    await Promise.all(ranks.map(async (one) => {
      const told = one.rank === 0 ? [] : relay(one, onNotice);
      const { success, code, signal } = await one.child.status;
      await Promise.all(told); // what a rank says comes before what is said of it
      live.delete(one);
      if (success || exitCode !== 0) return;
      exitCode = code;
      endAll();
      if (stopCode !== 0) return; // as it was asked to
      const end = signal === null ? `ended with code ${code}` : `was killed by ${signal}`;
      onNotice(`Rank ${one.rank} (process ${one.child.pid}) ${end}: all ranks end`);
    }));
    return stopCode || exitCode;
  } finally {
    timers.forEach(clearTimeout);
    for (const listener of listeners) listener[Symbol.dispose]();
  }
}

/** Passes on what a rank writes, line by line, under its name. */
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
    // Where one rank ends, TensorFlow writes pages about it in all others, who say it in a line.
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

/** The cores are shared out, unless the command line says how many threads a rank has. */
function threadsOfRanks(ranks: number, args: readonly string[]): string[] {
  if (args.some((arg) => /^--threads(=|$)/.test(arg))) return [];
  return ["--threads", `${Math.max(1, Math.floor(navigator.hardwareConcurrency / ranks))}`];
}

/** One GPU per rank, where there are any and the command line does not keep to the processor. */
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

/** The GPUs of this machine, as NVIDIA's driver for Linux lists them; those the user has chosen, if so. */
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
 * Asks this process to stop, as by SIGTERM, once the launcher that started it is gone. On Windows it
 * ends at once, and goes on from its last checkpoint.
 *
 * @returns To be disposed of at the end. Nothing is watched in a process that no launcher has started.
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

/** Whether a process is this one's parent, and alive. Windows keeps a dead parent's number. */
function isParent(pid: number, { name }: System = systemOf()): boolean {
  return name === "windows" ? isProcessAlive(pid) : Deno.ppid === pid;
}
