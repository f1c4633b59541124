/** What of a tensor is read here: any rank, and any backend. */
export interface TensorLike {
  readonly shape: readonly number[];
  arraySync(): unknown;
}

/** Tells a tensor from arrays and plain objects. */
export function isTensor(value: unknown): value is TensorLike {
  return typeof value === "object" && value !== null && "arraySync" in value && "shape" in value;
}

/** Two values that should be the same and are not. */
export interface Difference {
  /** Where, such as `[2][5]` or `.train[0]`; empty for the values themselves. */
  readonly place: string;
  readonly actual: unknown;
  readonly expected: unknown;
}

/** Whether two values that have no parts are the same. */
export type Same = (actual: unknown, expected: unknown) => boolean;

/** All places at which two values differ, in reading order; `same` compares what has no parts. */
export function differences(actual: unknown, expected: unknown, same: Same): Difference[] {
  const found: Difference[] = [];
  walk("", plain(actual), plain(expected));
  return found;

  function walk(place: string, a: unknown, e: unknown): void {
    if (Array.isArray(e) && Array.isArray(a)) {
      if (a.length !== e.length) {
        found.push({ place: `${place}.length`, actual: a.length, expected: e.length });
      } else e.forEach((part, i) => walk(`${place}[${i}]`, plain(a[i]), plain(part)));
    } else if (isRecord(e) && isRecord(a)) {
      const keys = new Set([...Object.keys(e), ...Object.keys(a)]);
      for (const key of keys) walk(`${place}.${key}`, plain(a[key]), plain(e[key]));
    } else if (!same(a, e)) found.push({ place, actual: a, expected: e });
  }
}

/** Tensors, typed arrays, maps and sets as plain arrays: how something is held is not compared. */
function plain(value: unknown): unknown {
  if (isTensor(value)) return value.arraySync();
  if (value instanceof Map || value instanceof Set) return [...value];
  // DataView is the one view without elements; nobody answers with one.
  return ArrayBuffer.isView(value) ? Array.from(value as Uint8Array) : value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const LONGEST = 120;

/** Writes a value short enough for a sentence; numbers with six digits. */
export function format(value: unknown): string {
  if (isTensor(value)) return `a tensor [${value.shape.join(", ")}]`;
  if (typeof value === "number") return formatNumber(value);
  if (typeof value === "function") return "a function";
  const text = Deno.inspect(value, { depth: 3, iterableLimit: 12, breakLength: Infinity });
  return text.length > LONGEST ? `${text.slice(0, LONGEST)} …` : text;
}

function formatNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));
}
