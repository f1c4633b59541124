import { useBackend } from "lib/backend/mod.ts";
import { warmupCosine } from "lib/schedule/mod.ts";
import { assertEquals, assertRejects } from "@std/assert";
import { ownOrLibrary } from "../../course/own_or_library.ts";

await useBackend();

/** What is printed while something runs. */
async function printed<T>(act: () => Promise<T>): Promise<[result: T, lines: string[]]> {
  const lines: string[] = [], { log } = console;
  console.log = (line: string) => lines.push(line);
  try {
    return [await act(), lines];
  } finally {
    console.log = log;
  }
}

Deno.test("ownOrLibrary() takes an answer that is right, and says so", async () => {
  const own: typeof warmupCosine = (options) => warmupCosine(options);
  const [taken, lines] = await printed(() => ownOrLibrary("warmupCosine", own));
  assertEquals(taken, own);
  assertEquals(lines, ["warmupCosine: yours"]);
});

Deno.test("ownOrLibrary() puts the course's function in the place of a stub or a wrong one", async () => {
  const stub = () => {
    throw new Error("not implemented: warmupCosine");
  };
  const wrong: typeof warmupCosine = () => () => 1;
  for (const own of [stub, wrong]) {
    const [taken, lines] = await printed(() => ownOrLibrary("warmupCosine", own));
    assertEquals(taken({ warmupSteps: 4, totalSteps: 8 })(0), 0.25);
    assertEquals(lines, ["warmupCosine: ours, until yours passes its check"]);
  }
});

Deno.test("ownOrLibrary() refuses a name that is no exercise", async () => {
  await assertRejects(() => ownOrLibrary("warmCosine", warmupCosine), RangeError, "Cannot check");
});
