import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { compareNextTokens } from "lib/analysis/mod.ts";

Deno.test("compareNextTokens() names the likeliest, and adds up to 1 with the rest", () => {
  const model = Float32Array.of(0.1, 0.3, 0.3, 0.2, 0.1), oracle = [0, 0.5, 0.5, 0, 0];
  for (let count = 0; count <= 6; count++) {
    const { tokens, rest, impossible } = compareNextTokens(model, oracle, count);
    assertEquals(tokens.map(({ id }) => id), [1, 2, 3, 0, 4].slice(0, count));
    const total = (whose: "model" | "oracle") =>
      tokens.reduce((sum, token) => sum + token[whose], rest[whose]);
    assertAlmostEquals(total("model"), 1, 1e-6);
    assertAlmostEquals(total("oracle"), 1, 1e-12);
    assertAlmostEquals(impossible, 0.4, 1e-6);
  }
});

Deno.test("compareNextTokens() refuses two vocabularies", () => {
  assertThrows(
    () => compareNextTokens([1], [0.5, 0.5]),
    TypeError,
    "Cannot compare next tokens: expected 1 probabilities of the oracle, got 2",
  );
});
