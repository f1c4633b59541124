import { type ModelConfig, modelConfig } from "lib/model/mod.ts";
import { check, expectEqual, type Mistake } from "./check.ts";
import { PART_MISTAKES, partsOf, sumOf } from "./_model_parts.ts";

/** Sizes of which no two are alike, so that a mistake in one product shows in the sum. */
const ODD_SIZES = {
  vocabSize: 23,
  hiddenSize: 10,
  heads: 2,
  layers: 3,
  feedForwardSize: 17,
  maxLength: 9,
} as const;

/**
 * Checks a count of the model's parameters, made by hand from its settings.
 *
 * @param countParameters From the settings to the number of parameters.
 * @throws {CheckError} If the count differs for a small model, tied or untied, or for the exercise's;
 *   the message names what was left out or counted twice.
 *
 * @example
 * ```ts
 * import { checkParameterCount } from "lib/grade/mod.ts";
 * import { paramShapes } from "lib/model/mod.ts";
 *
 * const sizeOf = (shape: readonly number[]) => shape.reduce((product, axis) => product * axis, 1);
 * await checkParameterCount((config) =>
 *   Object.values(paramShapes(config)).reduce((sum, shape) => sum + sizeOf(shape), 0)
 * );
 * ```
 */
export function checkParameterCount(
  countParameters: (config: ModelConfig) => number,
): Promise<void> {
  const cases = {
    "a small untied model": modelConfig({ ...ODD_SIZES, tiedHead: false }),
    "a small tied model": modelConfig({ ...ODD_SIZES, tiedHead: true }),
    "the exercise's model": modelConfig(),
  };
  return check("countParameters", () => {
    for (const [what, config] of Object.entries(cases)) {
      const actual = countParameters(config), parts = partsOf(config);
      const mistakes = PART_MISTAKES.map(({ says, change }): Mistake => ({
        when: actual === sumOf({ ...parts, ...change(parts, config) }),
        says,
      }));
      expectEqual(actual, sumOf(parts), { what: `the size of ${what}`, mistakes });
    }
  });
}
