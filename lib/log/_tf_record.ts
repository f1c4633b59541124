import { joinBytes } from "lib/core/mod.ts";

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

/**
 * Frames a record: length, masked checksum of the length, record, masked checksum of the record.
 */
export function frame(record: Uint8Array): Uint8Array {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, BigInt(record.length), true);
  return joinBytes([length, checksum(length), record, checksum(record)]);
}

/** Masked, because a plain CRC of data that contains CRCs detects errors less well. */
function checksum(bytes: Uint8Array): Uint8Array {
  const crc = crc32c(bytes), masked = new Uint8Array(4);
  new DataView(masked.buffer).setUint32(0, (crc >>> 15 | crc << 17) + 0xa282ead8, true);
  return masked;
}
