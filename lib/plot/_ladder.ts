import type { EndLabel } from "./_frame.ts";
import type { Ladder } from "./loss_curve.ts";
import { PALETTE } from "./palette.ts";

/** The losses of a ladder with their names, as they are written beside a chart. */
export function ladderRungs({ uniform, unigram, floor }: Ladder): EndLabel[] {
  const rung = (name: string, value: number | undefined, color: string) =>
    value === undefined ? [] : [{ value, text: `${name} ${value.toFixed(3)}`, color }];
  return [
    ...rung("uniform", uniform, PALETTE.reference),
    ...rung("unigram", unigram, PALETTE.reference),
    ...rung("floor", floor, PALETTE.oracle),
  ];
}
