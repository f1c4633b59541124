import { Random } from "lib/core/mod.ts";
import { check, expectClose, expectThat, type Mistake } from "./check.ts";
import { drawFrom, isNear, measure } from "./_model_numbers.ts";

/** The two rules that {@linkcode checkWeightDeviation} asks for. */
export type DeviationRule = "xavier" | "he";

/**
 * Checks the standard deviation that Xavier's and He's rule give a linear layer's weights.
 *
 * @param weightDeviation From the rule, the inputs and the outputs of the layer to the deviation.
 * @throws {CheckError} If a deviation differs; the message names the formula that gives it.
 *
 * @example
 * ```ts
 * import { checkWeightDeviation } from "lib/grade/mod.ts";
 *
 * await checkWeightDeviation((rule, fanIn, fanOut) =>
 *   Math.sqrt(2 / (rule === "he" ? fanIn : fanIn + fanOut))
 * );
 * ```
 */
export function checkWeightDeviation(
  weightDeviation: (rule: DeviationRule, fanIn: number, fanOut: number) => number,
): Promise<void> {
  return check("weightDeviation", () => {
    for (const [fanIn, fanOut] of [[256, 768], [768, 256]] as const) {
      for (const rule of ["xavier", "he"] as const) {
        const actual = weightDeviation(rule, fanIn, fanOut);
        const what = `the deviation for "${rule}", ${fanIn} inputs and ${fanOut} outputs,`;
        const mistakes = deviationMistakes(rule, [fanIn, fanOut]).map(([value, says]): Mistake => ({
          when: isNear(actual, value),
          says,
        }));
        const variance = 2 / (rule === "he" ? fanIn : fanIn + fanOut);
        expectClose(actual, Math.sqrt(variance), { what, mistakes });
      }
    }
  });
}

function deviationMistakes(
  rule: DeviationRule,
  [fanIn, fanOut]: readonly [number, number],
): [number, string][] {
  const both = fanIn + fanOut, fan = rule === "he" ? fanIn : both;
  return [
    [2 / fan, "that is the variance: the standard deviation is its root"],
    [Math.sqrt(6 / fan), "that is the limit of a uniform draw, √3 times the standard deviation"],
    [
      Math.sqrt(1 / fan),
      rule === "he"
        ? "1/in keeps a linear layer's size; ReLU takes half away, which He's 2/in makes up for"
        : "Xavier takes the mean of 1/in and 1/out in the sense 2/(in + out), not 1/(in + out)",
    ],
    rule === "he"
      ? [Math.sqrt(2 / fanOut), "that is fan-out: going forward, He counts the inputs (fan-in)"]
      : [Math.sqrt(2 / fanIn), "that is He's rule: Xavier counts inputs and outputs"],
    rule === "he"
      ? [Math.sqrt(2 / both), "that is Xavier's rule: He counts the inputs alone"]
      : [Math.sqrt(2 / fanOut), "Xavier counts the inputs and the outputs, not the outputs alone"],
  ];
}

/** Draws that decide: the deviation of so many is within 1 % of the one asked for. */
const DRAWS = 20_000;

/** Five standard errors of a deviation measured over {@linkcode DRAWS} uniform draws, and more. */
const DRAW_TOLERANCE = 0.02;

/** Five standard errors of a mean over {@linkcode DRAWS} draws, as a share of their deviation. */
const MEAN_TOLERANCE = 0.036;

/** Of float32, and more. */
const ROUNDING = 1e-6;

/**
 * Checks a draw of uniform numbers around 0 with a given standard deviation.
 *
 * @param drawUniform From how many numbers, their standard deviation and the stream to draw from.
 * @throws {CheckError} If the numbers do not come from the stream, or are not uniform around 0 with
 *   that deviation.
 *
 * @example
 * ```ts
 * import { checkDrawUniform } from "lib/grade/mod.ts";
 *
 * await checkDrawUniform((count, deviation, random) =>
 *   Float32Array.from({ length: count }, () => Math.sqrt(3) * deviation * (2 * random.uniform() - 1))
 * );
 * ```
 */
export function checkDrawUniform(
  drawUniform: (count: number, deviation: number, random: Random) => ArrayLike<number>,
): Promise<void> {
  const deviation = 0.05;
  return check("drawUniform", () => {
    const draw = () => drawFrom(drawUniform(DRAWS, deviation, new Random(1)), DRAWS);
    const numbers = draw(), again = draw(), { spread } = measure(numbers);
    expectThat(
      numbers.every((number, i) => number === again[i]),
      "expected the same numbers from the same seed, got others; draw from `random`, not from " +
        "Math.random(): else no run can be repeated",
    );
    expectThat(
      spread > 0,
      `expected ${DRAWS} different numbers, got ${numbers[0]} every time; draw anew for each`,
    );
    expectUniform(numbers, deviation);
  });
}

function expectUniform(numbers: readonly number[], deviation: number): void {
  const { mean, spread, largest } = measure(numbers), limit = Math.sqrt(3) * deviation;
  expectThat(
    Math.abs(mean) < MEAN_TOLERANCE * spread,
    `expected a mean near 0, got ${mean.toPrecision(3)}; draw from -limit to limit: ` +
      "2 * random.uniform() - 1 lies around 0",
  );
  const wrongLimits: [number, string][] = [
    [deviation, "the limit is not the deviation: uniform numbers up to L have deviation L/√3"],
    [limit * deviation, "that squares the deviation: the limit is √3 times the deviation itself"],
    [Math.sqrt(3 * deviation), "that takes the deviation for a variance: it is a root already"],
    [
      Math.sqrt(6) * deviation,
      "√6 belongs to a limit √(6/(in + out)), where 2/(in + out) is inside",
    ],
  ];
  expectClose(spread / deviation, 1, {
    what: "the measured deviation, as a share of the one asked for,",
    tolerance: DRAW_TOLERANCE,
    mistakes: wrongLimits.map(([wrong, says]) => ({
      when: isNear(spread, wrong / Math.sqrt(3), DRAW_TOLERANCE),
      says,
    })),
  });
  expectThat(
    largest <= limit * (1 + ROUNDING),
    `expected numbers up to √3 · ${deviation} = ${limit.toPrecision(4)}, got ` +
      `${largest.toPrecision(4)}; a uniform draw has an end, unlike random.normal()`,
  );
}
