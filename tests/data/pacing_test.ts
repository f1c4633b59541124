import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { pacedShare, type Pacing } from "lib/data/mod.ts";

const KINDS = ["step", "linear", "root"] as const;

Deno.test("pacedShare() begins with the start, never falls, and is 1 from the last step on", () => {
  for (const kind of KINDS) {
    const pacing: Pacing = { kind, start: 0.3, steps: 40 };
    const shares = Array.from({ length: 60 }, (_, step) => pacedShare(pacing, step));
    assertAlmostEquals(shares[0] ?? NaN, 0.3, 1e-15);
    shares.slice(1).forEach((share, i) => assert(share >= (shares[i] ?? NaN), `${kind} ${i}`));
    assert((shares[39] ?? NaN) < 1);
    assertEquals(new Set(shares.slice(40)), new Set([1]));
  }
});

Deno.test("pacedShare() is linear in the step, or its square is, or it jumps", () => {
  const at = (kind: Pacing["kind"], step: number) =>
    pacedShare({ kind, start: 0.2, steps: 8 }, step);
  for (let step = 0; step < 8; step++) {
    assertEquals(at("step", step), 0.2);
    assertAlmostEquals(at("linear", step), 0.2 + 0.8 * step / 8, 1e-12);
    assertAlmostEquals(at("root", step) ** 2, 0.04 + 0.96 * step / 8, 1e-12);
  }
});

Deno.test("pacedShare() refuses a pacing or a step that is none", () => {
  const pacing: Pacing = { kind: "linear", start: 0.2, steps: 8 };
  const cases: [pacing: Pacing, step: number, message: string][] = [
    [{ ...pacing, start: 0 }, 0, "expected a start above 0 and at most 1, got 0"],
    [{ ...pacing, start: 1.5 }, 0, "expected a start above 0 and at most 1, got 1.5"],
    [{ ...pacing, start: NaN }, 0, "expected a start above 0 and at most 1, got NaN"],
    [{ ...pacing, steps: 0 }, 0, "expected a number of steps from 1, got 0"],
    [pacing, -1, "expected a step from 0, got -1"],
    [pacing, 0.5, "expected a step from 0, got 0.5"],
    // A config file may hold anything.
    [{ ...pacing, kind: "cubic" as "root" }, 0, 'expected one of step, linear, root, got "cubic"'],
  ];
  for (const [wrong, step, message] of cases) {
    assertThrows(() => pacedShare(wrong, step), RangeError, message);
  }
});
