/**
 * Finds an entry in a folder that the program did not write, so that no mistake deletes a user's
 * files.
 *
 * @param path The folder; it need not exist.
 * @param isOwn Tells whether the caller itself writes entries of this name.
 * @returns The name of an entry that the caller does not write; `path` itself if it is a link or a
 *   file; undefined if the caller writes all entries, or if nothing is there.
 *
 * @example
 * ```ts
 * import { foreignEntry } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = Deno.makeTempDirSync(), isOwn = (name: string) => name === "config.json";
 * Deno.writeTextFileSync(`${folder}/config.json`, "{}");
 * assertEquals(foreignEntry(folder, isOwn), undefined);
 * Deno.writeTextFileSync(`${folder}/thesis.txt`, "precious");
 * assertEquals(foreignEntry(folder, isOwn), "thesis.txt");
 * ```
 */
export function foreignEntry(
  path: string,
  isOwn: (name: string) => boolean,
): string | undefined {
  try {
    if (!Deno.lstatSync(path).isDirectory) return path;
    return [...Deno.readDirSync(path)].map(({ name }) => name).sort().find((name) => !isOwn(name));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * Empties a folder that contains only the program's own files; the folder itself stays.
 *
 * @param path The folder; it need not exist.
 * @param keep Names to leave in it.
 *
 * @example
 * ```ts
 * import { emptyFolder } from "lib/core/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const folder = Deno.makeTempDirSync();
 * Deno.writeTextFileSync(`${folder}/config.json`, "{}");
 * emptyFolder(folder);
 * assertEquals([...Deno.readDirSync(folder)], []);
 * ```
 */
export function emptyFolder(path: string, keep: readonly string[] = []): void {
  let names: string[];
  try {
    names = [...Deno.readDirSync(path)].map(({ name }) => name);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  for (const name of names) {
    if (!keep.includes(name)) Deno.removeSync(`${path}/${name}`, { recursive: true });
  }
}
