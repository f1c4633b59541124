/**
 * The functions of TensorFlow's C API that build graphs and make functions of them, in the form
 * that `Deno.dlopen` expects.
 *
 * These files explain the arguments: `tensorflow/c/c_api.h`, `c_api_function.h` and
 * `eager/c_api.h`, which the wheel contains under `include/`.
 */

/** `TF_Output`: an operation and the index of its output, passed by value. */
const OUTPUT = { struct: ["pointer", "i32"] } as const;

/** `TF_Buffer`: an address, a length, and the function that frees it. */
const BUFFER = { struct: ["pointer", "usize", "pointer"] } as const;

/** Graphs, their operations with attributes, and functions made of them. */
export const GRAPH_SIGNATURES = {
  TF_NewGraph: { parameters: [], result: "pointer" },
  TF_DeleteGraph: { parameters: ["pointer"], result: "void" },
  TF_NewOperation: { parameters: ["pointer", "buffer", "buffer"], result: "pointer" },
  TF_AddInput: { parameters: ["pointer", OUTPUT], result: "void" },
  TF_AddInputList: { parameters: ["pointer", "buffer", "i32"], result: "void" },
  TF_FinishOperation: { parameters: ["pointer", "pointer"], result: "pointer" },
  TF_OperationOutputType: { parameters: [OUTPUT], result: "i32" },
  TF_GraphGetTensorNumDims: { parameters: ["pointer", OUTPUT, "pointer"], result: "i32" },
  TF_GraphGetTensorShape: {
    parameters: ["pointer", OUTPUT, "buffer", "i32", "pointer"],
    result: "void",
  },
  TF_GraphGetOpDef: { parameters: ["pointer", "buffer", "pointer", "pointer"], result: "void" },
  TF_NewBuffer: { parameters: [], result: "pointer" },
  TF_GetBuffer: { parameters: ["pointer"], result: BUFFER },
  TF_DeleteBuffer: { parameters: ["pointer"], result: "void" },

  TF_SetAttrString: { parameters: ["pointer", "buffer", "buffer", "usize"], result: "void" },
  TF_SetAttrStringList: {
    parameters: ["pointer", "buffer", "buffer", "buffer", "i32"],
    result: "void",
  },
  TF_SetAttrFuncName: { parameters: ["pointer", "buffer", "buffer", "usize"], result: "void" },
  TF_SetAttrInt: { parameters: ["pointer", "buffer", "i64"], result: "void" },
  TF_SetAttrIntList: { parameters: ["pointer", "buffer", "buffer", "i32"], result: "void" },
  TF_SetAttrFloat: { parameters: ["pointer", "buffer", "f32"], result: "void" },
  TF_SetAttrFloatList: { parameters: ["pointer", "buffer", "buffer", "i32"], result: "void" },
  TF_SetAttrBool: { parameters: ["pointer", "buffer", "u8"], result: "void" },
  TF_SetAttrBoolList: { parameters: ["pointer", "buffer", "buffer", "i32"], result: "void" },
  TF_SetAttrType: { parameters: ["pointer", "buffer", "i32"], result: "void" },
  TF_SetAttrTypeList: { parameters: ["pointer", "buffer", "buffer", "i32"], result: "void" },
  TF_SetAttrShape: { parameters: ["pointer", "buffer", "buffer", "i32"], result: "void" },
  TF_SetAttrShapeList: {
    parameters: ["pointer", "buffer", "buffer", "buffer", "i32"],
    result: "void",
  },
  TF_SetAttrTensor: { parameters: ["pointer", "buffer", "pointer", "pointer"], result: "void" },

  TF_GraphToFunction: {
    parameters: [
      ...["pointer", "buffer", "u8", "i32", "pointer"] as const, // graph, name, hash; operations: all
      ...["i32", "buffer", "i32", "buffer"] as const, // inputs, outputs
      ...["pointer", "pointer", "pointer", "pointer"] as const, // names, options, text, status
    ],
    result: "pointer",
  },
  TF_FunctionName: { parameters: ["pointer"], result: "pointer" },
  TF_DeleteFunction: { parameters: ["pointer"], result: "void" },
  TFE_ContextAddFunction: { parameters: ["pointer", "pointer", "pointer"], result: "void" },
  TFE_ContextRemoveFunction: { parameters: ["pointer", "buffer", "pointer"], result: "void" },
} as const;

/** The opened functions, by name. */
export type GraphSymbols = Deno.DynamicLibrary<typeof GRAPH_SIGNATURES>["symbols"];
