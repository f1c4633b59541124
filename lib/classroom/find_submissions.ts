import { zipEntries } from "./zip_file.ts";

/** A file that was handed in. */
export interface HandedIn {
  /** Who handed it in. */
  readonly student: string;
  /** The notebook, such as `01_data`. */
  readonly notebook: string;
  /** Where it was found, for messages. */
  readonly path: string;
  /** Reads the file. */
  readonly read: () => Promise<Uint8Array>;
}

/** What was found in a folder. */
export interface Found {
  /** The files that belong to a student. */
  readonly handedIn: readonly HandedIn[];
  /** Files that belong to no student and notebook, in words. */
  readonly strays: readonly string[];
  /** All students, also those without a notebook. */
  readonly students: readonly string[];
}

interface File {
  readonly path: string;
  readonly read: () => Promise<Uint8Array>;
}

/**
 * Finds the submitted files: `STUDENT/NN_name.ipynb`, `STUDENT_NN_name.ipynb`, or a zip archive of such
 * files, given as `root` or found in the folder.
 *
 * @param root A folder or a zip archive.
 * @param notebooks The notebooks of the course, such as `01_data`.
 */
export async function findSubmissions(root: string, notebooks: readonly string[]): Promise<Found> {
  const files = /\.zip$/i.test(root)
    ? zipFiles(await Deno.readFile(root))
    : await Array.fromAsync(filesOf(root, ""));
  const handedIn = new Map<string, HandedIn>(), strays: string[] = [], students = new Set<string>();
  for (const file of files.toSorted((a, b) => a.path < b.path ? -1 : 1)) {
    const [folder = "", ...deeper] = file.path.split("/");
    if (deeper.length > 0) students.add(folder);
    const found = ownerOf(file.path, notebooks);
    if (found === undefined) {
      strays.push(`${file.path}: no STUDENT/NN_name.ipynb, nor STUDENT_NN_name.ipynb`);
      continue;
    }
    students.add(found.student);
    const key = `${found.student}/${found.notebook}`, former = handedIn.get(key);
    if (former !== undefined) strays.push(`${file.path}: ${former.path} is there already`);
    else handedIn.set(key, { ...found, ...file });
  }
  return { handedIn: [...handedIn.values()], strays, students: [...students].toSorted() };
}

/** The student and the notebook that a path names. */
function ownerOf(
  path: string,
  notebooks: readonly string[],
): { student: string; notebook: string } | undefined {
  const parts = path.split("/"), file = parts.pop() ?? "";
  // Platforms add a number, or "late", to the names of files that are handed in again.
  const name = file.replace(/\.ipynb$/i, "").replace(/[ _-]?\(\d+\)$|-\d+$/, "");
  if (!/\.ipynb$/i.test(file)) return undefined;
  const notebook = notebooks.find((one) => name === one || name.endsWith(`_${one}`));
  const [folder] = parts;
  if (notebook === undefined) return undefined;
  if (folder !== undefined) return { student: folder, notebook };
  const student = name.slice(0, -notebook.length - 1);
  return student === "" ? undefined : { student, notebook };
}

async function* filesOf(folder: string, prefix: string): AsyncGenerator<File> {
  for await (const { name, isFile, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`, shown = `${prefix}${name}`;
    if (name.startsWith(".") || name === "graded") continue;
    if (isDirectory) yield* filesOf(path, `${shown}/`);
    else if (isFile && /\.zip$/i.test(name)) yield* zipFiles(await Deno.readFile(path));
    else if (isFile) yield { path: shown, read: () => Deno.readFile(path) };
  }
}

/** The files of an archive; one folder around all student folders is removed from the paths. */
function zipFiles(bytes: Uint8Array): File[] {
  const entries = zipEntries(bytes).filter(({ name }) =>
    !/(^|\/)(__MACOSX|\.)/.test(name) && !name.split("/").includes("..")
  );
  const tops = new Set(entries.map(({ name }) => name.split("/")[0]));
  const isWrapped = tops.size === 1 && entries.length > 0 &&
    entries.every(({ name }) => name.split("/").length > 2);
  return entries.map(({ name, read }) => ({
    path: isWrapped ? name.split("/").slice(1).join("/") : name,
    read,
  }));
}
