/**
 * The course as a grading sandbox shows it: everything that a notebook imports, without solutions
 * and checks.
 *
 * @module
 */
import { fileURLToPath as fromFileUrl } from "node:url";
import { exerciseFiles } from "../course/check.ts";
import { ROOT } from "lib/authoring/mod.ts";

/** Replaces course/check.ts: the check runs in another process, and calls the answer from there. */
const CHECK = `import { serveAnswer } from "lib/remote/mod.ts";

const FILES: Record<string, string> = BESIDE;
const load = async (name: string) => (await import("./" + FILES[name])).default;

const FOLDER = Deno.env.get("GRADING_EXCHANGE");
const PIPES = { calls: FOLDER + "/calls", results: FOLDER + "/results" };

export async function check(name: string, answer: unknown): Promise<void> {
  try {
    Deno.statSync(PIPES.calls);
  } catch {
    console.log(name + ": while a notebook is graded, only its own check cells check");
    return;
  }
  await serveAnswer(answer, PIPES, load);
}
`;

/** Always gives the student's function: in the sandbox, the notebook does not judge it. */
const OWN =
  `export async function ownOrLibrary<Answer>(name: string, own: Answer): Promise<Answer> {
  console.log(name + ": yours");
  return await Promise.resolve(own);
}
`;

/**
 * Copies the course into a folder: the library, the notebooks' own modules, the word lists.
 *
 * @param folder The target folder; its old contents are removed.
 */
export function stageCourse(folder: string): void {
  if (exists(folder)) Deno.removeSync(folder, { recursive: true });
  for (const name of ["data", "tools", ".venv", "node_modules", ...WRITABLE]) {
    Deno.mkdirSync(`${folder}/${name}`, { recursive: true });
  }
  copy(`${ROOT}/lib`, `${folder}/lib`);
  copy(`${ROOT}/data/words`, `${folder}/data/words`);
  copy(
    `${ROOT}/course`,
    `${folder}/course`,
    (name) => !/^(notebook\.ts|exercises)$/.test(name),
  );
  Deno.copyFileSync(`${ROOT}/deno.lock`, `${folder}/deno.lock`);
  Deno.writeTextFileSync(`${folder}/deno.json`, JSON.stringify(configuration(), null, 2));
  const beside = copyBeside(folder);
  Deno.writeTextFileSync(
    `${folder}/course/check.ts`,
    CHECK.replace("BESIDE", JSON.stringify(beside)),
  );
  Deno.writeTextFileSync(`${folder}/course/own_or_library.ts`, OWN);
}

/** Copies the exercises whose questions are asked in the answer's own process. */
function copyBeside(folder: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [name, url] of exerciseFiles()) {
    const from = fromFileUrl(url), path = from.slice(`${ROOT}/course/`.length);
    if (!Deno.readTextFileSync(from).includes("asksBeside: true")) continue;
    Deno.mkdirSync(`${folder}/course/${path}`.replace(/\/[^/]+$/, ""), { recursive: true });
    Deno.copyFileSync(from, `${folder}/course/${path}`);
    found[name] = path;
  }
  return found;
}

const WRITABLE = ["runs", "checkpoints", "build", "experiments", "notebooks"];

/**
 * The part of deno.json that the kernel reads; the packages are local, so that nothing is
 * downloaded.
 */
function configuration(): Record<string, unknown> {
  const { imports, compilerOptions } = JSON.parse(Deno.readTextFileSync(`${ROOT}/deno.json`));
  return { nodeModulesDir: "manual", imports, compilerOptions };
}

function copy(from: string, to: string, isTaken: (name: string) => boolean = () => true): void {
  Deno.mkdirSync(to, { recursive: true });
  for (const { name, isDirectory } of Deno.readDirSync(from)) {
    if (!isTaken(name)) continue;
    if (isDirectory) copy(`${from}/${name}`, `${to}/${name}`, isTaken);
    else Deno.copyFileSync(`${from}/${name}`, `${to}/${name}`);
  }
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
