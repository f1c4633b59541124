import { crc32, deflateSync } from "node:zlib";

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const FILTER_NONE = 0;

/** Pixels row by row, four bytes each: red, green, blue, opacity. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/**
 * Encodes pixels as a PNG file: 8 bits per channel, one compressed block, no filter.
 *
 * Source: W3C, "Portable Network Graphics (PNG) Specification", third edition, section 5
 */
export function encodePng({ width, height, data }: Pixels): Uint8Array<ArrayBuffer> {
  const stride = 4 * width, rows = new Uint8Array(height * (1 + stride));
  for (let y = 0; y < height; y++) {
    const start = y * (1 + stride);
    rows[start] = FILTER_NONE;
    rows.set(data.subarray(y * stride, (y + 1) * stride), start + 1);
  }
  const header = new Uint8Array(13), view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, 6], 8); // bits per channel, colour with opacity
  const parts = [SIGNATURE, chunk("IHDR", header), chunk("IDAT", deflateSync(rows)), chunk("IEND")];
  return concat(parts);
}

function chunk(type: string, data: Uint8Array = new Uint8Array()): Uint8Array<ArrayBuffer> {
  const body = concat([new TextEncoder().encode(type), data]);
  const bytes = new Uint8Array(8 + body.length), view = new DataView(bytes.buffer);
  view.setUint32(0, data.length);
  bytes.set(body, 4);
  view.setUint32(4 + body.length, crc32(body));
  return bytes;
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
