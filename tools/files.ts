/** The text of each file, by its path from the root. */
export type Files = ReadonlyMap<string, string>;

/** The files whose path matches. */
export function matching(files: Files, pattern: RegExp): [path: string, text: string][] {
  return [...files].filter(([path]) => pattern.test(path));
}
