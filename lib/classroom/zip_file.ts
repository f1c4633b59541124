/** A file in a zip archive. */
export interface ZipEntry {
  /** Its path in the archive. */
  readonly name: string;
  /** Reads it. */
  readonly read: () => Promise<Uint8Array>;
}

const END = 0x06054b50, ENTRY = 0x02014b50, LARGEST = 256 * 2 ** 20;

/**
 * Lists the files of a zip archive: stored and deflated ones, as learning platforms export them.
 *
 * @param bytes The archive.
 * @throws {SyntaxError} If it is not a zip archive.
 */
export function zipEntries(bytes: Uint8Array): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view), entries: ZipEntry[] = [];
  let place = view.getUint32(end + 16, true);
  for (let left = view.getUint16(end + 10, true); left > 0; left--) {
    if (place + 46 > bytes.length || view.getUint32(place, true) !== ENTRY) return refuse();
    const [nameSize = 0, extra = 0, comment = 0] = [28, 30, 32].map((at) =>
      view.getUint16(place + at, true)
    );
    const name = new TextDecoder().decode(bytes.subarray(place + 46, place + 46 + nameSize));
    const header = place;
    if (!name.endsWith("/")) entries.push({ name, read: () => readEntry(bytes, view, header) });
    place += 46 + nameSize + extra + comment;
  }
  return entries;
}

function findEnd(view: DataView): number {
  for (let place = view.byteLength - 22; place >= 0; place--) {
    if (view.getUint32(place, true) === END) return place;
  }
  return refuse();
}

function refuse(): never {
  throw new SyntaxError(
    "Cannot read the archive: expected a zip file, got another kind or half of one",
  );
}

async function readEntry(bytes: Uint8Array, view: DataView, header: number): Promise<Uint8Array> {
  const method = view.getUint16(header + 10, true), packed = view.getUint32(header + 20, true);
  const local = view.getUint32(header + 42, true);
  const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  const data = bytes.slice(start, start + packed);
  if (method === 0) return data;
  if (method !== 8) return refuse();
  const stream = new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of stream) {
    size += part.length; // a small file can decompress to any size
    if (size > LARGEST) {
      throw new SyntaxError(`Cannot read the archive: expected files below ${LARGEST} bytes`);
    }
    parts.push(part);
  }
  return new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}
