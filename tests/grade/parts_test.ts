import {
  callLimit,
  CheckError,
  CountingRandom,
  describe,
  differences,
  expectSame,
  format,
  inspectShort,
  isRecord,
  type Kind,
  kindProblem,
  limitedList,
  PlainTensor,
  takeAll,
  tensorsIn,
  toPlain,
  withTensors,
} from "lib/grade/mod.ts";
import { Random } from "lib/core/mod.ts";
import * as tf from "@tensorflow/tfjs";
import { assert, assertEquals, assertThrows } from "@std/assert";

Deno.test("differences() lets pass what is within the tolerance, and no more", () => {
  const count = (a: unknown, e: unknown, tolerance = 0.25) => differences(a, e, tolerance).length;
  assertEquals(count(1.25, 1), 0);
  assertEquals(count(5, 4), 0); // 0.25 · 4
  assertEquals(count(5.01, 4), 1);
  assertEquals(count([[1, NaN], [-Infinity, 2]], [[1, NaN], [-Infinity, 2]]), 0);
  assertEquals(count(-1, -Infinity), 1);
  assertEquals(count(Infinity, 1e30), 1);
  assertEquals(count(NaN, 1), 1);
  assertEquals(count(1, NaN), 1);
  assertEquals(count(0, -0, 0), 0);
  assertEquals(count("1", 1), 1);
});

Deno.test("differences() names places, lengths, missing members and shapes", () => {
  const placed = (a: unknown, e: unknown) =>
    differences(a, e, 0).map(({ place, actual, expected }) =>
      `${place}: ${actual}, not ${expected}`
    );
  assertEquals(placed([[1, 2], [3, 5]], [[1, 2], [3, 4]]), ["[1][1]: 5, not 4"]);
  assertEquals(placed([1], [1, 2]), [".length: 1, not 2"]);
  assertEquals(placed({ a: 1 }, { a: 1, b: 2 }), [".b: undefined, not 2"]);
  assertEquals(placed({ "a.b": 1 }, { "a.b": 2 }), ['["a.b"]: 1, not 2']);
  assertEquals(placed(new PlainTensor([2], [1, 2]), new PlainTensor([1, 2], [[1, 2]])), [
    ": shape [2], not shape [1, 2]",
  ]);
});

Deno.test("differences() never writes two numbers alike that it says differ", () => {
  const random = new Random(1);
  for (let i = 0; i < 2000; i++) {
    const value = (random.uniform() - 0.5) * 10 ** (random.integer(20) - 10);
    const other = value * (1 + 10 ** -(1 + random.integer(15)));
    for (const { actual, expected } of differences(other, value, 0)) {
      assert(actual !== expected, `${other} and ${value} are both written ${actual}`);
    }
  }
});

Deno.test("format() and inspectShort() write values for a sentence", () => {
  assertEquals(format(0.1234567891), "0.123457");
  assertEquals(format("a"), '"a"');
  assertEquals(format(() => 1), "a function");
  assertEquals(format(Array(200).fill(1)).length, 122);
  assertEquals(
    inspectShort({ ids: Int32Array.of(1, 2), x: [0.5, null] }),
    "{ ids: [1, 2], x: [0.5, null] }",
  );
  assertEquals(inspectShort({}), "{}");
});

Deno.test("toPlain() names a tensor that is gone, and does not fail on it", () => {
  const gone = tf.tensor1d([1]);
  gone.dispose();
  assertEquals(toPlain([gone, 2]), ["a tensor that is disposed of", 2]);
});

Deno.test("kindProblem() says in what a value is of another kind", () => {
  const cases: [value: unknown, kind: Kind, problem: string | undefined][] = [
    [1, "number", undefined],
    ["1", "number", 'expected the result to be a number, got the text "1"'],
    [true, "boolean", undefined],
    [0, "boolean", "expected the result to be true or false, got 0"],
    [[1, 2], "numbers", undefined],
    [Int32Array.of(1), "numbers", undefined],
    [["a"], "numbers", "expected the result to be a list of numbers, got a list"],
    [
      [1, undefined],
      "numbers",
      "expected the result to be a list of numbers, got a list with undefined in it",
    ],
    [
      Float32Array.of(1),
      "Int32Array",
      "expected the result to be an Int32Array, got a Float32Array",
    ],
    [Uint16Array.of(1), "Int32Array", "expected the result to be an Int32Array, got a Uint16Array"],
    [[1], "Int32Array", "expected the result to be an Int32Array, got a plain list"],
    [["a", "b"], "texts", undefined],
    [[[1], [2, 3]], ["numbers"], undefined],
    [[[1], 2], ["numbers"], "expected the result[1] to be a list of numbers, got 2"],
    [{ a: 1, b: "x" }, { a: "number", b: "text" }, undefined],
    [{ a: 1 }, { a: "number", b: "text" }, "expected the result to be { a, b }, got { a }"],
    [[1, "x"], { a: "number", b: "text" }, "expected the result to be { a, b }, got a list"],
    [
      { moments: { "m.w": 1 } },
      { moments: "params" },
      'expected moments["m.w"] to be a float32 tensor, got 1',
    ],
    [[], "params", "expected the result to be a record of float32 tensors, got a plain list"],
    [{ a: { b: [] } }, { a: { b: "number" } }, "expected a.b to be a number, got a plain list"],
    [Promise.resolve(1), { a: "number" }, "expected the result to be { a }, got a Promise"],
    [null, "nothing", "expected the result to be nothing, got null"],
    [undefined, "nothing", undefined],
    [[1].values(), "generator", undefined],
    [Math.max, "function", undefined],
    [null, "number or null", undefined],
    [undefined, "number or null", "expected the result to be a number or null, got nothing"],
    [Promise.resolve(1), "anything", "expected the result to be a value, got a Promise"],
  ];
  for (const [value, kind, problem] of cases) assertEquals(kindProblem(value, kind), problem);
});

Deno.test("describe() says what a value is", () => {
  assertEquals(describe(new Error("x")), "an error, Error");
  assertEquals(describe(new Map()), "a Map");
  assertEquals(describe({ a: 1 }), "{ a }");
  assertEquals(describe([[[1]]]), "a list of lists");
  assertEquals(describe(["a", undefined]), "a list with undefined in it"); // not an empty one
  assertEquals(describe([1].values().map(String)), "a generator");
  assertEquals(describe(async function* () {}()), "an async generator");
});

Deno.test("limits end a loop without end, and let all others pass", () => {
  const count = callLimit(3, "a batch");
  for (let i = 0; i < 3; i++) count();
  assertThrows(count, CheckError, "your loop asked 4 times for a batch: when does it end?");
  assertEquals(takeAll("abc", 3, "letter"), ["a", "b", "c"]);
  assertThrows(() => takeAll("abcd", 3, "letter"), CheckError, "your loop gave letter 4");
  const plain = new Random(5), counting = new CountingRandom(5, 4);
  assertEquals(counting.integer(6), plain.integer(6));
  assertEquals(counting.normal(), plain.normal());
  assertEquals(counting.draws, 3);
  counting.uniform();
  assertThrows(() => counting.uniform(), CheckError, "your loop drew 5 random numbers");
  const items = [3, 5], limited = limitedList(items, 6, "a length");
  assert(Array.isArray(limited));
  assertEquals(limited.toSorted((a, b) => b - a), [5, 3]);
  limited[0] = 4;
  assertEquals([items, limited[0], limited.length], [[3, 5], 4, 2]);
  const readOn = () => {
    while (limited[1] === 5);
  };
  assertThrows(readOn, CheckError, "your loop asked 7 times for a length: when does it end?");
});

Deno.test("toPlain() copies; tensorsIn() and withTensors() go the same way", () => {
  const list = [1, Int32Array.of(2)], plain = toPlain({ list, set: new Set([1]) });
  list.push(3);
  assertEquals(plain, { list: [1, [2]], set: [1] });
  assert(isRecord({}) && !isRecord([]) && !isRecord(new Map()) && !isRecord(null));
  tf.tidy(() => {
    const [a, b, c] = [tf.scalar(1), tf.scalar(2), tf.scalar(3)] as const;
    const tree = { a, more: [b, { n: 1, text: "x" }] };
    assertEquals(tensorsIn(tree), [a, b]);
    const copy = withTensors(tree, [b, c]);
    assertEquals([copy.a, copy.more[0]], [b, c]);
    assertEquals(copy.more[1], { n: 1, text: "x" });
  });
});

Deno.test("expectSame() names the first place that differs, and how many do", () => {
  expectSame(Float32Array.of(1, 2), [1, 2], { what: "x" });
  expectSame([1.1], [1], { what: "x", tolerance: 0.2 });
  assertThrows(
    () => expectSame([[1, 2], [3.5, 5]], [[1, 2], [3, 4]], { what: "scores" }),
    CheckError,
    "expected scores to be 3 at [1][0], got 3.5 (2 places differ)",
  );
});
