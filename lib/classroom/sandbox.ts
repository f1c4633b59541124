import type { Limits } from "./limits.ts";

/** The folders that a sandbox shows. */
export interface SandboxPlaces {
  /** The course as the sandbox shows it, without solutions and checks. */
  readonly course: string;
  /** The folder of the Python packages and of Deno. */
  readonly venv: string;
  /** The folder of the npm packages. */
  readonly modules: string;
  /** The folder of Deno's module cache. */
  readonly cache: string;
  /** Whether the command may write into that cache; students' code must not. Default false. */
  readonly isCacheOpen?: boolean;
  /** The folder of the connection file and of the pipes. */
  readonly exchange: string;
}

/** The folder of the course inside the sandbox. */
export const INSIDE = "/course";

/** The folder of the connection file and the pipes inside the sandbox. */
export const EXCHANGE = "/exchange";

/** Folders of the course that the library writes into; their content is lost when the sandbox ends. */
const WRITABLE = ["runs", "checkpoints", "build", "experiments", "notebooks"];

/**
 * The command that runs another command in its own sandbox, with bubblewrap. Inside, the command sees the
 * course and the system's programs, and writes into folders that are deleted when the sandbox ends. It has
 * only the network in which it is started. When the sandbox ends, all processes in it end.
 *
 * @param places The folders that the sandbox shows.
 * @param limits How much the command may use.
 * @param command The command to run; its paths are paths inside the sandbox.
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
    // The folder of the pipes can be read-only: pipes can still be written to.
    ...["--ro-bind", places.exchange, EXCHANGE, "--remount-ro", "/"],
    ...["--chdir", `${INSIDE}/notebooks`],
    // Set inside the sandbox, this limit counts only its threads; outside it would count all of the user's.
    ...["prlimit", `--nproc=${limits.threads}`],
    // Deno uses its cache only in a folder that it may write to: a copy.
    ...places.isCacheOpen ? [] : ["sh", "-c", 'cp -r /kept/. /cache; exec "$@"', "sh"],
    ...command,
  ];
}

/** Limits per process; if memory runs out, the system ends one of these processes first. */
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

/** The system's programs and libraries, without its settings, users and other files. */
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
 * The command that runs another command without a network: its processes can reach each other through the
 * loopback interface, and nothing else.
 *
 * @param command The command to run.
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
