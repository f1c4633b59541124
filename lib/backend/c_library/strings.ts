import { DataType, dataTypeName, describeValues } from "./data_types.ts";
import { type NativeLibrary, required } from "./native_library.ts";
import type { TensorValues } from "./op_sink.ts";

/** The size of TensorFlow's `TF_TString`, which contains short strings and points to long ones. */
export const STRING_BYTES = 24;

/**
 * Writes strings into the memory of a new tensor.
 *
 * @returns Their addresses, for {@linkcode freeStrings}.
 */
export function writeStrings(
  { symbols }: NativeLibrary,
  tensor: Deno.PointerObject,
  strings: readonly Uint8Array[],
): Deno.PointerObject[] {
  const places = placesOf(symbols.TF_TensorData(tensor), strings.length);
  places.forEach((place, index) => {
    const bytes = Uint8Array.from(strings[index] ?? []);
    symbols.TF_StringInit(place);
    symbols.TF_StringCopy(place, bytes, BigInt(bytes.length));
  });
  return places;
}

/** Copies the strings out of a tensor's memory. */
export function readStrings(
  { symbols }: NativeLibrary,
  data: Deno.PointerValue,
  bytes: number,
): Uint8Array[] {
  return placesOf(data, bytes / STRING_BYTES).map((place) => {
    const text = new Uint8Array(Number(symbols.TF_StringGetSize(place)));
    const start = symbols.TF_StringGetDataPointer(place);
    if (text.length > 0) Deno.UnsafePointerView.copyInto(required(start), text);
    return text;
  });
}

/** Frees the memory that {@linkcode writeStrings} allocated outside the tensor. */
export function freeStrings({ symbols }: NativeLibrary, places: readonly Deno.PointerObject[]) {
  for (const place of places) symbols.TF_StringDealloc(place);
}

/**
 * Checks that `values` are the strings of a tensor of this shape.
 *
 * @throws {TypeError} If they are not as many byte arrays as the shape says.
 */
export function assertStrings(
  shape: readonly number[],
  values: TensorValues,
): asserts values is Uint8Array[] {
  const count = shape.reduce((product, size) => product * size, 1);
  const act = `Cannot create a tensor ${dataTypeName(DataType.STRING)} [${shape}]`;
  if (!Array.isArray(values) || values.length !== count) {
    throw new TypeError(
      `${act}: expected an array of ${count} strings' bytes, got ${describeValues(values)}`,
    );
  }
  const wrong = values.findIndex((value) => !(value instanceof Uint8Array));
  if (wrong < 0) return;
  throw new TypeError(
    `${act}: expected the UTF-8 bytes of each string, got ${
      JSON.stringify(values[wrong])
    } at ${wrong}`,
  );
}

function placesOf(data: Deno.PointerValue, count: number): Deno.PointerObject[] {
  return Array.from(
    { length: count },
    (_, index) => required(Deno.UnsafePointer.offset(required(data), index * STRING_BYTES)),
  );
}
