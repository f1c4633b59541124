import { joinBytes } from "lib/core/mod.ts";

/** Bytes that frame a record: its length (8) and that one's checksum (4) before, its own (4) after. */
const HEAD_SIZE = 12, TAIL_SIZE = 4;

/** CRC-32C of each byte: the polynomial 0x1EDC6F41, bits reversed. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? value >>> 1 ^ 0x82f63b78 : value >>> 1;
  return value;
});

/** The checksum of RFC 3720 (Castagnoli), as an unsigned 32-bit number. */
export function crc32c(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = value >>> 8 ^ (TABLE[(value ^ byte) & 0xff] ?? 0);
  return ~value >>> 0;
}

/** Frames a record: length, masked checksum of the length, record, masked checksum of the record. */
export function frame(record: Uint8Array): Uint8Array {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(record.length), true);
  return joinBytes([length, checksum(length), record, checksum(record)]);
}

/** How many bytes the whole records at the beginning take; all of them where nothing is damaged. */
export function wholeLength(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 0;
  while (at + HEAD_SIZE + TAIL_SIZE <= bytes.length) {
    const end = at + HEAD_SIZE + Number(view.getBigUint64(at, true)) + TAIL_SIZE;
    if (end > bytes.length) return at;
    const framed = frame(bytes.subarray(at + HEAD_SIZE, end - TAIL_SIZE));
    if (framed.some((byte, index) => byte !== bytes[at + index])) return at;
    at = end;
  }
  return at;
}

/** Masked, so that a checksum of data that hold checksums does not go blind. */
function checksum(bytes: Uint8Array): Uint8Array {
  const crc = crc32c(bytes), masked = new Uint8Array(4);
  new DataView(masked.buffer).setUint32(0, (crc >>> 15 | crc << 17) + 0xa282ead8, true);
  return masked;
}
