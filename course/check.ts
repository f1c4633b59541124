/**
 * The checks of the exercises, by name: a notebook, the command line and the tests call the same ones.
 *
 * @module
 */
import { checkAnswer, type Exercise } from "lib/grade/mod.ts";

const COURSE = new URL(".", import.meta.url);

/**
 * Checks the answer to an exercise: prints OK, or throws what to mend.
 *
 * @param name The function that the exercise asks for, as in "padBatch".
 * @param answer The student's function.
 * @throws {CheckError} If the answer is wrong: the message says what was expected and what came.
 * @throws {RangeError} If there is no exercise of that name.
 */
export async function check(name: string, answer: unknown): Promise<void> {
  await checkAnswer(await loadExercise(name), answer);
}

/**
 * Loads an exercise.
 *
 * @param name The function that it asks for.
 * @throws {RangeError} If there is none of that name.
 */
export async function loadExercise(name: string): Promise<Exercise> {
  const files = exerciseFiles(), url = files.get(name);
  if (url === undefined) {
    throw new RangeError(
      `Cannot check "${name}": expected one of the exercises ${[...files.keys()].join(", ")}`,
    );
  }
  const module: { readonly default: Exercise } = await import(url.href);
  return module.default;
}

/**
 * Lists the files of the exercises, `NN_notebook/exercises/pad_batch.ts` and so on, by their names.
 *
 * @param notebook Only those of one notebook, such as `01_data`; default all.
 */
export function exerciseFiles(notebook?: string): ReadonlyMap<string, URL> {
  const notebooks = notebook === undefined
    ? namesIn(COURSE).filter((name) => /^\d\d_\w+$/.test(name))
    : [notebook];
  return new Map(notebooks.flatMap((name) => {
    const folder = new URL(`${name}/exercises/`, COURSE);
    const files = namesIn(folder).filter((file) => /^[a-z]\w*\.ts$/.test(file));
    return files.map((file) => [camelCase(file.slice(0, -3)), new URL(file, folder)] as const);
  }));
}

function namesIn(folder: URL): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).toSorted();
}

function camelCase(name: string): string {
  return name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
