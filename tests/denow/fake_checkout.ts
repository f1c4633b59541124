/**
 * A checkout in miniature for tests of denow: its python3, pip and Deno are scripts that note what
 * they were asked for, and fail or wait as told. Only the lock is taken by the real Python.
 *
 * @module
 */

const ROOT = new URL("../..", import.meta.url);
// All that denow calls besides python3: a PATH of these alone shows that it needs no more.
const TOOLS = [
  "cat",
  "cksum",
  "cp",
  "dirname",
  "mkdir",
  "readlink",
  "rm",
  "sh",
  "tail",
  "tr",
  "uname",
];

const FAKE_PYTHON = `#!/bin/sh
fails() { [ -z "$1" ] || { printf '%s\\n' "$1"; exit 1; }; }
case "$1 \${2-}" in
  -V*) echo "Python $FAKE_VERSION" ;;
  "-c import sys"*) exit "\${FAKE_IS_REFUSED:-0}" ;;
  -c*) exec "$REAL_PYTHON" "$@" ;;
  "-m venv") echo venv >>"$FAKE_LOG"; fails "\${FAKE_VENV_FAILS-}"; mkdir -p "$4/bin"; cp "$0" "$4/bin/python" ;;
  "-m pip")
    echo pip >>"$FAKE_LOG"
    # A fifo is opened only when both ends are: this tells the test, and waits for it.
    if [ -p "\${FAKE_GATE-}" ]; then echo here >"$FAKE_GATE"; cat "$FAKE_GATE"; fi
    fails "\${FAKE_PIP_FAILS-}"
    cp "$FAKE_DENO" "\${0%/*}/deno" ;;
esac
`;

const FAKE_DENO = `#!/bin/sh
if [ "$1" = install ]; then
  echo install "\${DENO_DIR-}" >>"$FAKE_LOG"
  [ -z "\${FAKE_INSTALL_FAILS-}" ] || { echo "$FAKE_INSTALL_FAILS"; exit 1; }
  exit 0
fi
echo "deno $*; pid $$; stdin $(cat)"
if [ -n "\${FAKE_RUN_GATE-}" ]; then cat "$FAKE_RUN_GATE"; fi
exit "\${FAKE_STATUS:-0}"
`;

/** What denow.cmd starts. */
const WINDOWS = "scripts/denow_windows.py";

/** Runs a script by the real Python, which takes itself for the one that is made for the tests. */
const AS_FAKE = "import runpy, sys; sys.executable = sys.argv[1]; sys.argv[:2] = []; " +
  "sys.path.insert(0, sys.argv[0].rpartition('/')[0]); " +
  "runpy.run_path(sys.argv[0], run_name='__main__')";

/** How a run of denow ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a run of denow is given. */
export interface RunOptions {
  readonly env?: Record<string, string>;
  readonly stdin?: string;
  /** The file to start, by default denow in the checkout. */
  readonly command?: string;
  readonly cwd?: string;
}

/** A checkout in a temporary folder, removed when it goes out of scope. */
export class FakeCheckout {
  /** Everything lies in here. */
  readonly folder = Deno.makeTempDirSync();
  /** The checkout: with a space in its path, as a home folder may have. */
  root = `${this.folder}/a checkout`;
  #log = `${this.folder}/log`;
  #realPython: string;

  constructor() {
    this.#realPython = which("python3");
    for (const name of ["bin", "python", "a checkout", "a checkout/jupyter"]) {
      Deno.mkdirSync(`${this.folder}/${name}`);
    }
    for (const tool of TOOLS) {
      Deno.symlinkSync(which(tool), `${this.folder}/bin/${tool}`);
    }
    Deno.copyFileSync(new URL("denow", ROOT), `${this.root}/denow`);
    Deno.mkdirSync(`${this.root}/scripts`);
    Deno.copyFileSync(new URL(WINDOWS, ROOT), `${this.root}/${WINDOWS}`);
    for (const name of ["requirements.txt", "deno.lock", "deno.json", "jupyter/kernel.json"]) {
      this.write(name, "{}");
    }
    Deno.writeTextFileSync(`${this.folder}/python/python3`, FAKE_PYTHON, { mode: 0o755 });
    Deno.writeTextFileSync(`${this.folder}/deno`, FAKE_DENO, { mode: 0o755 });
    Deno.writeTextFileSync(this.#log, "");
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }

  /** Writes a file of the checkout. */
  write(name: string, text: string): void {
    Deno.writeTextFileSync(`${this.root}/${name}`, text);
  }

  /** Makes a fifo, which opens only where both ends do. */
  fifo(name: string): string {
    const path = `${this.folder}/${name}`;
    new Deno.Command("mkfifo", { args: [path] }).outputSync();
    return path;
  }

  /** What was done to set up, in order, since the last call. */
  takeLog(): string[] {
    const lines = Deno.readTextFileSync(this.#log).split("\n").filter((line) => line !== "");
    Deno.writeTextFileSync(this.#log, "");
    return lines.map((line) => line.trimEnd());
  }

  /** Starts denow; its streams are piped. */
  start(args: string[], options: RunOptions = {}): Deno.ChildProcess {
    return new Deno.Command(options.command ?? `${this.root}/denow`, {
      args,
      cwd: options.cwd ?? this.root,
      clearEnv: true,
      env: {
        PATH: `${this.folder}/python:${this.folder}/bin`,
        HOME: this.folder,
        FAKE_LOG: this.#log,
        FAKE_DENO: `${this.folder}/deno`,
        REAL_PYTHON: this.#realPython,
        FAKE_VERSION: "3.12.1",
        ...options.env,
      },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  }

  /** Starts what does denow's work on Windows. */
  startForWindows(args: string[], options: Omit<RunOptions, "command"> = {}): Deno.ChildProcess {
    const python = `${this.folder}/python/python3`, script = `${this.root}/${WINDOWS}`;
    return this.start(["-c", AS_FAKE, python, script, ...args], {
      ...options,
      command: this.#realPython,
    });
  }

  /** Runs it to its end. */
  async runForWindows(
    args: string[],
    options: Omit<RunOptions, "command"> = {},
  ): Promise<Ended> {
    return await finish(this.startForWindows(args, options), options.stdin);
  }

  /** Runs denow to its end. */
  async run(args: string[], options: RunOptions = {}): Promise<Ended> {
    return await finish(this.start(args, options), options.stdin);
  }

  /** The PATH of the tools alone, without any python3. */
  get pathWithoutPython(): string {
    return `${this.folder}/bin`;
  }
}

/** Gives a process its standard input, and waits for its end. */
export async function finish(child: Deno.ChildProcess, stdin = ""): Promise<Ended> {
  const writer = child.stdin.getWriter();
  // A process that ends without reading closes the pipe: that is its right.
  await writer.write(new TextEncoder().encode(stdin)).catch(() => {});
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Where a program lies; empty if nowhere. */
export function which(tool: string): string {
  const { stdout } = new Deno.Command("sh", { args: ["-c", `command -v ${tool}`] }).outputSync();
  return new TextDecoder().decode(stdout).trim();
}
