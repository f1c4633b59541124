import { assertEquals, assertLess } from "@std/assert";
import { philoxUniform } from "lib/backend/mod.ts";

/** The halves of each 32-bit word, the low one first, as the generator turns them into fractions. */
const fractions = (...words: number[]) =>
  Float32Array.from(
    words.flatMap((word) => [word & 0xffff, word >>> 16]),
    (half) => half / 2 ** 16,
  );

Deno.test("philoxUniform() gives the known answers of its authors' Random123", () => {
  // kat_vectors, philox4x32 10: counter and key all zeros. Others need a counter we cannot set.
  assertEquals(
    philoxUniform([0, 0], { size: 8, stream: 0 }),
    fractions(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8),
  );
});

Deno.test("philoxUniform() gives numbers that depend on their place alone", () => {
  const all = philoxUniform([1, -2], { size: 103, stream: 5 });
  for (const size of [0, 1, 7, 8, 9, 102]) {
    assertEquals(philoxUniform([1, -2], { size, stream: 5 }), all.slice(0, size));
  }
});

Deno.test("philoxUniform() separates seeds, their halves, and streams up to 2^53", () => {
  const draws = [
    philoxUniform([1, 2], { size: 4, stream: 0 }),
    philoxUniform([2, 1], { size: 4, stream: 0 }),
    philoxUniform([1, -2], { size: 4, stream: 0 }),
    philoxUniform([1, 2], { size: 4, stream: 1 }),
    philoxUniform([1, 2], { size: 4, stream: 2 ** 32 }),
    philoxUniform([1, 2], { size: 4, stream: 2 ** 53 - 1 }),
  ];
  assertEquals(new Set(draws.map(String)).size, draws.length);
});

Deno.test("philoxUniform() is uniform on [0, 1): chi-squared below its 99.99 % point", () => {
  const size = 100_000, counts = new Array<number>(10).fill(0);
  for (const value of philoxUniform([3, 4], { size, stream: 9 })) {
    const bin = Math.floor(value * 10);
    counts[bin] = (counts[bin] ?? NaN) + 1; // a value outside would leave a NaN
  }
  const chiSquared = counts.reduce((sum, n) => sum + (n - size / 10) ** 2 / (size / 10), 0);
  assertLess(chiSquared, 33.7); // 9 degrees of freedom
});
