/** A label and the height, in pixels from the top, at which it is written. */
export interface Placed<Label> {
  readonly label: Label;
  readonly pixel: number;
}

/** Room for labels beside a chart. */
export interface LabelRoom {
  /** Of the chart's inside, in pixels. */
  readonly height: number;
  /** From a value to pixels from the top. */
  readonly toPixel: (value: number) => number;
}

const LINE_HEIGHT = 16;

/** Puts labels as near to their values as can be without one covering another. */
export function placeLabels<Label extends { readonly value: number }>(
  labels: readonly Label[],
  room: LabelRoom,
): Placed<Label>[] {
  const wished = labels.map((label) => ({ label, pixel: room.toPixel(label.value) }))
    .toSorted((a, b) => a.pixel - b.pixel);
  let previous = -Infinity;
  const pushedDown = wished.map(({ label, pixel }) => {
    previous = Math.max(pixel, previous + LINE_HEIGHT);
    return { label, pixel: previous };
  });
  let next = Math.max(room.height, wished.at(-1)?.pixel ?? 0) + LINE_HEIGHT;
  return pushedDown.toReversed().map(({ label, pixel }) => {
    next = Math.min(pixel, next - LINE_HEIGHT);
    return { label, pixel: next };
  }).toReversed();
}

/** A name in so many letters at most: names of runs differ at their ends, so the middle is left out. */
export function shortenInside(name: string, most: number): string {
  const letters = [...name];
  if (letters.length <= most) return name;
  const end = Math.floor((most - 1) / 2), begin = most - 1 - end;
  return `${letters.slice(0, begin).join("")}…${letters.slice(letters.length - end).join("")}`;
}
