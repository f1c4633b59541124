import { assertEquals, assertGreater } from "@std/assert";
import { CATEGORIES, PALETTE } from "lib/plot/mod.ts";
import { contrast, linear, multiply, XYZ_OF_RGB } from "./fixtures/color.ts";

/** WCAG 2.2, 1.4.3: the least contrast of small text. */
const TEXT_CONTRAST = 4.5;

/** Five times the smallest difference that is seen at all, about 2.3 (Mahy et al., 1994). */
const CLEARLY_DIFFERENT = 11.5;

/** Linear RGB as a dichromat sees it: Machado et al., 2009, severity 1.0. */
const BLINDNESS = {
  protanopia: [[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]],
  deuteranopia: [[0.367, 0.861, -0.228], [0.28, 0.673, 0.047], [-0.012, 0.043, 0.969]],
  tritanopia: [[1.256, -0.077, -0.179], [-0.078, 0.931, 0.148], [0.005, 0.691, 0.304]],
};

/** CIE L*a*b* under D65. */
function lab(rgb: number[]): number[] {
  const white = [0.95047, 1, 1.08883];
  const [x = 0, y = 0, z = 0] = multiply(XYZ_OF_RGB, rgb).map((value, i) => {
    const t = Math.max(0, value) / (white[i] ?? 1);
    return t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116;
  });
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

for (const [name, color] of Object.entries(PALETTE)) {
  Deno.test(`PALETTE.${name} can be read as text on white`, () => {
    assertGreater(contrast(color, "white"), TEXT_CONTRAST);
  });
}

Deno.test("CATEGORIES can all be read as text on white, and none is there twice", () => {
  for (const color of CATEGORIES) assertGreater(contrast(color, "white"), TEXT_CONTRAST, color);
  assertEquals(new Set(CATEGORIES).size, CATEGORIES.length);
});

for (const [kind, matrix] of Object.entries(BLINDNESS)) {
  Deno.test(`PALETTE keeps training, validation and oracle apart with ${kind}`, () => {
    const { train, validation, oracle } = PALETTE;
    for (const [a, b] of [[train, validation], [train, oracle], [validation, oracle]] as const) {
      const [first, second] = [a, b].map((color) => lab(multiply(matrix, linear(color))));
      const squares = first?.map((value, i) => (value - (second?.[i] ?? 0)) ** 2) ?? [];
      assertGreater(Math.hypot(...squares.map(Math.sqrt)), CLEARLY_DIFFERENT, `${a} ${b}`);
    }
  });
}
