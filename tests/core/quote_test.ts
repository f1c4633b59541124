import { assertEquals, assertFalse, assertLess } from "@std/assert";
import { plain, quote } from "lib/core/mod.ts";

Deno.test("quote() writes JSON, numbers that JSON lacks, and nothing for nothing", () => {
  const cases: [unknown, string][] = [
    ["4", '"4"'],
    [4, "4"],
    [NaN, "NaN"],
    [-Infinity, "-Infinity"],
    [null, "null"],
    [undefined, "nothing"],
    [{ a: [1] }, '{"a":[1]}'],
    [5n, "a bigint that JSON has no form for"],
    ["é 漢", '"é 漢"'],
  ];
  for (const [value, text] of cases) assertEquals(quote(value), text);
});

Deno.test("quote() and plain() let no character through that a terminal or an eye is misled by", () => {
  const all = Array.from({ length: 0x3000 }, (_, code) => String.fromCharCode(code));
  const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
  for (const character of [...all, "\uFEFF", "\uD800", "\uDC00"]) {
    const isSoft = ["\u00AD"].includes(character) ||
      /[\u0600-\u061C\u06DD\u070F\u0890\u0891\u08E2\u180E]/.test(character);
    if (isSoft) continue; // part of a script
    for (const text of [quote(character), plain(character)]) {
      assertFalse(unseen.test(text), character.charCodeAt(0).toString(16));
      assertEquals(text, text.toWellFormed());
    }
  }
});

Deno.test("quote() stays short whatever comes, and never throws", () => {
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  let deep: unknown = [];
  for (let i = 0; i < 100_000; i++) deep = [deep];
  for (
    const value of [circle, deep, "x".repeat(1e6), new Array(1e5).fill(1), Symbol("a"), () => 1]
  ) {
    assertLess(quote(value).length, 130);
  }
});
