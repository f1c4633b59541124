import { CheckpointError } from "lib/core/mod.ts";
import { decodeState, encodeState, FORMAT_VERSION, STATE_FILE, toSha256 } from "./_state_file.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { decodeSafetensors } from "./decode_safetensors.ts";
import { encodeSafetensors, layOut } from "./encode_safetensors.ts";
import { SafetensorsError, type TensorData } from "./safetensors.ts";

/** The files of one checkpoint, by name. */
export type StepFiles = Readonly<Record<string, Uint8Array>>;

/** Turns a checkpoint into the files of its folder; the same checkpoint gives the same bytes. */
export function encodeStepFiles(checkpoint: Checkpoint): StepFiles {
  const { step, modelConfig, state } = checkpoint;
  const encode = (tensors: ReadonlyMap<string, TensorData>) =>
    encodeSafetensors(tensors, {
      format_version: String(FORMAT_VERSION),
      step: String(step),
      model_config: JSON.stringify(modelConfig),
      // The checksum of the data only, so that this file can be checked without the other files.
      data_sha256: toSha256(layOut(tensors).map(([, { data }]) => data)),
    });
  const documents = Object.entries(checkpoint.documents ?? {}).map(([name, text]) =>
    [name, new TextEncoder().encode(text)] as const
  );
  const files: StepFiles = {
    "model.safetensors": encode(checkpoint.model),
    "optimizer.safetensors": encode(checkpoint.optimizer),
    ...Object.fromEntries(documents),
  };
  const sha256 = Object.fromEntries(
    Object.entries(files).map(([name, bytes]) => [name, toSha256(bytes)]),
  );
  return {
    ...files,
    [STATE_FILE]: encodeState({ format: FORMAT_VERSION, step, sha256, modelConfig, state }),
  };
}

/**
 * Reads a folder back and checks every byte; throws a CheckpointError that names the file if one is
 * missing or has changed.
 */
export function readStepFolder(path: string): Checkpoint {
  const { step, sha256, modelConfig, state } = decodeState(readFile(path, STATE_FILE));
  const model = readTensors(path, "model.safetensors", sha256);
  const optimizer = readTensors(path, "optimizer.safetensors", sha256);
  const documents = readDocuments(path, sha256);
  return { step, model, optimizer, modelConfig, state, ...(documents && { documents }) };
}

/**
 * The texts beside the tensors that are unchanged since they were written; undefined if none were
 * written.
 */
function readDocuments(
  path: string,
  sha256: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> | undefined {
  const names = Object.keys(sha256).filter((name) => !name.endsWith(".safetensors"));
  if (names.length === 0) return undefined;
  return Object.fromEntries(names.flatMap((name) => {
    try {
      const bytes = readFile(path, name);
      return toSha256(bytes) === sha256[name] ? [[name, new TextDecoder().decode(bytes)]] : [];
    } catch (error) {
      if (error instanceof CheckpointError) return []; // training does not need it
      throw error;
    }
  }));
}

/** Whether a folder's files are these, byte for byte. */
export function holdsFiles(path: string, files: StepFiles): boolean {
  return Object.entries(files).every(([name, bytes]) => {
    try {
      return toSha256(readFile(path, name)) === toSha256(bytes);
    } catch {
      return false; // whatever the reason, these are not the files; the caller writes new ones
    }
  });
}

function readTensors(path: string, name: string, sha256: Readonly<Record<string, string>>) {
  const bytes = readFile(path, name), expected = sha256[name], got = toSha256(bytes);
  if (got !== expected) {
    throw new CheckpointError(`${name} is damaged: expected SHA-256 ${expected}, got ${got}`);
  }
  try {
    return decodeSafetensors(bytes).tensors;
  } catch (cause) {
    if (!(cause instanceof SafetensorsError)) throw cause;
    throw new CheckpointError(`${name} is damaged: ${cause.message}`, { cause });
  }
}

function readFile(folder: string, name: string): Uint8Array {
  try {
    // Checked first, because reading a pipe would never end.
    if (Deno.statSync(`${folder}/${name}`).isFile) return Deno.readFileSync(`${folder}/${name}`);
  } catch (cause) {
    const isMissing = cause instanceof Deno.errors.NotFound;
    throw new CheckpointError(`${name} is ${isMissing ? "missing" : `unreadable: ${cause}`}`, {
      cause,
    });
  }
  throw new CheckpointError(`${name} is unreadable: it is not a file`);
}
