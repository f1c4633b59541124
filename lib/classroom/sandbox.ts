import type { Limits } from "./limits.ts";

/** What stands where in a sandbox. */
export interface SandboxPlaces {
  /** The course as the sandbox shows it, without solutions and checks. */
  readonly course: string;
  /** The folder of the Python packages and of Deno. */
  readonly venv: string;
  /** The folder of the npm packages. */
  readonly modules: string;
  /** What Deno keeps of modules that it has read before. */
  readonly cache: string;
  /** Whether what runs may add to that; students' code may not. Default no. */
  readonly isCacheOpen?: boolean;
  /** The folder of the connection file and of the pipes. */
  readonly exchange: string;
}

/** Where the course lies inside of a sandbox. */
export const INSIDE = "/course";

/** Where the connection file and the pipes lie inside of a sandbox. */
export const EXCHANGE = "/exchange";

/** Folders of the course that the library writes into; what stands there ends with the sandbox. */
const WRITABLE = ["runs", "checkpoints", "build", "experiments", "notebooks"];

/**
 * The command that runs another one in a sandbox of its own, by bubblewrap: it sees the course and the
 * system's programs, writes into folders that end with it, has no network but the one that it is started
 * in, and takes all that it started with it when it ends.
 *
 * @param places What stands where.
 * @param limits How much it may use.
 * @param command What runs inside; paths as they are there.
 */
export function sandboxed(
  places: SandboxPlaces,
  limits: Limits,
  command: readonly string[],
): string[] {
  const size = ["--size", String(limits.fileBytes)];
  const empty = ["/tmp", "/home", "/cache", ...WRITABLE.map((folder) => `${INSIDE}/${folder}`)];
  return [
    ...resourceLimits(limits),
    ..."bwrap --unshare-user --unshare-pid --unshare-ipc --unshare-uts --unshare-cgroup-try".split(
      " ",
    ),
    ..."--die-with-parent --new-session --uid 65534 --gid 65534 --cap-drop ALL --clearenv".split(
      " ",
    ),
    ...Object.entries(ENVIRONMENT).flatMap((pair) => ["--setenv", ...pair]),
    ...["--setenv", "DENO_DIR", places.isCacheOpen ? "/kept" : "/cache"],
    ...SYSTEM,
    ...["--ro-bind", places.course, INSIDE],
    ...["--ro-bind", places.venv, `${INSIDE}/.venv`],
    ...["--ro-bind", places.modules, `${INSIDE}/node_modules`],
    ...[places.isCacheOpen ? "--bind" : "--ro-bind", places.cache, "/kept"],
    ...empty.flatMap((folder) => [...size, "--tmpfs", folder]),
    // Pipes can be written to on a file system that is read-only.
    ...["--ro-bind", places.exchange, EXCHANGE, "--remount-ro", "/"],
    ...["--chdir", `${INSIDE}/notebooks`],
    // In here the threads of this sandbox count alone; outside it would be all that the user runs.
    ...["prlimit", `--nproc=${limits.threads}`],
    // Deno reads what it keeps only where it may write.
    ...places.isCacheOpen ? [] : ["sh", "-c", 'cp -r /kept/. /cache; exec "$@"', "sh"],
    ...command,
  ];
}

/** Limits of each process; where memory runs out, the system ends one of these first. */
function resourceLimits({ totalSeconds, fileBytes, memoryBytes }: Limits): string[] {
  return [
    ...[
      "choom",
      "-n",
      "1000",
      "--",
      "prlimit",
      "--core=0",
      "--nofile=1024",
      `--cpu=${2 * totalSeconds}`,
    ],
    ...[`--fsize=${fileBytes}`, `--data=${2 * memoryBytes}`],
  ];
}

/** The system's programs and libraries, and nothing of its settings, users or files. */
const SYSTEM: readonly string[] = [
  "--ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib --symlink usr/lib64 /lib64",
  "--ro-bind-try /etc/ld.so.cache /etc/ld.so.cache --proc /proc --dev /dev",
].flatMap((line) => line.split(" "));

const ENVIRONMENT = {
  PATH: `${INSIDE}/.venv/bin:/usr/bin`,
  HOME: "/home",
  GRADING_EXCHANGE: EXCHANGE,
  LANG: "C.UTF-8",
  DENO_NO_UPDATE_CHECK: "1",
  NO_COLOR: "1",
  TF_CPP_MIN_LOG_LEVEL: "2",
};

/**
 * The command that runs another one without a network: what it starts can reach each other by the
 * loopback, and nothing else.
 *
 * @param command What runs.
 */
export function withoutNetwork(command: readonly string[]): string[] {
  return ["bwrap", "--dev-bind", "/", "/", "--unshare-net", "--die-with-parent", ...command];
}

/**
 * Says whether sandboxes work on this machine.
 *
 * @returns Why they do not; undefined if they do.
 */
export async function sandboxProblem(): Promise<string | undefined> {
  const [program = "", ...args] = withoutNetwork([
    ...["bwrap", "--unshare-user", "--unshare-pid", "--ro-bind", "/usr", "/usr"],
    ...["--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "--proc", "/proc"],
    "/usr/bin/true",
  ]);
  try {
    const { success, stderr } = await new Deno.Command(program, { args }).output();
    return success ? undefined : new TextDecoder().decode(stderr).trim();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return "bwrap is not installed (Debian: apt install bubblewrap)";
  }
}
