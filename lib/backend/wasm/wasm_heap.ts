import type * as tfjs from "@tensorflow/tfjs";
import { type Elements, sizeOf } from "../arrays/elements.ts";
import type { KernelCall } from "../tfjs/tensorflow_backend.ts";

/** The parts of WebAssembly's backend that our kernels use. */
export interface WasmBackend {
  /** Its module, with all of its memory. */
  readonly wasm: {
    /** The memory; this is a new object after the memory has grown. */
    readonly HEAPU8: Uint8Array<ArrayBuffer>;
    /** A function of the module by name, with the types of its result and its arguments. */
    cwrap(name: string, result: null, types: string[]): (...values: unknown[]) => void;
    readonly tfjs: {
      /** Tells the module where the elements of the tensor with that id are. */
      registerTensor(id: number, size: number, offset: number): void;
      /** Removes the id; the elements are not freed. */
      disposeData(id: number): void;
    };
  };
  /** The next free tensor id. */
  dataIdNextNumber: number;
  /** Allocates memory for a tensor; it is not cleared. */
  makeOutput(shape: readonly number[], dtype: tfjs.DataType): tfjs.TensorInfo;
  /** The address of a tensor's elements, in bytes. */
  getMemoryOffset(dataId: tfjs.DataId): number;
  /** Releases one reference to a tensor. */
  disposeData(dataId: tfjs.DataId): boolean;
}

/** The backend of a kernel's call. */
export function wasmOf(call: KernelCall): WasmBackend {
  return call.backend as WasmBackend; // only kernels of this backend call this
}

/**
 * A view of a tensor's elements, to read and write in place. Call this after all outputs are made,
 * because the memory may move when it grows.
 */
export function elements(
  backend: WasmBackend,
  { dataId, shape, dtype }: tfjs.TensorInfo,
): Elements {
  const { buffer } = backend.wasm.HEAPU8, offset = backend.getMemoryOffset(dataId);
  const size = sizeOf(shape);
  if (dtype === "float32") return new Float32Array(buffer, offset, size);
  return dtype === "int32"
    ? new Int32Array(buffer, offset, size)
    : new Uint8Array(buffer, offset, size);
}

/** The same for a tensor whose type is known to be float32. */
export function floats(backend: WasmBackend, tensor: tfjs.TensorInfo): Float32Array<ArrayBuffer> {
  const offset = backend.getMemoryOffset(tensor.dataId);
  return new Float32Array(backend.wasm.HEAPU8.buffer, offset, sizeOf(tensor.shape));
}
