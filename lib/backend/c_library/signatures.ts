/**
 * The functions of TensorFlow's C API that the binding calls, in the form that `Deno.dlopen`
 * expects.
 *
 * These files explain the arguments: `tensorflow/c/c_api.h`, `tf_tensor.h`, `tf_tstring.h` and
 * `eager/c_api.h`, which the wheel contains under `include/`.
 */

import { type System, systemOf } from "lib/core/mod.ts";

/** One C function: the types of its parameters and of its result. */
function native<
  const P extends readonly Deno.NativeType[],
  const R extends Deno.NativeResultType,
>(parameters: P, result: R): { readonly parameters: P; readonly result: R } {
  return { parameters, result };
}

/** Status, tensors, eager context, handles, ops and their attributes. */
export const SIGNATURES = {
  TF_Version: native([], "pointer"),
  TF_NewStatus: native([], "pointer"),
  TF_GetCode: native(["pointer"], "i32"),
  TF_Message: native(["pointer"], "pointer"),

  TF_AllocateTensor: native(["i32", "buffer", "i32", "usize"], "pointer"),
  TF_TensorBitcastFrom: native(
    ["pointer", "i32", "pointer", "buffer", "i32", "pointer"],
    "void",
  ),
  TF_DeleteTensor: native(["pointer"], "void"),
  TF_TensorData: native(["pointer"], "pointer"),
  TF_TensorByteSize: native(["pointer"], "usize"),
  TF_StringInit: native(["pointer"], "void"),
  TF_StringCopy: native(["pointer", "buffer", "usize"], "void"),
  TF_StringDealloc: native(["pointer"], "void"),
  TF_StringGetDataPointer: native(["pointer"], "pointer"),
  TF_StringGetSize: native(["pointer"], "usize"),

  TFE_NewContextOptions: native([], "pointer"),
  TFE_ContextOptionsSetConfig: native(["pointer", "buffer", "usize", "pointer"], "void"),
  TFE_DeleteContextOptions: native(["pointer"], "void"),
  TFE_NewContext: native(["pointer", "pointer"], "pointer"),
  TFE_ContextListDevices: native(["pointer", "pointer"], "pointer"),
  TF_DeleteDeviceList: native(["pointer"], "void"),
  TF_DeviceListCount: native(["pointer"], "i32"),
  TF_DeviceListType: native(["pointer", "i32", "pointer"], "pointer"),

  TFE_NewTensorHandle: native(["pointer", "pointer"], "pointer"),
  TFE_DeleteTensorHandle: native(["pointer"], "void"),
  TFE_TensorHandleDataType: native(["pointer"], "i32"),
  TFE_TensorHandleNumDims: native(["pointer", "pointer"], "i32"),
  TFE_TensorHandleDim: native(["pointer", "i32", "pointer"], "i64"),
  TFE_TensorHandleResolve: native(["pointer", "pointer"], "pointer"),
  TFE_TensorHandleCopyToDevice: native(["pointer", "pointer", "buffer", "pointer"], "pointer"),

  TFE_NewOp: native(["pointer", "buffer", "pointer"], "pointer"),
  TFE_DeleteOp: native(["pointer"], "void"),
  TFE_OpAddInput: native(["pointer", "pointer", "pointer"], "void"),
  TFE_Execute: native(["pointer", "buffer", "buffer", "pointer"], "void"),

  TFE_OpGetAttrType: native(["pointer", "buffer", "buffer", "pointer"], "i32"),
  TFE_OpSetAttrString: native(["pointer", "buffer", "buffer", "usize"], "void"),
  TFE_OpSetAttrStringList: native(["pointer", "buffer", "buffer", "buffer", "i32"], "void"),
  TFE_OpSetAttrInt: native(["pointer", "buffer", "i64"], "void"),
  TFE_OpSetAttrIntList: native(["pointer", "buffer", "buffer", "i32"], "void"),
  TFE_OpSetAttrFloat: native(["pointer", "buffer", "f32"], "void"),
  TFE_OpSetAttrFloatList: native(["pointer", "buffer", "buffer", "i32"], "void"),
  TFE_OpSetAttrBool: native(["pointer", "buffer", "u8"], "void"),
  TFE_OpSetAttrBoolList: native(["pointer", "buffer", "buffer", "i32"], "void"),
  TFE_OpSetAttrType: native(["pointer", "buffer", "i32"], "void"),
  TFE_OpSetAttrTypeList: native(["pointer", "buffer", "buffer", "i32"], "void"),
  TFE_OpSetAttrShape: native(["pointer", "buffer", "buffer", "i32", "pointer"], "void"),
  TFE_OpSetAttrShapeList: native(
    ["pointer", "buffer", "buffer", "buffer", "i32", "pointer"],
    "void",
  ),
  TFE_OpSetAttrFunctionName: native(["pointer", "buffer", "buffer", "usize"], "void"),

  /**
   * `tsl::enable_tensor_float_32_execution(bool)`: a C++ function, because the C API has none for
   * it.
   */
  _ZN3tsl32enable_tensor_float_32_executionEb: { ...native(["bool"], "void"), optional: true },
} as const;

/** The opened functions, by name. */
export type Symbols = Deno.DynamicLibrary<typeof SIGNATURES>["symbols"];

/** The functions of the C library that the binding needs in addition to TensorFlow's. */
const SYSTEM_SIGNATURES = {
  memcpy: native(["pointer", "buffer", "usize"], "pointer"),
  open: native(["buffer", "i32"], "i32"),
  close: native(["i32"], "i32"),
  dup: native(["i32"], "i32"),
  dup2: native(["i32", "i32"], "i32"),
  // Windows has none of these.
  dlopen: { ...native(["buffer", "i32"], "pointer"), optional: true },
  dlerror: { ...native([], "pointer"), optional: true },
  madvise: { ...native(["u64", "usize", "i32"], "i32"), optional: true },
  sigaction: { ...native(["i32", "buffer", "buffer"], "i32"), optional: true },
  /** Only Windows has it. */
  putenv_s: { ...native(["buffer", "buffer"], "i32"), optional: true },
  /** Only glibc has it. */
  malloc_trim: { ...native(["usize"], "i32"), optional: true },
} as const;

/** The opened functions of the C library. */
export type SystemSymbols = Deno.DynamicLibrary<typeof SYSTEM_SIGNATURES>["symbols"];

/** Windows puts an underscore before these names from Unix. */
const UNDERLINED = ["open", "close", "dup", "dup2", "putenv_s"];

/**
 * The C library's functions under the names that they have on a system.
 *
 * @param system The system; by default the one that this process runs on.
 * @returns The signatures for `Deno.dlopen`.
 */
export function systemSignatures({ name }: System = systemOf()): typeof SYSTEM_SIGNATURES {
  if (name !== "windows") return SYSTEM_SIGNATURES;
  const entries = Object.entries(SYSTEM_SIGNATURES).map(([key, signature]) =>
    [key, UNDERLINED.includes(key) ? { ...signature, name: `_${key}` } : signature] as const
  );
  // The same functions with the same types; `name` only says under which name each is found.
  return Object.fromEntries(entries) as unknown as typeof SYSTEM_SIGNATURES;
}

/** Opens the C library. */
export function openSystemLibrary(): SystemSymbols {
  return Deno.dlopen(systemOf().cLibrary, systemSignatures()).symbols;
}
