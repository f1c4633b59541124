import type { NativeLibrary } from "./native_library.ts";

/**
 * Drops unchanged pages of a file from memory (Linux). The next access reads them from the file.
 */
const MADV_DONTNEED = 4;

/** A line of `/proc/self/maps` that maps code: first address, end, and file. */
const CODE = /^([0-9a-f]+)-([0-9a-f]+) r-xp \S+ \S+ \S+ +(\/.*)$/gm;

/** A part of this process's memory, in bytes. */
interface MemoryRange {
  /** Its first address. */
  readonly start: bigint;
  /** Its length. */
  readonly size: bigint;
}

/**
 * Returns the memory of XLA's compiler to the system: memory that the compiler freed but the C
 * library would keep, and the pages of the library's code, most of which belongs to the compiler.
 * Pages that are still needed are read again from the system's cache.
 */
export function returnFreedMemory({ system, files }: NativeLibrary): void {
  system.malloc_trim?.(0n);
  if (Deno.build.os !== "linux") return;
  for (const { start, size } of codeOf(files.main, readMaps())) {
    system.madvise?.(start, size, MADV_DONTNEED);
  }
}

/** The memory ranges of a file's code, from the text of `/proc/self/maps`. */
function codeOf(file: string, maps: string): MemoryRange[] {
  return [...maps.matchAll(CODE)].flatMap(([, from, to, path]) =>
    path === file
      ? [{ start: BigInt(`0x${from}`), size: BigInt(`0x${to}`) - BigInt(`0x${from}`) }]
      : []
  );
}

/** Empty if the program may not read the file: then no code pages are returned. */
function readMaps(): string {
  try {
    return Deno.readTextFileSync("/proc/self/maps");
  } catch {
    return "";
  }
}
