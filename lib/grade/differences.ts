import { isRecord, PlainTensor } from "./plain.ts";

/** Two values that should be the same and are not. */
export interface Difference {
  /** Where, such as `[2][5]` or `.train[0]`; empty for the values themselves. */
  readonly place: string;
  /** The value that is there, as text for a sentence. */
  readonly actual: string;
  /** The value that should be there, as text for a sentence. */
  readonly expected: string;
}

/**
 * Lists the places at which two plain values differ, in reading order.
 *
 * Numbers are the same if |actual − expected| ≤ tolerance · max(1, |expected|). Infinity equals only
 * infinity of the same sign, and NaN equals NaN.
 *
 * @param actual The value that came, as `toPlain` gives it.
 * @param expected The right value, as `toPlain` gives it.
 * @param tolerance How far two numbers may be apart; 0 compares exactly.
 */
export function differences(actual: unknown, expected: unknown, tolerance: number): Difference[] {
  const found: Difference[] = [];
  const add = (place: string, a: string, e: string) =>
    found.push({ place, actual: a, expected: e });
  walk("", actual, expected);
  return found;

  function walk(place: string, a: unknown, e: unknown): void {
    if (e instanceof PlainTensor && a instanceof PlainTensor) {
      const [got, wanted] = [a, e].map(({ shape }) => `shape [${shape.join(", ")}]`);
      if (got === wanted) walk(place, a.values, e.values);
      else add(place, `${got}`, `${wanted}`);
    } else if (Array.isArray(e) && Array.isArray(a)) {
      if (a.length !== e.length) add(`${place}.length`, `${a.length}`, `${e.length}`);
      else {
        // Lists are long, and mostly the same: an iterator would take most of the time, and a place is
        // written only where the parts differ.
        for (let i = 0; i < e.length; i++) {
          if (!isSame(a[i], e[i], tolerance)) walk(`${place}[${i}]`, a[i], e[i]);
        }
      }
    } else if (isRecord(e) && isRecord(a)) {
      for (const key of new Set([...Object.keys(e), ...Object.keys(a)])) {
        walk(placeOf(place, key), a[key], e[key]);
      }
    } else if (!isSame(a, e, tolerance)) add(place, ...formatPair(a, e));
  }
}

/** A member's name that is not an identifier, such as a parameter's path, stands in brackets. */
function placeOf(place: string, key: string): string {
  return /^[\w$]+$/.test(key) ? `${place}.${key}` : `${place}["${key}"]`;
}

function isSame(actual: unknown, expected: unknown, tolerance: number): boolean {
  if (Object.is(actual, expected)) return true;
  if (typeof actual !== "number" || typeof expected !== "number") return false;
  if (actual === expected) return true; // 0 and -0
  if (!Number.isFinite(expected)) return false;
  return Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected));
}

const LONGEST = 120, FEWEST_DIGITS = 6, MOST_DIGITS = 17;

/** Writes two numbers with as many digits as are needed to see that they differ. */
function formatPair(actual: unknown, expected: unknown): [actual: string, expected: string] {
  if (typeof actual === "number" && typeof expected === "number") {
    for (let digits = FEWEST_DIGITS; digits <= MOST_DIGITS; digits++) {
      const pair = [formatNumber(actual, digits), formatNumber(expected, digits)] as const;
      if (pair[0] !== pair[1]) return [...pair];
    }
  }
  return [format(actual), format(expected)];
}

/**
 * Writes a value short enough for a sentence; numbers with six digits.
 *
 * @param value Anything.
 */
export function format(value: unknown): string {
  if (value instanceof PlainTensor) return `a tensor [${value.shape.join(", ")}]`;
  if (typeof value === "number") return formatNumber(value, FEWEST_DIGITS);
  if (typeof value === "function") return "a function";
  const text = inspectShort(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)} …` : text;
}

function formatNumber(value: number, digits: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(digits)));
}

/**
 * Writes plain data on one line, as code: lists, records, numbers with six digits.
 *
 * @param value Anything.
 */
export function inspectShort(value: unknown): string {
  if (value instanceof PlainTensor) return `tensor ${inspectShort(value.values)}`;
  if (typeof value === "number") return format(value);
  if (typeof value === "string") return JSON.stringify(value);
  if (ArrayBuffer.isView(value)) return inspectShort(Array.from(value as Uint8Array)); // any elements
  if (Array.isArray(value)) return `[${value.map(inspectShort).join(", ")}]`;
  if (!isRecord(value)) return Deno.inspect(value, { depth: 1, breakLength: Infinity });
  const members = Object.entries(value).map(([key, part]) => `${key}: ${inspectShort(part)}`);
  return members.length === 0 ? "{}" : `{ ${members.join(", ")} }`;
}
