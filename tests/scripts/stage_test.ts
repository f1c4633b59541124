import { exerciseFiles, loadExercise } from "../../course/check.ts";
import { courseSources, ROOT } from "lib/authoring/mod.ts";
import { questionsOf } from "lib/grade/mod.ts";
import { hiddenModules, stageCourse } from "../../scripts/_stage.ts";
import { HIDDEN } from "../../scripts/_shown_source.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { assert, assertEquals } from "@std/assert";

const stage = temporaryFolder();
await stageCourse(stage);

function* filesIn(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) yield* filesIn(`${folder}/${name}`);
    else yield `${folder}/${name}`;
  }
}

const textOf = (folder: string) =>
  [...filesIn(folder)].filter((path) => path.endsWith(".ts")).map((path) =>
    Deno.readTextFileSync(path)
  ).join("\n");
const staged = textOf(`${stage}/course`), library = textOf(`${ROOT}/lib`);

/** How a question makes one update of an optimizer: a call of the library, in answers too. */
const SHARED = ["const scalars = scalarTensors(transform.scalars(step));"];

/** Lines that say enough to be known again, and are none of the library's. */
const telling = (text: string) =>
  text.split("\n").map((line) => line.trim()).filter((line) =>
    line.length >= 40 && !/^(\/\/|import |for \(let )/.test(line) &&
    !library.includes(line) && !SHARED.includes(line)
  );

Deno.test("what a sandbox shows of the course has no line of a notebook's solutions or hidden tests", () => {
  let count = 0;
  for (const { name, path } of courseSources()) {
    const source = Deno.readTextFileSync(path);
    const parts = source.matchAll(
      /\/\/ BEGIN (?:SOLUTION|HIDDEN TESTS)\n([^]*?)\/\/ END (?:SOLUTION|HIDDEN TESTS)/g,
    );
    for (const line of telling([...parts].map(([, part = ""]) => part).join("\n"))) {
      assert(!staged.includes(line), `${name}: ${line}`);
      count++;
    }
  }
  assert(count > 200, `${count} lines`);
});

Deno.test("what a sandbox shows has no exercise's reference, mistakes or styles", async () => {
  for (const name of exerciseFiles().keys()) {
    const { reference, mistakes, styles } = await loadExercise(name);
    const answers = [reference, ...Object.values(mistakes).flat(), ...Object.values(styles)];
    // Deno runs the text without its types: the same lines, where they have none.
    for (const line of telling(answers.map(String).join("\n"))) {
      assert(!staged.includes(line), `${name}: ${line}`);
    }
    for (const says of [...Object.keys(mistakes), ...Object.keys(styles)]) {
      assert(says.length < 25 || !staged.includes(says), `${name}: ${says}`);
    }
  }
});

Deno.test("what a sandbox shows has nothing of the modules that answer from outside", async () => {
  for (const [path, module] of await hiddenModules()) {
    const text = Deno.readTextFileSync(`${stage}/course/${path}`);
    for (const [name, reach] of Object.entries(HIDDEN[path] ?? {})) {
      assert(name in module, `${path} has ${name}`);
      assertEquals(text.includes(`export const ${name} =`), reach !== "gone", `${path}: ${name}`);
      assertEquals(new RegExp(`function\\*? ${name}\\b`).test(staged), false, `${path}: ${name}`);
    }
  }
});

Deno.test("questions that are asked in the sandbox are those of the exercise, one by one", async () => {
  const found = JSON.parse(
    /FILES: Record<string, string> = (\{.*\})/.exec(
      Deno.readTextFileSync(`${stage}/course/check.ts`),
    )?.[1] ?? "{}",
  ) as Record<string, string>; // written by the stage
  assert(Object.keys(found).length > 0);
  for (const name of [".venv", "node_modules"]) {
    Deno.removeSync(`${stage}/${name}`);
    Deno.symlinkSync(`${ROOT}/${name}`, `${stage}/${name}`);
  }
  const code = `import { questionsOf } from "lib/grade/mod.ts";
for (const [name, path] of Object.entries(${JSON.stringify(found)})) {
  const { default: exercise } = await import("${stage}/course/" + path);
  console.log(JSON.stringify([name, questionsOf(exercise).map(({ what }) => what),
    String(exercise.reference), Object.keys(exercise.mistakes), exercise.tolerance ?? null]));
}`;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", "--config", `${stage}/deno.json`, code],
    env: { GRADING_EXCHANGE: stage },
    cwd: stage,
  }).output();
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  assertEquals(lines.length, Object.keys(found).length, new TextDecoder().decode(stderr));
  for (const line of lines) {
    const [name, questions, reference, mistakes, tolerance] = JSON.parse(line);
    const exercise = await loadExercise(name);
    assertEquals(questions, questionsOf(exercise).map(({ what }) => what), name);
    assertEquals([reference, mistakes], ["()=>undefined", []], name);
    assertEquals(tolerance, exercise.tolerance ?? null, name);
  }
});
