/**
 * The course as a grading sandbox shows it: everything that a notebook imports, without solutions
 * and checks.
 *
 * @module
 */
import { fileURLToPath as fromFileUrl } from "node:url";
import { isRecord } from "lib/grade/mod.ts";
import { exerciseFiles, loadExercise } from "../course/check.ts";
import { ROOT } from "lib/authoring/mod.ts";
import { HIDDEN, LEFT_OUT, questionsAlone, type Reach, shownModule } from "./_shown_source.ts";

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

/** What modules have in place of what is hidden. */
const OUTSIDE = `import { functionsOutside } from "lib/remote/mod.ts";

const FOLDER = Deno.env.get("GRADING_EXCHANGE");

export const outside = functionsOutside({
  calls: FOLDER + "/course-calls",
  results: FOLDER + "/course-results",
});
`;

/**
 * Copies the course into a folder: the library, the notebooks' own modules, the word lists.
 *
 * @param folder The target folder; its old contents are removed.
 */
export async function stageCourse(folder: string): Promise<void> {
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
  const beside = await copyBeside(folder);
  await hideSolutions(`${folder}/course`);
  const own = {
    "check.ts": CHECK.replace("BESIDE", JSON.stringify(beside)),
    "own_or_library.ts": OWN,
    "outside.ts": OUTSIDE,
  };
  for (const [name, text] of Object.entries(own)) {
    Deno.writeTextFileSync(`${folder}/course/${name}`, text);
  }
}

/** Loads the modules of which something is hidden, by their paths. */
export async function hiddenModules(): Promise<ReadonlyMap<string, Record<string, unknown>>> {
  const paths = Object.keys(HIDDEN);
  const modules = await Promise.all(paths.map((path) => import(`${ROOT}/course/${path}`)));
  return new Map(paths.map((path, i) => [path, modules[i]]));
}

async function hideSolutions(course: string): Promise<void> {
  for (const [path, module] of await hiddenModules()) {
    const hidden = HIDDEN[path] ?? {};
    const stubs = Object.entries(hidden).filter(([, reach]) => reach !== "gone").map((
      [name, reach],
    ) => `export const ${name} = ${stubOf(module[name], { path, name, reach })};`);
    const text = shownModule(
      Deno.readTextFileSync(`${course}/${path}`),
      Object.keys(hidden),
      stubs,
    );
    Deno.writeTextFileSync(
      `${course}/${path}`,
      `import { outside } from "course/outside.ts";\n${text}`,
    );
  }
  for (const path of LEFT_OUT) Deno.removeSync(`${course}/${path}`);
}

interface Place {
  readonly path: string;
  readonly name: string;
  readonly reach: Reach;
}

/** A function becomes one outside, data stay what they are. */
function stubOf(value: unknown, { path, name, reach }: Place): string {
  if (typeof value === "function") {
    const isTraced = reach === "traced", isAsync = reach === "async";
    return `outside(${JSON.stringify({ module: path, name, isTraced, isAsync })})`;
  }
  if (!isRecord(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, part]) =>
    `${JSON.stringify(key)}: ${stubOf(part, { path, name: `${name}.${key}`, reach })}`
  );
  return `{ ${members.join(", ")} }`;
}

/** Copies the exercises whose questions are asked in the process of the answer, without solutions. */
async function copyBeside(folder: string): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [name, url] of exerciseFiles()) {
    const from = fromFileUrl(url), path = from.slice(`${ROOT}/course/`.length);
    const text = Deno.readTextFileSync(from);
    if (!text.includes("asksBeside: true")) continue;
    const { reference } = await loadExercise(name);
    Deno.mkdirSync(`${folder}/course/${path}`.replace(/\/[^/]+$/, ""), { recursive: true });
    Deno.writeTextFileSync(
      `${folder}/course/${path}`,
      questionsAlone(text, reference.constructor.name === "AsyncFunction"),
    );
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
