import { assert, assertEquals, assertStringIncludes } from "@std/assert";

const ROOT = new URL("../..", import.meta.url);

/** Tasks whose words go to another program, which has a help of its own. */
const PASSED_ON = ["browser", "interop", "tensorboard", "test", "slow", "ok", "nbgrader"];

Deno.test("each task tells with --help how it is used, and does nothing else", async (t) => {
  const { tasks } = JSON.parse(Deno.readTextFileSync(new URL("deno.json", ROOT)));
  assert(PASSED_ON.every((name) => name in tasks));
  for (const [name, { command }] of Object.entries<{ command: string }>(tasks)) {
    if (PASSED_ON.includes(name)) continue;
    await t.step(name, () => {
      const program = command.split(" ").find((word) => word.endsWith(".ts")) ?? "";
      const args = ["run", "-A", "--no-check", program, "--help"];
      const { code, stdout, stderr } = new Deno.Command(Deno.execPath(), { args, cwd: ROOT })
        .outputSync();
      const [said, complaint] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
      assertEquals([code, complaint], [0, ""]);
      assertStringIncludes(said ?? "", `./denow task ${name}`);
    });
  }
});

Deno.test("a task tells the same with -h, and what it refuses is short and legible", () => {
  const run = (program: string, ...args: string[]) => {
    const { code, stdout, stderr } = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", `scripts/${program}.ts`, ...args],
      cwd: ROOT,
    }).outputSync();
    const [said = "", told = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    return { code, said, told };
  };
  for (const program of ["doctor", "check", "explore"]) {
    assertEquals(run(program, "-h"), run(program, "--help"));
  }
  for (const [program = "", ...args] of [["doctor"], ["explore", "a"], ["check"]]) {
    const { code, told } = run(program, ...args, `\u001b[31m${"x".repeat(9000)}`);
    assertEquals([code, told.includes("\u001b"), told.length < 2000], [2, false, true], told);
  }
});
