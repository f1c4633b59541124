import { fileURLToPath } from "node:url";
import { useBackend } from "lib/backend/mod.ts";
import { type AnyFunction, type Exercise, exercise } from "lib/grade/mod.ts";
import { askAnswer } from "lib/remote/mod.ts";
import { ROOT } from "lib/authoring/mod.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { assertEquals, assertMatch } from "@std/assert";

const double = exercise<(x: number) => number>({
  name: "double",
  reference: (x: number) => 2 * x,
  returns: "number",
  cases: { "3": () => [3], "2": () => [2], "5": () => [5] },
  mistakes: { "that is the square, not the double": (x) => x * x },
  styles: {},
}) as unknown as Exercise; // what it takes is its own business

/** Asks the answer of a child process; gives the verdict and what the child printed. */
async function ask(kind: string, hiddenTest?: (answer: AnyFunction) => unknown) {
  await useBackend({ onNotice: () => {} });
  const folder = temporaryFolder(), calls = `${folder}/calls`, results = `${folder}/results`;
  await new Deno.Command("mkfifo", { args: [calls, results] }).output();
  const script = fileURLToPath(new URL("child_answer.ts", import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-check",
      "--config",
      `${ROOT}/deno.json`,
      script,
      kind,
      calls,
      results,
    ],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  // No test may hang: a child that has not ended by then was waited for in vain.
  const limit = setTimeout(() => child.kill("SIGKILL"), 60_000);
  const verdict = await askAnswer(double, { pipes: { calls, results }, hiddenTest });
  const { stdout, stderr, signal } = await child.output();
  clearTimeout(limit);
  assertEquals(signal, null, "the child ends by itself");
  return { verdict, told: new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr) };
}

Deno.test("askAnswer() accepts a right answer and names the mistake of a wrong one; serveAnswer() tells the student", async () => {
  const right = await ask("right");
  assertEquals([right.verdict.isRight, right.told], [true, "OK  double\n"]);
  const { verdict, told } = await ask("wrong");
  assertEquals([verdict.right, verdict.wrong], [["2"], ["3", "5"]]);
  assertEquals(verdict.mistake, "that is the square, not the double");
  assertMatch(told, /Cannot accept your double: expected the result for 3 to be 6, got 9/);
});

Deno.test("askAnswer() runs a hidden test on a right answer; the student's side is not told", async () => {
  const { verdict, told } = await ask("right", (answer) => {
    const value: unknown = answer(...[7] as unknown as never[]); // any function can be called
    if (value !== 15) throw new Error(`expected 15, got ${value}`);
  });
  assertEquals([verdict.isRight, verdict.hidden], [true, "expected 15, got 14"]);
  assertEquals(told, "OK  double\n");
});

Deno.test("askAnswer() gives nothing for an exit, or patched prototypes", async () => {
  for (const kind of ["exits", "changes what is built in"]) {
    const { verdict } = await ask(kind);
    assertEquals([verdict.isRight, verdict.isForged], [false, false], kind);
  }
});

Deno.test("askAnswer() ends at once with a clear word where the answer's code writes into the channel", async () => {
  const kinds = [
    ...["forges the end", "forges a result", "writes half a message", "writes a line"],
    "writes bytes",
  ];
  for (const kind of kinds) {
    const { verdict, told } = await ask(kind);
    const { isRight, right, finding, isForged } = verdict;
    assertEquals([isRight, right, isForged], [false, [], true], kind);
    assertMatch(finding, /its code wrote into the channel/);
    assertMatch(told, /end of its process/);
  }
});

Deno.test("askAnswer() refuses what is no function, and draws that no seed repeats", async () => {
  const { verdict } = await ask("no function");
  assertEquals(verdict.finding, "expected a function, got 4");
  assertMatch((await ask("draws without a seed")).verdict.finding, /a call of Math\.random\(\)/);
});
