import { type CheckpointName, CheckpointStore } from "lib/checkpoint/mod.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import type { Checkpoint, Dtype, TensorData } from "lib/checkpoint/mod.ts";
// Not mod.ts: the processes that are killed import this too, and it would load TensorFlow.js.
import { DTYPE_BYTES } from "lib/checkpoint/safetensors.ts";
import { pointAtomically, type Random, readPointer } from "lib/core/mod.ts";

/** Tensors of every dtype, with a scalar, an empty tensor, and names that are hard to sort. */
export function everyDtype(random: Random): Map<string, TensorData> {
  const dtypes = Object.keys(DTYPE_BYTES) as Dtype[]; // the keys are the dtypes
  const tensors = dtypes.map((dtype) =>
    [`z.${dtype.toLowerCase()}`, randomTensor(random, dtype, [2, 3])] as const
  );
  return new Map<string, TensorData>([
    ...tensors,
    ["scalar", randomTensor(random, "I64", [])],
    ["empty", randomTensor(random, "F32", [0, 3])],
    ["\u{1f600}", randomTensor(random, "F32", [1])],
    ["\uffff", randomTensor(random, "F32", [1])],
    ['quote " backslash \\ line\n', randomTensor(random, "I8", [3])],
    ["__proto__", randomTensor(random, "F32", [1])],
    ["constructor", randomTensor(random, "F32", [1])],
    ["", randomTensor(random, "F32", [1])],
  ]);
}

export function randomTensor(random: Random, dtype: Dtype, shape: readonly number[]): TensorData {
  const size = shape.reduce((product, length) => product * length, DTYPE_BYTES[dtype]);
  // One bit, because other bytes are no booleans.
  const mask = dtype === "BOOL" ? 1 : 255;
  return { dtype, shape, data: Uint8Array.from({ length: size }, () => random.uint32() & mask) };
}

/** A checkpoint whose tensors depend on the step, so that a mix-up of two is seen. */
export function checkpointAt(step: number, floats = 64): Checkpoint {
  const fill = (value: number) => new Uint8Array(new Float32Array(floats).fill(value).buffer);
  const tensor = (value: number) => ({ dtype: "F32", shape: [floats], data: fill(value) }) as const;
  return {
    step,
    model: new Map([["norm.weight", tensor(step)]]),
    optimizer: new Map([["m.norm.weight", tensor(step + 0.5)], ["v.norm.weight", tensor(-step)]]),
    modelConfig: { hiddenSize: floats },
    state: { cursor: { epoch: step, batch: 3 }, best: null, positions: [1, 2] },
  };
}

/** The folder that a link names; through the link itself only Unix finds what is in it. */
export function folderOf(store: CheckpointStore, name: CheckpointName): string {
  return `${store.path}/${readPointer(`${store.path}/${name}`)}`;
}

/** A file of a checkpoint. */
export function fileIn(store: CheckpointStore, name: CheckpointName, file: string): string {
  return `${folderOf(store, name)}/${file}`;
}

/** Copies a store with its links, as `cp -a` does. */
export function copyStore(from: string, to: string): void {
  Deno.mkdirSync(to);
  for (const { name, isDirectory } of Deno.readDirSync(from)) {
    if (isDirectory) copyFiles(`${from}/${name}`, `${to}/${name}`);
    else pointAtomically(`${to}/${name}`, readPointer(`${from}/${name}`));
  }
}

function copyFiles(from: string, to: string): void {
  Deno.mkdirSync(to);
  for (const { name } of Deno.readDirSync(from)) {
    Deno.copyFileSync(`${from}/${name}`, `${to}/${name}`);
  }
}

/** A store that holds nothing yet. */
export function emptyStore(): CheckpointStore {
  return CheckpointStore.open(`${temporaryFolder()}/plain-001`);
}

/** A store with checkpoints at these steps, the first one the best. */
export function storeWith(...steps: number[]): CheckpointStore {
  const store = emptyStore();
  for (const step of steps) store.save(checkpointAt(step), { isBest: step === steps[0] });
  return store;
}
