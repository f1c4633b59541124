import { checkAnswer, type Exercise, exercise, judge, type Judgement } from "lib/grade/mod.ts";
import { assertEquals, assertMatch, assertRejects } from "@std/assert";

type Sum = (numbers: readonly number[]) => number;

const SUM: Exercise<Sum> = exercise<Sum>({
  name: "sum",
  reference: (numbers) => numbers.reduce((a, b) => a + b, 0),
  returns: "number",
  cases: {
    "three numbers": () => [[1, 2, 3]],
    "two numbers": () => [[0.25, 4]],
    "no numbers": () => [[]],
  },
  drawn: (random, i) => [Array.from({ length: i }, () => random.integer(9))],
  mistakes: {
    "that is the product": (numbers) => numbers.reduce((a, b) => a * b, 1),
    "the last number is left out": [
      (numbers) => numbers.slice(0, -1).reduce((a, b) => a + b, 0),
      (numbers) => numbers.slice(1).reduce((a, b) => a + b, 0),
    ],
  },
  styles: {},
});

async function findingOf(answer: unknown): Promise<string> {
  const { finding = "accepted" } = await judge(SUM, answer);
  return finding;
}

Deno.test("judge() accepts an answer whose results are the reference's, within the tolerance", async () => {
  const { wrong, right, finding }: Judgement = await judge(SUM, (numbers: number[]) => {
    let sum = 1e-6;
    for (const number of numbers) sum += number;
    return sum;
  });
  assertEquals([wrong, finding], [[], undefined]);
  assertEquals(right.length, 3 + 12); // the cases and the drawn ones, not the first once more
});

Deno.test("judge() names a mistake only where its wrong answer gives the same all through", async () => {
  const product = await judge(SUM, (numbers: number[]) => numbers.reduce((a, b) => a * b, 1));
  assertEquals(product.mistake, "that is the product");
  // 1 + 2 + 3 = 1 · 2 · 3, so the first case that fails is another one.
  assertEquals(product.finding, "expected the result for two numbers to be 4.25, got 1");
  const second = await judge(
    SUM,
    (numbers: number[]) => numbers.slice(1).reduce((a, b) => a + b, 0),
  );
  assertEquals(second.mistake, "the last number is left out");
  const other = await judge(
    SUM,
    (numbers: number[]) =>
      numbers.length === 3
        ? 6
        : numbers.reduce((a, b) => a * b, 1) + (numbers.length === 0 ? 1 : 0),
  );
  assertEquals(other.mistake, undefined);
  assertEquals(other.right[0], "three numbers");
  assertEquals(other.wrong[0], "two numbers");
});

Deno.test("judge() shows the call of a drawn case that fails", async () => {
  const finding = await findingOf((numbers: number[]) =>
    numbers.length > 3 ? 0 : numbers.reduce((a, b) => a + b, 0)
  );
  assertMatch(finding, /^expected the result for sum\(\[\d, \d, \d, \d\]\) to be \d+, got 0$/);
});

Deno.test("judge() says what came in place of a function, of a result, or of code", async () => {
  assertEquals(await findingOf(undefined), "expected a function, got nothing");
  assertEquals(await findingOf(7), "expected a function, got 7");
  assertEquals(
    await findingOf(() => {}),
    "expected the result to be a number, got nothing; the function returns nothing: is a `return` " +
      "missing?",
  );
  assertEquals(
    await findingOf(() => "6"),
    'expected the result to be a number, got the text "6"',
  );
  assertEquals(
    await findingOf(() => {
      throw new Error("not implemented: sum");
    }),
    "expected your code, got a stub: not implemented: sum",
  );
  assertEquals(
    await findingOf((numbers: number[]) =>
      (numbers as unknown as { total: { of: number } }).total.of
    ),
    "expected it to run for three numbers, got TypeError: Cannot read properties of undefined " +
      "(reading 'of')",
  );
});

Deno.test("judge() tells of a Promise where none is asked, also of one that is rejected", async () => {
  const told =
    "expected the result to be a number, got a Promise; you returned a Promise: is `async` wrong " +
    "here, or is an `await` missing?";
  assertEquals(await findingOf((numbers: number[]) => Promise.resolve(numbers.length)), told);
  assertEquals(await findingOf(() => Promise.reject(new Error("lost"))), told);
});

Deno.test("judge() refuses an answer that changes its input, remembers, or uses Math.random()", async () => {
  assertEquals(
    await findingOf((numbers: number[]) => {
      const sum = numbers.reduce((a, b) => a + b, 0);
      numbers.sort((a, b) => b - a);
      return sum;
    }),
    "expected the arguments to stay as they are, got 1 changed to 3 at arguments[0][0]; work on a " +
      "copy: [...list], list.slice(), list.toSorted()",
  );
  let total = 0;
  assertEquals(
    await findingOf((numbers: number[]) => {
      for (const number of numbers) total += number;
      return total;
    }),
    "expected the same result from the same call, got 12 first and 18 then; does your function keep " +
      "something from call to call?",
  );
  assertMatch(
    await findingOf((numbers: number[]) => numbers.reduce((a, b) => a + b, 0) + 0 * Math.random()),
    /^expected draws that a seed repeats, got a call of Math\.random\(\)/,
  );
});

Deno.test("judge() asks for the same result twice, though only a part of it is compared", async () => {
  type Answer = (items: readonly number[]) => { items: number[]; at: (i: number) => number };
  const turned = exercise<Answer>({
    name: "turned",
    reference: (items) => ({ items: items.toReversed(), at: (i) => items.at(-1 - i) ?? 0 }),
    returns: { items: "numbers", at: "function" },
    cases: { "3 items": () => [[1, 2, 3]] },
    read: ({ items }) => items.toSorted(),
    mistakes: {},
    styles: {},
  });
  let isTurned = false;
  const { finding } = await judge(turned, (items: number[]) => {
    isTurned = !isTurned;
    return { items: isTurned ? items : items.toReversed(), at: () => 0 };
  });
  assertEquals(
    finding,
    "expected the same result from the same call, got 3 first and 1 then at .items[0]; does your " +
      "function keep something from call to call?",
  );
  assertEquals((await judge(turned, turned.reference)).wrong, []);
});

Deno.test("judge() names a mistake whatever the text of an error that is asked for", async () => {
  const reading = (shift: number, error: Error) => (list: readonly number[], index: number) => {
    if (index >= list.length) throw error;
    return list[(index + shift) % list.length] ?? 0;
  };
  const itemOf = exercise<(list: readonly number[], index: number) => number>({
    name: "itemOf",
    reference: reading(0, new RangeError("no item")),
    returns: "number",
    cases: { "item 0 of 2": () => [[3, 4], 0], "item 9 of 2": () => [[3, 4], 9] },
    mistakes: {
      "that is the next item": reading(1, new RangeError("no item")),
      "throw a RangeError": reading(0, new Error("no item")),
    },
    styles: {},
  });
  const next = await judge(
    itemOf,
    reading(1, new RangeError("expected an index below the length")),
  );
  assertEquals(next.mistake, "that is the next item");
  const other = await judge(itemOf, reading(0, new Error("in my own words")));
  assertEquals(other.mistake, "throw a RangeError");
});

Deno.test("judge() awaits an async answer where one is asked", async () => {
  type Answer = (x: number) => Promise<number>;
  const twice = exercise<Answer>({
    name: "twice",
    reference: async (x) => await Promise.resolve(2 * x),
    returns: "number",
    cases: { "2": () => [2], "3": () => [3] },
    mistakes: { "that is the square": async (x) => await Promise.resolve(x * x) },
    styles: {},
  });
  assertEquals((await judge(twice, async (x: number) => await Promise.resolve(x + x))).wrong, []);
  const square = await judge(twice, async (x: number) => await Promise.resolve(x ** 2));
  assertEquals(square.mistake, "that is the square");
});

Deno.test("judge() tells errors apart by their class", async () => {
  type Answer = (x: number) => number;
  const root = exercise<Answer>({
    name: "root",
    reference: (x) => {
      if (x < 0) throw new RangeError("Cannot take a root");
      return Math.sqrt(x);
    },
    returns: "number",
    cases: { "4": () => [4], "-1": () => [-1] },
    mistakes: {},
    styles: {},
  });
  const plain = await judge(root, (x: number) => {
    if (x < 0) throw new Error("no root");
    return Math.sqrt(x);
  });
  assertEquals(plain.finding, "expected a RangeError for -1, got Error: no root");
  const silent = await judge(root, (x: number) => Math.sqrt(x));
  assertEquals(silent.finding, "expected a RangeError for -1, got NaN");
});

Deno.test("judge() asks properties where more than one result is right", async () => {
  type Answer = (items: readonly number[]) => readonly number[];
  const reversed = (items: readonly number[]) => items.toReversed();
  const mix = exercise<Answer>({
    name: "mix",
    reference: reversed,
    returns: "numbers",
    properties: {
      "no item lost": (answer) => {
        const { length } = answer([1, 2, 3]);
        return length === 3 ? undefined : `expected 3 items, got ${length}`;
      },
    },
    mistakes: { "an item is lost": (items) => items.slice(0, -1) },
    styles: {},
  });
  assertEquals((await judge(mix, (items: number[]) => [...items])).wrong, []);
  const lost = await judge(mix, (items: number[]) => items.slice(2)); // another count, the same rule
  assertEquals([lost.finding, lost.mistake], ["expected 3 items, got 1", "an item is lost"]);
});

Deno.test("judge() names no mistake where both fail, but for another reason", async () => {
  const thirds = exercise<(list: readonly number[]) => number>({
    name: "thirds",
    reference: (list) => list.length / 3,
    returns: "number",
    cases: { "three numbers": () => [[1, 2, 3]] },
    mistakes: {
      "there is no fourth": (list) => {
        throw new RangeError(`no number 4 of ${list.length}`);
      },
    },
    styles: {},
  });
  const failing = (message: string) => () => {
    throw new RangeError(message);
  };
  assertEquals((await judge(thirds, failing("no number 5 of 3"))).mistake, "there is no fourth");
  assertEquals((await judge(thirds, failing("no list"))).mistake, undefined);
});

Deno.test("judge() says it where nothing is wrong but the class of an error", async () => {
  type Root = (x: number) => number;
  const root = exercise<Root>({
    name: "root",
    reference: (x) => {
      if (x < 0) throw new RangeError("no root");
      return Math.sqrt(x);
    },
    returns: "number",
    cases: { "4": () => [4], "-1": () => [-1], "0": () => [0] },
    mistakes: {},
    styles: {},
  });
  const refusing = (root: Root) => (x: number) => {
    if (x < 0) throw new Error("no root");
    return root(x);
  };
  const { finding, mistake } = await judge(root, refusing(Math.sqrt));
  assertEquals(finding, "expected a RangeError for -1, got Error: no root");
  assertEquals(mistake, "the error should be a RangeError: throw new RangeError(...)");
  assertEquals((await judge(root, refusing((x) => x))).mistake, undefined); // and more is wrong
  assertEquals((await judge(root, Math.sqrt)).mistake, undefined); // NaN, no error
});

Deno.test("checkAnswer() lists what is right and what is wrong by names that say something", async () => {
  const messageOf = async (answer: Sum) => {
    const { message } = await assertRejects(() => checkAnswer(SUM, answer), Error);
    return message.split("\n")[1];
  };
  assertEquals(
    await messageOf((numbers) => numbers.length === 3 ? 6 : -1),
    "Right for three numbers; and 1 more; wrong for two numbers; no numbers; and 11 more",
  );
  assertEquals(
    await messageOf((numbers) => numbers.length < 4 ? numbers.reduce((a, b) => a + b, 0) : -1),
    "Right for three numbers; two numbers; no numbers; and 4 more; wrong for 8 drawn at random",
  );
});
