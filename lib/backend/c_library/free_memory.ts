import type { NativeLibrary } from "./native_library.ts";

/** Of a file's pages that nobody wrote to: forget them; the next use finds them in the file (Linux). */
const MADV_DONTNEED = 4;

/** A line of `/proc/self/maps` that maps code: where from, where to, which file. */
const CODE = /^([0-9a-f]+)-([0-9a-f]+) r-xp \S+ \S+ \S+ +(\/.*)$/gm;

/** A part of this process's memory, in bytes. */
interface MemoryRange {
  /** Its first address. */
  readonly start: bigint;
  /** How much of it there is. */
  readonly size: bigint;
}

/**
 * Gives back what XLA's compiler took: memory that it freed and the C library would keep, and the pages
 * of the library's code, most of which is the compiler's own. What is still needed of these comes
 * back from the system's cache.
 */
export function returnFreedMemory({ system, files }: NativeLibrary): void {
  system.malloc_trim?.(0n);
  if (Deno.build.os !== "linux") return;
  for (const { start, size } of codeOf(files.main, readMaps())) {
    system.madvise?.(start, size, MADV_DONTNEED);
  }
}

/** Where a file's code lies, by the text of `/proc/self/maps`. */
function codeOf(file: string, maps: string): MemoryRange[] {
  return [...maps.matchAll(CODE)].flatMap(([, from, to, path]) =>
    path === file
      ? [{ start: BigInt(`0x${from}`), size: BigInt(`0x${to}`) - BigInt(`0x${from}`) }]
      : []
  );
}

/** Where the program may not read it, nothing is given back. */
function readMaps(): string {
  try {
    return Deno.readTextFileSync("/proc/self/maps");
  } catch {
    return "";
  }
}
