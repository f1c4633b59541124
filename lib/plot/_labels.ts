/** A label and the height, in pixels from the top, at which it is written. */
export interface Placed<Label> {
  readonly label: Label;
  readonly pixel: number;
}

/** Room for labels beside a chart. */
export interface LabelRoom {
  /** The height of the chart's inside, in pixels. */
  readonly height: number;
  /** Turns a value into pixels from the top. */
  readonly toPixel: (value: number) => number;
}

const LINE_HEIGHT = 16;

/** Puts labels as close to their values as possible, so that no label covers another. */
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

/**
 * Shortens a name to at most `most` letters; the middle is left out, because names of runs often
 * differ at their ends.
 */
export function shortenInside(name: string, most: number): string {
  const letters = [...name];
  if (letters.length <= most) return name;
  const end = Math.floor((most - 1) / 2), begin = most - 1 - end;
  return `${letters.slice(0, begin).join("")}…${letters.slice(letters.length - end).join("")}`;
}
