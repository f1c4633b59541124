import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { courseFunctions, exerciseModule, runModule } from "lib/authoring/exercise_module.ts";

Deno.test("exerciseModule() says where each function stands in its code", () => {
  const { code, lines } = exerciseModule("01_data", "solution"), all = code.split("\n");
  assert(lines.size >= 10);
  for (const [name, [from, to]] of lines) {
    assert(all.slice(from, to).some((line) => line.includes(name)), name);
  }
  const places = [...lines.values()].toSorted(([a], [b]) => a - b);
  places.slice(1).forEach(([from], i) => assert(from >= (places[i]?.[1] ?? 0)));
  assertThrows(
    () => exerciseModule("99_none", "solution"),
    RangeError,
    "Cannot read 99_none: expected a notebook",
  );
});

Deno.test("courseFunctions() gives solutions that work, and stubs that throw", async () => {
  const solutions = await courseFunctions("01_data", "solution");
  const stubs = await courseFunctions("01_data", "student");
  assertEquals(Object.keys(stubs).toSorted(), Object.keys(solutions).toSorted());
  // The cast: the source's own type, which a module that was read as a text does not carry.
  const { perplexity } = solutions as { perplexity: (losses: number[]) => number };
  assertEquals(typeof perplexity, "function");
  const { perplexity: stub } = stubs as { perplexity: (losses: number[]) => number };
  assertThrows(() => stub([1, 2]), Error, "not implemented: perplexity");
});

Deno.test("runModule() gives what a module exports, and its errors", async () => {
  assertEquals((await runModule("export const three: number = 3;")).three, 3);
  await assertRejects(() => runModule("export const = 3;"), TypeError, "Unexpected token");
});
