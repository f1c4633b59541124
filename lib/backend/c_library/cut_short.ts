import { largest } from "lib/core/mod.ts";
/** The first bytes of a 64-bit, little-endian ELF file: the format of libraries on Linux. */
const ELF_64 = [0x7f, 0x45, 0x4c, 0x46, 2, 1];
const ELF_HEADER_BYTES = 64;

// Offsets in the header (elf.h, `Elf64_Ehdr`) and in an entry of the table of segments
// (`Elf64_Phdr`).
const SEGMENTS_AT = 32, SECTIONS_AT = 40, SEGMENT_BYTES = 54, SEGMENT_COUNT = 56;
const SECTION_BYTES = 58, SECTION_COUNT = 60, FILE_OFFSET = 8, FILE_BYTES = 32;

/**
 * Finds out whether a shared library is shorter than its own headers say, as after an interrupted
 * download or copy. The system would load it, and end the process by SIGBUS at the first access to
 * a missing part.
 *
 * @param path The library.
 * @returns How many bytes it should have at least, and how many it has; undefined if none are
 *   missing, or if it is not an ELF file: the system checks other files itself.
 */
export function cutShort(path: string): { expected: number; got: number } | undefined {
  using file = Deno.openSync(path);
  const got = file.statSync().size, header = readAt(file, 0, ELF_HEADER_BYTES);
  if (!ELF_64.every((byte, place) => header.getUint8(place) === byte)) return undefined;
  const segmentsAt = Number(header.getBigUint64(SEGMENTS_AT, true));
  const segmentBytes = header.getUint16(SEGMENT_BYTES, true);
  const segmentCount = header.getUint16(SEGMENT_COUNT, true);
  const sectionsEnd = Number(header.getBigUint64(SECTIONS_AT, true)) +
    header.getUint16(SECTION_BYTES, true) * header.getUint16(SECTION_COUNT, true);
  const segments = readAt(file, segmentsAt, segmentBytes * segmentCount);
  const ends = Array.from({ length: segmentCount }, (_, place) => {
    const at = place * segmentBytes;
    return Number(segments.getBigUint64(at + FILE_OFFSET, true)) +
      Number(segments.getBigUint64(at + FILE_BYTES, true));
  });
  const expected = largest(ends, Math.max(ELF_HEADER_BYTES, sectionsEnd));
  return expected > got ? { expected, got } : undefined;
}

/** Reads `length` bytes from `place` on; bytes after the file's end are 0. */
function readAt(file: Deno.FsFile, place: number, length: number): DataView {
  const bytes = new Uint8Array(length);
  file.seekSync(place, Deno.SeekMode.Start);
  file.readSync(bytes);
  return new DataView(bytes.buffer);
}
