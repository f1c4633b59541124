import { createHash } from "node:crypto";
import { CheckpointError } from "lib/core/mod.ts";
import type { JsonObject, JsonValue } from "./checkpoint.ts";

/**
 * Increased when the files of a checkpoint change their meaning, so that older readers refuse them.
 */
export const FORMAT_VERSION = 1;

/** The file's name, also used in error messages. */
export const STATE_FILE = "state.json";

const LINE_FEED = 0x0a;

/** What `state.json` holds below its checksum. */
export interface StateFile {
  readonly format: number;
  readonly step: number;
  /** The checksums of the other files, by name. */
  readonly sha256: Readonly<Record<string, string>>;
  readonly modelConfig: JsonObject;
  readonly state: JsonObject;
}

/**
 * Writes the state as JSON whose first line holds the SHA-256 of all that follows: a changed bit is
 * detected anywhere, also in white space.
 */
export function encodeState(content: StateFile): Uint8Array {
  checkJson(content.modelConfig, "modelConfig");
  checkJson(content.state, "state");
  const body = JSON.stringify(content, null, 2).slice(2) + "\n";
  const checksum = toSha256(new TextEncoder().encode(body));
  return new TextEncoder().encode(`{ "body_sha256": "${checksum}",\n${body}`);
}

/** Reads what {@linkcode encodeState} wrote; throws a CheckpointError if a bit has changed. */
export function decodeState(bytes: Uint8Array): StateFile {
  const bodyStart = bytes.indexOf(LINE_FEED) + 1;
  const firstLine = new TextDecoder().decode(bytes.subarray(0, bodyStart));
  const expected = /^\{ "body_sha256": "([0-9a-f]{64})",\n$/.exec(firstLine)?.[1];
  const got = toSha256(bytes.subarray(bodyStart));
  if (got !== expected) {
    const rule = expected === undefined ? "its checksum in the first line" : `SHA-256 ${expected}`;
    throw new CheckpointError(`${STATE_FILE} is damaged: expected ${rule}, got ${got}`);
  }
  // The checksum has just shown that these are the bytes that `encodeState` wrote.
  const content = JSON.parse(new TextDecoder().decode(bytes)) as StateFile;
  if (content.format !== FORMAT_VERSION) {
    throw new CheckpointError(
      `${STATE_FILE} is of another version: expected format ${FORMAT_VERSION}, got ${content.format}`,
    );
  }
  return content;
}

/** SHA-256 of the parts, one after the other, in hexadecimal. */
export function toSha256(bytes: Uint8Array | readonly Uint8Array[]): string {
  const hash = createHash("sha256");
  for (const part of bytes instanceof Uint8Array ? [bytes] : bytes) hash.update(part);
  return hash.digest("hex");
}

/**
 * Refuses what is not JSON: `JSON.stringify` would write null for NaN, and leave out undefined
 * values.
 */
function checkJson(value: JsonValue, path: string): void {
  if (value === null || typeof value === "string" || typeof value === "boolean") return;
  if (typeof value === "number" && Number.isFinite(value)) return;
  const prototypes = [Object.prototype, Array.prototype, null];
  if (typeof value !== "object" || !prototypes.includes(Object.getPrototypeOf(value))) {
    const got = typeof value === "object" ? Object.prototype.toString.call(value) : String(value);
    throw new TypeError(`Cannot save checkpoint: expected ${path} to be JSON, got ${got}`);
  }
  for (const [key, inner] of Object.entries(value)) checkJson(inner, `${path}.${key}`);
}
