import type * as tfjs from "@tensorflow/tfjs";
import { type Elements, sizeOf } from "../arrays/elements.ts";
import type { KernelCall } from "../tfjs/tensorflow_backend.ts";

/** What of WebAssembly's backend our kernels use. */
export interface WasmBackend {
  /** Its module, with all of its memory. */
  readonly wasm: {
    /** The memory; another object after it has grown. */
    readonly HEAPU8: Uint8Array<ArrayBuffer>;
    /** A function of the module by name, with the types of its result and its arguments. */
    cwrap(name: string, result: null, types: string[]): (...values: unknown[]) => void;
    readonly tfjs: {
      /** Tells the module where the tensor of that number has its elements. */
      registerTensor(id: number, size: number, offset: number): void;
      /** Makes it forget the number; the elements stay. */
      disposeData(id: number): void;
    };
  };
  /** The next number of a tensor that nobody has. */
  dataIdNextNumber: number;
  /** Takes memory for a tensor; what lies in it is left there. */
  makeOutput(shape: readonly number[], dtype: tfjs.DataType): tfjs.TensorInfo;
  /** Where a tensor's elements begin, in bytes. */
  getMemoryOffset(dataId: tfjs.DataId): number;
  /** Gives one hold on a tensor back. */
  disposeData(dataId: tfjs.DataId): boolean;
}

/** The backend as a kernel is given it. */
export function wasmOf(call: KernelCall): WasmBackend {
  return call.backend as WasmBackend; // the kernels that ask are registered for this one
}

/**
 * A tensor's elements where they are, to be read and written in place. They are taken after all outputs
 * have been made: the memory may move when it grows.
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

/** The same for a tensor that is known to be of float32. */
export function floats(backend: WasmBackend, tensor: tfjs.TensorInfo): Float32Array<ArrayBuffer> {
  const offset = backend.getMemoryOffset(tensor.dataId);
  return new Float32Array(backend.wasm.HEAPU8.buffer, offset, sizeOf(tensor.shape));
}
