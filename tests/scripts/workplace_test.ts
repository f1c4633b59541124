import { ROOT } from "lib/authoring/mod.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { assertEquals } from "@std/assert";

/** A grader's process that says where it works, and then does what it is told. */
function start(root: string, then: string): Deno.ChildProcess {
  const code = `import { runMain } from "${ROOT}/scripts/_command_line.ts";
import { openWorkplace } from "${ROOT}/scripts/_workplace.ts";
const folder = openWorkplace(${JSON.stringify(root)});
Deno.writeTextFileSync(folder + "/file", "");
console.log(folder);
${then}`;
  return new Deno.Command(Deno.execPath(), {
    args: ["eval", "--config", `${ROOT}/deno.json`, code],
    stdout: "piped",
    stderr: "null",
  }).spawn();
}

const names = (root: string) => [...Deno.readDirSync(root)].map(({ name }) => name);

/** Waits until a process has said where it works. */
async function said({ stdout }: Deno.ChildProcess): Promise<void> {
  const reader = stdout.getReader();
  await reader.read();
  reader.releaseLock();
}

Deno.test("a grader's folder goes at every exit: the end, an error, Deno.exit(), and each signal that asks to stop", async () => {
  const root = temporaryFolder();
  for (
    const [then, expected] of [["", 0], ["await runMain(() => { throw new Error(); });", 1], [
      "Deno.exit(3);",
      3,
    ]] as const
  ) {
    const child = start(root, then);
    await said(child);
    const { code } = await child.output();
    assertEquals([code, names(root)], [expected, []], then);
  }
  for (const [signal, expected] of [["SIGINT", 130], ["SIGTERM", 143], ["SIGHUP", 129]] as const) {
    const child = start(root, "setInterval(() => {}, 1000);");
    await said(child);
    assertEquals(names(root).length, 1, signal);
    child.kill(signal);
    assertEquals([(await child.output()).code, names(root)], [expected, []], signal);
  }
});

Deno.test("what a killed grader left behind goes at the next start; that of a living one, or of another machine, stays", async () => {
  const root = temporaryFolder(), waits = "setInterval(() => {}, 1000);";
  Deno.mkdirSync(`${root}/run-another.machine-99999999`);
  Deno.mkdirSync(`${root}/cache`);
  const killed = start(root, waits), living = start(root, waits);
  await Promise.all([said(killed), said(living)]);
  killed.kill("SIGKILL");
  await killed.output();
  assertEquals(names(root).length, 4);
  const next = start(root, "");
  await said(next);
  await next.output();
  assertEquals(
    names(root).toSorted(),
    ["cache", `run-${Deno.hostname()}-${living.pid}`, "run-another.machine-99999999"].toSorted(),
  );
  living.kill("SIGTERM");
  await living.output();
});
