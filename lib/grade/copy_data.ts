import { limitedList, limitOf } from "./limits.ts";
import { isRecord } from "./plain.ts";

/**
 * Copies what an answer could change: lists, typed arrays, maps, sets and records, to any depth.
 * Tensors, functions and objects of other classes are passed on as they are.
 *
 * @param value Anything.
 * @returns The copy; what occurs twice in the value is also one thing in the copy.
 */
export function copyData<T>(value: T): T {
  const copies = new Map<unknown, unknown>();
  const copy = (part: unknown): unknown => {
    if (typeof part !== "object" || part === null) return part; // most parts of long lists
    if (copies.has(part)) return copies.get(part);
    // A copy is noted before it is filled, since a list may be inside itself.
    const note = <C>(made: C): C => (copies.set(part, made), made);
    if (Array.isArray(part)) {
      const limit = limitOf(part);
      if (limit !== undefined) {
        return note(limitedList(limit.items.map(copy), limit.most, limit.what));
      }
      const list = note<unknown[]>([]);
      for (const item of part) list.push(copy(item));
      return list;
    }
    if (part instanceof Map) {
      const map = note(new Map());
      for (const [key, item] of part) map.set(copy(key), copy(item));
      return map;
    }
    if (part instanceof Set) {
      const set = note(new Set());
      for (const item of part) set.add(copy(item));
      return set;
    }
    if (ArrayBuffer.isView(part)) return note(structuredClone(part));
    if (!isRecord(part)) return part;
    const record = note<Record<string, unknown>>({});
    for (const [key, item] of Object.entries(part)) record[key] = copy(item);
    return record;
  };
  return copy(value) as T; // of the same kind, part by part
}
