import { posix } from "node:path";

/** The text of each file, by its path from the root. */
export type Files = ReadonlyMap<string, string>;

/** The files whose path matches. */
export function matching(files: Files, pattern: RegExp): [path: string, text: string][] {
  return [...files].filter(([path]) => pattern.test(path));
}

/**
 * The path from the root that a relative specifier or link in a file means.
 *
 * @param file The file's path from the root.
 * @param target What it says, such as `../core/mod.ts`.
 */
export function resolveFrom(file: string, target: string): string {
  return posix.join("/", posix.dirname(file), target).slice(1);
}
