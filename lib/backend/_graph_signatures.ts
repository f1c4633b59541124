/**
 * The functions of TensorFlow's C API that build graphs and turn them into functions
 * (`tensorflow/c/c_api.h`, `c_api_function.h`, `eager/c_api.h`).
 */

/** `TF_Output`: an operation and which of its outputs, passed by value. */
const OUTPUT = { struct: ["pointer", "i32"] } as const;

/** One C function: what it takes and what it gives. */
function native<
  const P extends readonly Deno.NativeType[],
  const R extends Deno.NativeResultType,
>(parameters: P, result: R): { readonly parameters: P; readonly result: R } {
  return { parameters, result };
}

/** Graphs, their operations with attributes, and functions made of them. */
export const GRAPH_SIGNATURES = {
  TF_NewGraph: native([], "pointer"),
  TF_DeleteGraph: native(["pointer"], "void"),
  TF_NewOperation: native(["pointer", "buffer", "buffer"], "pointer"),
  TF_AddInput: native(["pointer", OUTPUT], "void"),
  TF_AddInputList: native(["pointer", "buffer", "i32"], "void"),
  TF_FinishOperation: native(["pointer", "pointer"], "pointer"),
  TF_OperationOutputType: native([OUTPUT], "i32"),
  TF_GraphGetTensorNumDims: native(["pointer", OUTPUT, "pointer"], "i32"),
  TF_GraphGetTensorShape: native(["pointer", OUTPUT, "buffer", "i32", "pointer"], "void"),
  TF_GraphGetOpDef: native(["pointer", "buffer", "pointer", "pointer"], "void"),
  TF_NewBuffer: native([], "pointer"),
  TF_GetBuffer: native(["pointer"], { struct: ["pointer", "usize", "pointer"] }),
  TF_DeleteBuffer: native(["pointer"], "void"),

  TF_SetAttrString: native(["pointer", "buffer", "buffer", "usize"], "void"),
  TF_SetAttrInt: native(["pointer", "buffer", "i64"], "void"),
  TF_SetAttrIntList: native(["pointer", "buffer", "buffer", "i32"], "void"),
  TF_SetAttrFloat: native(["pointer", "buffer", "f32"], "void"),
  TF_SetAttrFloatList: native(["pointer", "buffer", "buffer", "i32"], "void"),
  TF_SetAttrBool: native(["pointer", "buffer", "u8"], "void"),
  TF_SetAttrType: native(["pointer", "buffer", "i32"], "void"),
  TF_SetAttrTypeList: native(["pointer", "buffer", "buffer", "i32"], "void"),
  TF_SetAttrShape: native(["pointer", "buffer", "buffer", "i32"], "void"),
  TF_SetAttrTensor: native(["pointer", "buffer", "pointer", "pointer"], "void"),

  TF_GraphToFunction: native([
    ...["pointer", "buffer", "u8", "i32", "pointer"] as const, // graph, name, operations: all
    ...["i32", "buffer", "i32", "buffer"] as const, // inputs, outputs
    ...["pointer", "pointer", "pointer", "pointer"] as const, // names, options, description, status
  ], "pointer"),
  TF_DeleteFunction: native(["pointer"], "void"),
  TFE_ContextAddFunction: native(["pointer", "pointer", "pointer"], "void"),
  TFE_ContextRemoveFunction: native(["pointer", "buffer", "pointer"], "void"),
} as const;

/** The opened functions, by name. */
export type GraphSymbols = Deno.DynamicLibrary<typeof GRAPH_SIGNATURES>["symbols"];
