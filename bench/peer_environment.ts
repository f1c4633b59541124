/**
 * PyTorch in an environment of its own: `build/peer-venv`.
 *
 * @module
 */
import { fileURLToPath } from "node:url";

/** The repository's root, with a slash at its end. */
export const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** The peer's Python. */
export const PEER_PYTHON = `${ROOT}build/peer-venv/bin/python`;

/** What all PyTorch programs find in their environment. */
export const PEER_ENV = {
  PYTHONPATH: `${ROOT}tests/golden`, // decoder.py, whose numbers the golden tests compare with ours
  TORCHINDUCTOR_CACHE_DIR: `${ROOT}build/peer-cache`,
} as const;

const PACKAGES = ["torch==2.13.0", "numpy"];

/** Makes the environment where it is missing. */
export function setUpPeer(say: (line: string) => void): void {
  makeEnvironment("build/peer-venv", PACKAGES, say);
}

/**
 * Makes a Python environment with these packages where it is missing.
 *
 * @param folder Where, from the repository's root.
 * @param wanted Packages, as pip takes them.
 * @param say Told what takes a while.
 */
export function makeEnvironment(
  folder: string,
  wanted: readonly string[],
  say: (line: string) => void,
): void {
  const packages = wanted.join(" "), path = `${ROOT}${folder}`, stamp = `${path}/ready`;
  try {
    if (Deno.readTextFileSync(stamp) === packages) return;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  say(`Making ${folder} with ${packages}`);
  run("python3", ["-m", "venv", "--clear", path]);
  run(`${path}/bin/python`, ["-m", "pip", "install", "--quiet", ...wanted]);
  Deno.writeTextFileSync(stamp, packages); // last, so that half an installation is made anew
}

function run(program: string, args: readonly string[]): void {
  const { success } = new Deno.Command(program, { args: [...args], stdout: "null" }).outputSync();
  if (!success) throw new Error(`Cannot set up PyTorch: expected \`${program} ${args.join(" ")}\``);
}

/** Why `torch.compile` cannot work here; undefined where it can. */
export function missingCompiler(path: string = Deno.env.get("PATH") ?? ""): string | undefined {
  const compiler = Deno.env.get("CXX") ?? "g++";
  const isThere = path.split(":").some((folder) => exists(`${folder}/${compiler}`));
  return isThere || exists(compiler)
    ? undefined
    : `torch.compile needs a C++ compiler: expected ${compiler}, found none`;
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false; // not there, or not to be looked at
  }
}
