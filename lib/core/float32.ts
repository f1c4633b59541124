import type { z } from "zod";

/**
 * The smallest number that float32 stores with all digits; processors may treat smaller ones as 0.
 */
const SMALLEST = 2 ** -126;

/**
 * Tells whether a number can be used as float32, the type in which all tensors compute: it must not
 * become infinite, and it must not become 0 unless it is 0.
 *
 * @param value A number.
 * @returns False for NaN and infinity, for absolute values from about 3.4 · 10³⁸ on, and for those
 *   below about 1.2 · 10⁻³⁸, except 0.
 *
 * @example
 * ```ts
 * import { fitsFloat32 } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([0, 1e-8, -1e38].every(fitsFloat32), true);
 * assertEquals([1e-46, 1e39, NaN].some(fitsFloat32), false);
 * ```
 */
export function fitsFloat32(value: number): boolean {
  const single = Math.fround(value);
  return Number.isFinite(single) && (value === 0 || Math.abs(single) >= SMALLEST);
}

/**
 * Makes the schema of a setting that is used in tensors: it must still be within its bounds after
 * rounding to float32.
 *
 * So it refuses a positive setting such as 1e-46, which would act as 0, and a share below 1 such as
 * 0.999999999, which would act as 1.
 *
 * @param schema The setting's bounds.
 * @returns The schema, with one more rule.
 *
 * @example
 * ```ts
 * import { z } from "zod";
 * import { float32, parseConfig } from "lib/core/mod.ts";
 * import { assertThrows } from "@std/assert";
 *
 * const schema = z.strictObject({ epsilon: float32(z.number().positive()) });
 * const text = "epsilon: expected a number that stays within its bounds as float32, got 1e-46";
 * assertThrows(() => parseConfig(schema, { epsilon: 1e-46 }, "settings"), Error, text);
 * ```
 */
export function float32(schema: z.ZodNumber): z.ZodNumber {
  const isAllowed = (value: number) => schema.safeParse(value).success;
  return schema.refine(
    // A value that already breaks a bound before rounding does not need a second message.
    (value) => !isAllowed(value) || (fitsFloat32(value) && isAllowed(Math.fround(value))),
    { error: "expected a number that stays within its bounds as float32" },
  );
}
