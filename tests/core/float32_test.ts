import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { z } from "zod";
import { fitsFloat32, float32, parseConfig } from "lib/core/mod.ts";

Deno.test("fitsFloat32() holds for 0 and from the smallest number with all digits to the largest", () => {
  const smallest = 2 ** -126, largest = (2 - 2 ** -23) * 2 ** 127;
  for (const sign of [1, -1]) {
    for (const size of [0, smallest, 1, largest]) assert(fitsFloat32(sign * size), `${size}`);
    for (const size of [smallest / 2, 5e-324, largest * 1.001, Infinity, NaN]) {
      assertFalse(fitsFloat32(sign * size), `${size}`);
    }
  }
});

Deno.test("float32() keeps a schema's bounds as they are, and names a broken one once", () => {
  const schema = z.strictObject({ share: float32(z.number().min(0).lt(1)).default(0.5) });
  const refusal = (share: number) =>
    assertThrows(() => parseConfig(schema, { share }, "settings"), Error).message;
  assertEquals(parseConfig(schema, {}, "settings"), { share: 0.5 });
  assertEquals(refusal(1), "Cannot use the settings: share: expected number to be <1, got 1");
  assertEquals(
    refusal(0.999999999),
    "Cannot use the settings: share: expected a number that stays within its bounds as float32, " +
      "got 0.999999999",
  );
});
