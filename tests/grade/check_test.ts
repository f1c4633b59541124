import * as tf from "@tensorflow/tfjs";
import { useBackend } from "lib/backend/mod.ts";
import {
  check,
  CheckError,
  expectClose,
  expectEqual,
  expectShape,
  expectThat,
  type Mistake,
} from "lib/grade/mod.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";

const OPENING = "Cannot accept this answer: ";

/** The message of the failure that `act` ends in. */
async function refusal(act: () => unknown): Promise<string> {
  const error = await assertRejects(async () => void await act(), CheckError);
  return error.message;
}

/** What `act` prints. */
async function printed(act: () => Promise<void>): Promise<string[]> {
  const lines: string[] = [], { log } = console;
  console.log = (line: string) => lines.push(line);
  try {
    await act();
  } finally {
    console.log = log;
  }
  return lines;
}

Deno.test("expectClose() lets pass what differs by no more than the tolerance", () => {
  const exactly = { what: "x", tolerance: 0.25 };
  expectClose(1.25, 1, exactly);
  expectClose(5, 4, exactly); // 0.25 · 4
  expectClose([[1, NaN], [-Infinity, 2]], [[1, NaN], [-Infinity, 2]], exactly);
  expectClose(Float32Array.of(1, 2), [1, 2], exactly);
  assertThrows(() => expectClose(1.2501, 1, exactly), CheckError, "expected x to be 1, got 1.2501");
  assertThrows(() => expectClose(5.01, 4, exactly), CheckError);
  assertThrows(() => expectClose(-1, -Infinity, exactly), CheckError, "to be -Infinity, got -1");
});

Deno.test("expectClose() names the first place that differs, both values, and how many do", async () => {
  const act = () => expectClose([[1, 2], [3.5, 5]], [[1, 2], [3, 4]], { what: "scores" });
  const told = "expected scores to be 3 at [1][0], got 3.5 (2 places differ)";
  assertEquals(await refusal(act), OPENING + told);
});

Deno.test("expectClose() refuses another length, a missing value, and what is no number", async () => {
  const options = { what: "rates" };
  const cases: [unknown, unknown, string][] = [
    [[1], [1, 2], "expected rates to be 2 at .length, got 1"],
    [undefined, [1, 2], "expected rates to be [ 1, 2 ], got undefined"],
    [["1"], [1], 'expected rates to be 1 at [0], got "1"'],
    [NaN, 0.1234567891, "expected rates to be 0.123457, got NaN"],
    [() => 1, 1, "expected rates to be 1, got a function"],
  ];
  for (const [actual, expected, told] of cases) {
    assertEquals(await refusal(() => expectClose(actual, expected, options)), OPENING + told);
  }
});

Deno.test("expectClose() compares tensors by shape, then by value", async () => {
  await useBackend();
  const right = tf.tensor2d([[1, 2], [3, 4]]);
  expectClose(right, [[1, 2], [3, 4]], { what: "y" });
  expectClose(right, tf.tensor2d([[1, 2], [3, 4]]), { what: "y" });
  const flat = () => expectClose(right.flatten(), right, { what: "y" });
  assertEquals(await refusal(flat), `${OPENING}expected y to have shape [2, 2], got [4]`);
  const off = () => expectClose(right.add(1), right, { what: "y" });
  assertEquals(
    await refusal(off),
    `${OPENING}expected y to be 1 at [0][0], got 2 (4 places differ)`,
  );
});

Deno.test("expectEqual() compares records, maps and sets, and says where they differ", async () => {
  const batch = { ids: Int32Array.of(1, 4), texts: ["a"], words: new Map([["The", 4]]) };
  expectEqual(batch, { ids: [1, 4], texts: ["a"], words: [["The", 4]] }, { what: "it" });
  expectEqual(new Set([1, 2]), new Set([1, 2]), { what: "it" });
  const act = (other: object) => () => expectEqual({ ...batch, ...other }, batch, { what: "it" });
  assertEquals(
    await refusal(act({ texts: ["b"] })),
    `${OPENING}expected it to be "a" at .texts[0], got "b"`,
  );
  assertEquals(
    await refusal(act({ more: 1 })),
    `${OPENING}expected it to be undefined at .more, got 1`,
  );
});

Deno.test("expectEqual() counts a difference of one bit", async () => {
  const told = await refusal(() => expectEqual(0.1 + 0.2, 0.3, { what: "it" }));
  assertEquals(told, `${OPENING}expected it to be 0.3, got 0.3`);
});

Deno.test("expectEqual() cuts a long value short", async () => {
  const told = await refusal(() => expectEqual("x".repeat(500), 1, { what: "it" }));
  assert(told.endsWith(" …") && told.length < 250, told);
});

Deno.test("expectShape() refuses another shape, and what is no tensor", async () => {
  await useBackend();
  expectShape(tf.zeros([2, 7]), [2, 7], { what: "ids [B, T]" });
  const cases: [unknown, string][] = [
    [tf.zeros([7, 2]), "expected ids [B, T] to have shape [2, 7], got [7, 2]"],
    [[[1]], "expected ids [B, T] to have shape [2, 7], got [ [ 1 ] ]"],
    [undefined, "expected ids [B, T] to have shape [2, 7], got undefined"],
  ];
  for (const [tensor, told] of cases) {
    const act = () => expectShape(tensor, [2, 7], { what: "ids [B, T]" });
    assertEquals(await refusal(act), OPENING + told);
  }
});

Deno.test("check() prints one line when all is right", async () => {
  const lines = await printed(() => check("split", () => expectThat(true, "")));
  assertEquals(lines, ["OK  split"]);
});

Deno.test("check() awaits a body that takes time", async () => {
  const late = () =>
    check("split", () => new Promise((_, fail) => setTimeout(fail, 0, new Error())));
  assertEquals(await printed(() => assertRejects(late, CheckError).then(() => {})), []);
});

Deno.test("check() names the answer and the first mistake that was made", async () => {
  const asked: string[] = [];
  const mistake = (says: string, was: boolean | "throws"): Mistake => ({
    says,
    when: () => {
      asked.push(says);
      if (was === "throws") throw new TypeError("the wrong answer fails here too");
      return Promise.resolve(was);
    },
  });
  const own = [mistake("a", false), mistake("b", "throws"), mistake("c", true), mistake("d", true)];
  const body = () => expectThat(false, "expected 900 sentences, got 100", own);
  const told = await refusal(() => check("splitCorpus", body));
  assertEquals(told, "Cannot accept your splitCorpus: expected 900 sentences, got 100; c");
  assertEquals(asked, ["a", "b", "c"]);
});

Deno.test("check() tries its own mistakes after those of the failed check", async () => {
  const general = [{ when: true, says: "something general" }];
  const body = (when: boolean) => () =>
    expectThat(false, "expected 1, got 2", [{ when, says: "x" }]);
  assertEquals(
    await refusal(() => check("f", body(false), general)),
    "Cannot accept your f: expected 1, got 2; something general",
  );
  assertEquals(
    await refusal(() => check("f", body(true), general)),
    "Cannot accept your f: expected 1, got 2; x",
  );
});

Deno.test("check() takes a stub for an answer that does not run, and keeps where it failed", async () => {
  const stub = () => {
    throw new Error("not implemented: split");
  };
  const error = await assertRejects(() => check("split", stub), CheckError);
  const told = "Cannot accept your split: expected your code, got a stub: not implemented: split";
  assertEquals(error.message, told);
  assert(error.stack?.startsWith(`CheckError: ${told}\n    at stub (`), error.stack);
  assertEquals(error.stack?.includes("/lib/grade/"), false);
  assert(error.cause instanceof Error);
});

Deno.test("check() names what a wrong answer throws", async () => {
  const throwing = (value: unknown) => () => {
    throw value;
  };
  assertEquals(
    await refusal(() => check("f", throwing(new TypeError("x is undefined")))),
    "Cannot accept your f: expected it to run, got TypeError: x is undefined",
  );
  assertEquals(
    await refusal(() => check("f", throwing("a text"))),
    'Cannot accept your f: expected it to run, got "a text" thrown',
  );
});

Deno.test("check() shows no frames of the check itself", async () => {
  const error = await assertRejects(() => check("f", () => expectThat(false, "expected a, got b")));
  assertEquals((error as Error).stack, "CheckError: Cannot accept your f: expected a, got b");
});

Deno.test("check() keeps the name of a finding that carries it already", async () => {
  const body = () => {
    throw new CheckError("Cannot accept your f: expected a, got b");
  };
  assertEquals(await refusal(() => check("f", body)), "Cannot accept your f: expected a, got b");
});

Deno.test("check() lets a turn of the timer pass before it throws", async () => {
  const order: string[] = [];
  const failing = check("f", () => expectThat(false, "expected a, got b"));
  setTimeout(() => order.push("timer"));
  await failing.catch(() => order.push("thrown"));
  assertEquals(order, ["timer", "thrown"]);
});
