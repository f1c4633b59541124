import type { Channel, Message } from "./wire.ts";

/** Reads and writes bytes, and waits until it has done so. */
export interface SyncFiles {
  /** Reads some bytes; null at the end. */
  readonly reader: { readSync(bytes: Uint8Array): number | null };
  /** Writes some of the bytes. */
  readonly writer: { writeSync(bytes: Uint8Array): number };
}

/** A message that is longer than this is none of ours, in bytes. */
const LONGEST = 64 * 2 ** 20;

/** Thrown when the other process has ended. */
export class PeerGoneError extends Error {
  /** Tells the error apart. */
  override readonly name = "PeerGoneError";
}

/**
 * Sends messages over two files, such as named pipes: the length in 4 bytes, then JSON.
 *
 * @param files Where from and where to.
 */
export function fileChannel({ reader, writer }: SyncFiles): Channel {
  return {
    send(message) {
      const text = new TextEncoder().encode(JSON.stringify(message));
      const bytes = new Uint8Array(4 + text.length);
      new DataView(bytes.buffer).setUint32(0, text.length);
      bytes.set(text, 4);
      for (let done = 0; done < bytes.length;) done += writer.writeSync(bytes.subarray(done));
    },
    receive() {
      const length = new DataView(read(reader, 4).buffer).getUint32(0);
      if (length > LONGEST) {
        throw new PeerGoneError(`Cannot read: expected at most ${LONGEST} bytes, got ${length}`);
      }
      return JSON.parse(new TextDecoder().decode(read(reader, length))) as Message; // ours wrote it
    },
  };
}

function read(reader: SyncFiles["reader"], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const count = reader.readSync(bytes.subarray(done));
    if (count === null || count === 0) {
      throw new PeerGoneError("Cannot read: expected an answer, got the end of its process");
    }
    done += count;
  }
  return bytes;
}
