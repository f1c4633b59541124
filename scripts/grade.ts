/**
 * Grades a class: points, feedback pages, and a page about all.
 *
 *     ./denow task grade FOLDER     FOLDER/STUDENT/NN_name.ipynb, or STUDENT_NN_name.ipynb, or zip files
 *       --out FOLDER                where the results go; default FOLDER/graded
 *       --notebook 01_data          grades this notebook alone; default each one that anybody handed in
 *       --jobs 2                    so many at a time; default one for each CPU core
 *       --partial half|none         half the points where half of what was asked is right; default half
 *       --copies count|refuse       whether an answer counts that calls the library's; default count
 *       --quick                     leaves out cells that no answer stands on: demonstrations, pictures
 *       --shard 1/3                 grades every third student; machines that share the folder take one each
 *       --no-sandbox                runs students' code with all your rights
 *
 * @module
 */
import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import {
  findSubmissions,
  type Grade,
  gradeClass,
  type Policy,
  recallGrades,
  sandboxProblem,
  type Task,
  writeReports,
} from "lib/classroom/mod.ts";
import { print, readCommandLine, refuse, runMain } from "./_command_line.ts";
import { courseSources } from "lib/authoring/mod.ts";
import { gradedNotebook } from "./_graded_course.ts";
import { createGrader } from "./_grader.ts";

const FLAGS = {
  out: "string",
  notebook: "string",
  jobs: "string",
  partial: "string",
  copies: "string",
  shard: "string",
  quick: "boolean",
  "no-sandbox": "boolean",
} as const;

await runMain(async () => {
  const { flags, words: [given, ...others] } = readCommandLine(FLAGS);
  if (given === undefined || others.length > 0) {
    refuse("Cannot grade: expected a folder or a zip file, as in ./denow task grade submitted");
  }
  const isSandboxed = flags["no-sandbox"] !== true;
  if (isSandboxed) await refuseWithoutSandbox();
  const root = resolve(Deno.env.get("INIT_CWD") ?? Deno.cwd(), given);
  const out = typeof flags.out === "string"
    ? resolve(Deno.env.get("INIT_CWD") ?? Deno.cwd(), flags.out)
    : `${root.replace(/\.zip$/i, "")}/graded`;
  const { tasks, strays } = await findTasks(root, chosenNotebooks(flags.notebook));
  const mine = shardOf(tasks, flags.shard);
  const policy = policyOf(flags.partial, flags.copies);
  const grader = await createGrader({ policy, isSandboxed, isQuick: flags.quick === true });
  const cache = `${out}/cache`, { version } = grader;
  if (isSandboxed) {
    print(`limits of each sandbox: ${grader.hasGroups ? "kept by a control group" : "watched"}`);
  }
  await gradeClass(mine, {
    ...{ grade: grader.grade, version, cache, jobs: jobsOf(flags.jobs) },
    onGrade: progress(mine.length),
  });
  await grader.end();
  const grades = await recallGrades(tasks, { cache, version });
  writeReports(out, grades, strays);
  for (const stray of strays) print(`not graded: ${stray}`);
  const left = tasks.length - grades.length;
  if (left > 0) print(`${left} of ${tasks.length} are still to be graded by other shards`);
  print(`${out}/class.html  grades.csv  grades.json  junit.xml  feedback/  gradescope/`);
  return 0;
});

async function refuseWithoutSandbox(): Promise<void> {
  const problem = await sandboxProblem();
  if (problem === undefined) return;
  refuse(
    `Cannot grade: expected a sandbox, got none: ${problem}\n` +
      "Students' code must not read your files, write them, or use your network. Install bubblewrap\n" +
      "(Debian, Ubuntu: apt install bubblewrap; in a container it needs user namespaces), or grade in a\n" +
      "virtual machine or container of its own and add --no-sandbox: then that code has all your rights.",
  );
}

function chosenNotebooks(chosen: unknown): string[] {
  const names = courseSources().map(({ name }) => name);
  if (typeof chosen !== "string") return names;
  if (!names.includes(chosen)) {
    refuse(`Cannot grade: expected one of the notebooks ${names.join(", ")}, got "${chosen}"`);
  }
  return [chosen];
}

/** Every student with every notebook that anybody handed in, so that missing ones are reported. */
async function findTasks(
  root: string,
  names: string[],
): Promise<{ tasks: Task[]; strays: string[] }> {
  try {
    const { handedIn, students, strays } = await findSubmissions(root, names);
    const used = names.filter((name) => handedIn.some(({ notebook }) => notebook === name));
    const tasks = students.flatMap((student) =>
      used.map((name) => ({
        student,
        notebook: gradedNotebook(name),
        handedIn: handedIn.find((one) => one.student === student && one.notebook === name),
      }))
    );
    if (tasks.length === 0) {
      refuse(`Cannot grade ${root}: expected STUDENT/NN_name.ipynb in it, got no such file`);
    }
    return { tasks, strays: [...strays] };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    return refuse(`Cannot grade: expected a folder or a zip file, got nothing at ${root}`);
  }
}

function shardOf(tasks: readonly Task[], shard: unknown): Task[] {
  if (typeof shard !== "string") return [...tasks];
  const [, part = "", all = ""] = /^(\d+)\/(\d+)$/.exec(shard) ?? [];
  if (!(Number(part) >= 1 && Number(part) <= Number(all))) {
    refuse(`Cannot grade a shard: expected a part such as 1/3, got "${shard}"`);
  }
  const students = [...new Set(tasks.map(({ student }) => student))];
  return tasks.filter(({ student }) =>
    students.indexOf(student) % Number(all) === Number(part) - 1
  );
}

function jobsOf(jobs: unknown): number {
  if (typeof jobs !== "string") return Math.max(1, availableParallelism());
  const count = Number(jobs);
  if (!Number.isInteger(count) || count < 1) {
    refuse(`Cannot grade: expected --jobs to be a count from 1, got "${jobs}"`);
  }
  return count;
}

function policyOf(partial: unknown = "half", copies: unknown = "count"): Policy {
  if (partial !== "half" && partial !== "none") {
    return refuse(`Cannot grade: expected --partial half or none, got "${partial}"`);
  }
  if (copies !== "count" && copies !== "refuse") {
    return refuse(`Cannot grade: expected --copies count or refuse, got "${copies}"`);
  }
  return { partial, copies };
}

/** Prints a line for each one, with the time left at the speed so far. */
function progress(all: number): (grade: Grade, isNew: boolean) => void {
  const begin = performance.now();
  let done = 0, made = 0;
  return ({ student, notebook, points, most, seconds, attempts }, isNew) => {
    done++;
    if (isNew) made++;
    const pace = (performance.now() - begin) / 1000 / Math.max(1, made);
    const left = Math.ceil(pace * (all - done) / 60);
    const eta = done === all ? "" : `, about ${left} min left`;
    const time = isNew ? `${seconds.toFixed(0)} s` : "as before";
    const alarm = attempts.length === 0 ? "" : `  ! ${attempts.length} worth a look`;
    print(`${done}/${all}  ${student} ${notebook}  ${points} of ${most}  ${time}${eta}${alarm}`);
  };
}
