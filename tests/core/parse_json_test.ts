import { assertEquals, assertThrows } from "@std/assert";
import { parseJson, Random } from "lib/core/mod.ts";

Deno.test("parseJson() reads what JSON.parse() reads", () => {
  const texts = [
    "1",
    '"a:\\"b"',
    "[]",
    '{"a":{"b":1},"c":[{"b":2},{"b":3}]}',
    ' { "a" : "}{" } ',
    '{"a":"\\"a\\":"}',
  ];
  for (const text of texts) assertEquals(parseJson(text), JSON.parse(text));
  assertEquals(parseJson('\uFEFF{"a":1}'), { a: 1 });
});

Deno.test("parseJson() finds a key that an object has twice, at any depth and however it is written", () => {
  const cases = [
    '{"a":1,"a":2}',
    '{"b":{"a":1,"c":{"a":3},"a":2}}',
    '[{"x":"}","a":[{}],"a" :2}]',
    '{"a":1,"\\u0061":2}',
  ];
  for (const text of cases) {
    assertThrows(() => parseJson(text), SyntaxError, 'the key "a" twice in one object');
  }
});

Deno.test("parseJson() agrees with JSON.parse() on random documents", () => {
  const random = new Random(5);
  const make = (depth: number): unknown => {
    const kind = random.integer(depth > 3 ? 3 : 5);
    if (kind === 3) return Array.from({ length: random.integer(4) }, () => make(depth + 1));
    const keys = ["a", "{", '"', "\\", "b:", "}"].slice(random.integer(6));
    if (kind === 4) return Object.fromEntries(keys.map((key) => [key, make(depth + 1)]));
    return [null, random.integer(99), '{"a":1,"a":2}'][kind];
  };
  for (let i = 0; i < 300; i++) {
    const value = make(0);
    assertEquals(parseJson(JSON.stringify(value, null, random.integer(3))), value);
  }
});
