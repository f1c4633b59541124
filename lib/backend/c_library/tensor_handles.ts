import { cName } from "./c_string.ts";
import { DataType, type NumericArray } from "./data_types.ts";
import type { NativeContext } from "./native_context.ts";
import { assertStatus, failureOf, type NativeLibrary, required } from "./native_library.ts";

/** A tensor's shape and element type. */
interface Form {
  readonly shape: readonly number[];
  /** TensorFlow's number for its element type. */
  readonly dtype: number;
}

/** A `TF_Tensor` with memory for this many bytes, not yet written; the caller deletes it. */
export function emptyTensor(
  { symbols }: NativeLibrary,
  { shape, dtype }: Form,
  bytes: bigint,
): Deno.PointerObject {
  const sizes = BigInt64Array.from(shape, BigInt);
  return required(symbols.TF_AllocateTensor(dtype, sizes, sizes.length, bytes));
}

/** A `TF_Tensor` with a copy of the values; the caller deletes it. */
export function filledTensor(
  library: NativeLibrary,
  form: Form,
  values: NumericArray,
): Deno.PointerObject {
  const { symbols, system } = library, bytes = BigInt(values.byteLength);
  const tensor = emptyTensor(library, form, bytes);
  // A cast, because `memcpy` takes any array as plain bytes.
  if (bytes > 0n) {
    system.memcpy(symbols.TF_TensorData(tensor), values as Uint8Array<ArrayBuffer>, bytes);
  }
  return tensor;
}

/**
 * A `TF_Tensor` of another shape that shares the memory of a handle on the host; the caller deletes
 * it.
 *
 * @returns Undefined if the sizes have another number of elements: the status then holds the error.
 */
export function reshapedTensor(
  library: NativeLibrary,
  handle: Deno.PointerObject,
  form: Form,
): Deno.PointerObject | undefined {
  const { symbols, status } = library, { shape, dtype } = form;
  const original = symbols.TFE_TensorHandleResolve(handle, status);
  assertStatus(library, "reshape a tensor");
  const reshaped = emptyTensor(library, { shape: [0], dtype }, 0n);
  const sizes = BigInt64Array.from(shape, BigInt);
  symbols.TF_TensorBitcastFrom(original, dtype, reshaped, sizes, sizes.length, status);
  symbols.TF_DeleteTensor(original);
  if (failureOf(library) === undefined) return reshaped;
  symbols.TF_DeleteTensor(reshaped);
  return undefined;
}

/** Turns a tensor into a handle and deletes the tensor. */
export function newHandle(library: NativeLibrary, tensor: Deno.PointerObject): Deno.PointerObject {
  const { symbols, status } = library;
  const handle = symbols.TFE_NewTensorHandle(tensor, status);
  symbols.TF_DeleteTensor(tensor);
  assertStatus(library, "create a tensor");
  return required(handle);
}

/**
 * Moves a handle to the GPU if one is used. int32 stays, because GPU kernels read int32 and strings
 * from the host's memory.
 */
export function placedHandle(
  { library, context, device, isGpu }: NativeContext,
  tensor: Deno.PointerObject,
  dtype: number,
): Deno.PointerObject {
  const handle = newHandle(library, tensor), { symbols, status } = library;
  if (!isGpu || dtype === DataType.INT32) return handle;
  const moved = symbols.TFE_TensorHandleCopyToDevice(handle, context, cName(device), status);
  symbols.TFE_DeleteTensorHandle(handle);
  assertStatus(library, "move a tensor to the GPU");
  return required(moved);
}
