import { crc32 } from "node:zlib";
import type { Channel, Message } from "./wire.ts";

/** Two files; each call waits until bytes are read or written. */
export interface SyncFiles {
  /** Reads some bytes; null at the end. */
  readonly reader: { readSync(bytes: Uint8Array): number | null };
  /** Writes some of the bytes. */
  readonly writer: { writeSync(bytes: Uint8Array): number };
}

/** The longest message, in bytes; this code never sends a longer one. */
const LONGEST = 64 * 2 ** 20;

/** How many bytes are read at once. */
const CHUNK = 2 ** 16;

/** The line feed that ends a message; the JSON on one line contains none. */
const END = 0x0a;

/** Thrown when the other process has ended. */
export class PeerGoneError extends Error {
  /** Distinguishes this error from others. */
  override readonly name: string = "PeerGoneError";
}

/** Thrown when bytes came that the other side's channel did not send. */
export class ForgedMessageError extends PeerGoneError {
  /** Distinguishes this error from others. */
  override readonly name = "ForgedMessageError";
}

/**
 * The error for bytes that the other side's channel did not send.
 *
 * @param what What came.
 */
export function forged(what: string): ForgedMessageError {
  return new ForgedMessageError(
    `Cannot read: expected a message of the other side, got ${what}`,
  );
}

/**
 * Sends messages over two files, such as named pipes. Each message is one line: its number, the length of
 * its JSON in bytes, the checksum of the JSON, and the JSON.
 *
 * Any other bytes between messages are refused, at the latest at the end of the next line. So the reader
 * never waits for the rest of a message that is not coming.
 *
 * @param files The files to read from and to write to.
 *
 * @example
 * ```ts
 * import { fileChannel } from "lib/remote/mod.ts";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const path = Deno.makeTempFileSync();
 * using writer = Deno.openSync(path, { append: true });
 * using reader = Deno.openSync(path);
 * const channel = fileChannel({ reader, writer });
 * channel.send({ kind: "end", isRight: true, text: "OK" });
 * writer.writeSync(new TextEncoder().encode("noise"));
 * channel.send({ kind: "end", isRight: true, text: "OK" });
 * assertEquals(channel.receive().kind, "end");
 * assertThrows(() => channel.receive(), Error, "expected a message of the other side");
 * ```
 */
export function fileChannel({ reader, writer }: SyncFiles): Channel {
  const lines = lineReader(reader);
  let sent = 0, received = 0;
  return {
    send(message) {
      const json = new TextEncoder().encode(JSON.stringify(message));
      const line = joined(new TextEncoder().encode(headOf(sent++, json)), json, [END]);
      try {
        for (let done = 0; done < line.length;) done += writer.writeSync(line.subarray(done));
      } catch (error) {
        if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
        throw new PeerGoneError("Cannot write: expected a reader, got the end of its process");
      }
    },
    receive: () => readMessage(lines(), received++),
  };
}

/** `12 345 89abcdef `: the message's number, its length in bytes, its checksum. */
function headOf(number: number, json: Uint8Array): string {
  return `${number} ${json.length} ${crc32(json).toString(16).padStart(8, "0")} `;
}

function readMessage(line: Uint8Array, number: number): Message {
  const start = headLength(line), json = line.subarray(start);
  const head = new TextDecoder().decode(line.subarray(0, start));
  if (head !== headOf(number, json)) {
    throw forged("bytes that its channel did not write");
  }
  const message = parse(json);
  if (typeof message !== "object" || message === null) throw forged("no record");
  return message as Message; // the receiver checks its kind and its values
}

function parse(json: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(json));
  } catch {
    throw forged("no JSON");
  }
}

const SPACE = 0x20, LONGEST_HEAD = 64;

/** Where the JSON begins: behind the third space. */
function headLength(line: Uint8Array): number {
  let spaces = 0;
  const end = line.subarray(0, LONGEST_HEAD).findIndex((byte) => byte === SPACE && ++spaces === 3);
  return end + 1;
}

/** Reads one line per call; bytes after the end of the line are kept for the next call. */
function lineReader(reader: SyncFiles["reader"]): () => Uint8Array {
  const chunk = new Uint8Array(CHUNK);
  let waiting = new Uint8Array();
  return () => {
    const parts: Uint8Array[] = [];
    for (let size = 0, part = waiting;; part = readSome(reader, chunk)) {
      const end = part.indexOf(END);
      if (end >= 0) {
        waiting = part.slice(end + 1);
        return joined(...parts, part.subarray(0, end));
      }
      parts.push(part);
      size += part.length;
      if (size > LONGEST) {
        throw forged(`more than ${LONGEST} bytes without an end`);
      }
    }
  };
}

function readSome(reader: SyncFiles["reader"], chunk: Uint8Array): Uint8Array<ArrayBuffer> {
  const count = reader.readSync(chunk);
  if (count === null || count === 0) {
    throw new PeerGoneError("Cannot read: expected an answer, got the end of its process");
  }
  return chunk.slice(0, count);
}

function joined(...parts: readonly ArrayLike<number>[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((size, { length }) => size + length, 0));
  let place = 0;
  for (const part of parts) {
    all.set(part, place);
    place += part.length;
  }
  return all;
}
