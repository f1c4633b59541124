/**
 * The files that the project is made of: what git would track, found without git.
 *
 * @module
 */

const GENERATED = new Set(
  [".git", ".venv", ".jupyter", "node_modules", "runs", "checkpoints", "build"],
);

/** Lists the files under the root, by their paths from it, in order. */
export function sourceFiles(root: URL): string[] {
  return [...walk(root, "")].toSorted();
}

function* walk(root: URL, folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(new URL(folder || ".", root))) {
    const path = folder + entry.name;
    if (entry.isFile) yield path;
    // Besides the word lists, the folders of data/ hold what `task data` writes.
    else if (entry.isDirectory && !GENERATED.has(path) && !/^data\/(?!words$)/.test(path)) {
      yield* walk(root, `${path}/`);
    }
  }
}

/** Reads all files that end in one of `endings`. */
export function readSources(root: URL, endings: readonly string[]): Map<string, string> {
  const paths = sourceFiles(root).filter((path) => endings.some((end) => path.endsWith(end)));
  return new Map(paths.map((path) => [path, Deno.readTextFileSync(new URL(path, root))]));
}
