import { BackendError } from "lib/core/mod.ts";
import { definitionNumber, type OpBuilder } from "./attributes.ts";
import { cName } from "./c_string.ts";
import type { GraphSymbols } from "./graph_signatures.ts";
import { assertStatus, failureOf, type NativeLibrary } from "./native_library.ts";

/**
 * For each op, its attributes and the numbers that {@linkcode OpBuilder.definitionOf} gives for
 * them.
 */
const definitions = new Map<string, Map<string, number>>();

/** Builds ops that run at once. */
export function eagerOps(library: NativeLibrary): OpBuilder {
  const { symbols, status } = library;
  return {
    act: "run",
    definitionOf(op, opName, name) {
      let attributes = definitions.get(opName);
      if (attributes === undefined) definitions.set(opName, attributes = new Map());
      let definition = attributes.get(name);
      if (definition === undefined) {
        attributes.set(name, definition = askDefinition(library, { op, opName, name }));
      }
      return definition;
    },
    assertShape: (act) => assertStatus(library, act),
    set: {
      type: symbols.TFE_OpSetAttrType,
      bool: symbols.TFE_OpSetAttrBool,
      int: symbols.TFE_OpSetAttrInt,
      float: symbols.TFE_OpSetAttrFloat,
      string: symbols.TFE_OpSetAttrString,
      shape: (...call) => symbols.TFE_OpSetAttrShape(...call, status),
      functionName: symbols.TFE_OpSetAttrFunctionName,
      typeList: symbols.TFE_OpSetAttrTypeList,
      boolList: symbols.TFE_OpSetAttrBoolList,
      intList: symbols.TFE_OpSetAttrIntList,
      floatList: symbols.TFE_OpSetAttrFloatList,
      stringList: symbols.TFE_OpSetAttrStringList,
      shapeList: (...call) => symbols.TFE_OpSetAttrShapeList(...call, status),
    },
  };
}

function askDefinition(
  library: NativeLibrary,
  { op, opName, name }: { op: Deno.PointerValue; opName: string; name: string },
): number {
  const isList = new Uint8Array(1);
  const kind = library.symbols.TFE_OpGetAttrType(op, cName(name), isList, library.status);
  const failure = failureOf(library);
  if (failure === undefined) return kind * 2 + (isList[0] ?? 0);
  throw new BackendError(
    `Cannot run ${opName}: expected one of its attributes, got "${name}": ${failure.code}: ${failure.message}`,
    { code: failure.code, op: opName },
  );
}

/**
 * Builds operations of a graph. TensorFlow checks a shape only when the operation is finished.
 *
 * @param symbols The functions for graphs.
 * @param attributesOf The attributes in an op's definition: their kinds by name.
 */
export function graphOps(
  symbols: GraphSymbols,
  attributesOf: (opName: string) => ReadonlyMap<string, string>,
): OpBuilder {
  return {
    act: "record",
    definitionOf(_, op, name) {
      const kind = attributesOf(op).get(name);
      if (kind !== undefined) return definitionNumber(kind);
      const message = `Cannot record ${op}: expected one of its attributes, got "${name}"`;
      throw new BackendError(message, { code: "NOT_FOUND", op });
    },
    assertShape() {},
    set: {
      type: symbols.TF_SetAttrType,
      bool: symbols.TF_SetAttrBool,
      int: symbols.TF_SetAttrInt,
      float: symbols.TF_SetAttrFloat,
      string: symbols.TF_SetAttrString,
      shape: symbols.TF_SetAttrShape,
      functionName: symbols.TF_SetAttrFuncName,
      typeList: symbols.TF_SetAttrTypeList,
      boolList: symbols.TF_SetAttrBoolList,
      intList: symbols.TF_SetAttrIntList,
      floatList: symbols.TF_SetAttrFloatList,
      stringList: symbols.TF_SetAttrStringList,
      shapeList: symbols.TF_SetAttrShapeList,
    },
  };
}
