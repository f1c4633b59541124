import { bytesField, doubleField, floatField, intField, joinBytes } from "lib/core/mod.ts";

/** Numbers of data types in `types.proto`. */
const DT_FLOAT = 1, DT_STRING = 7;

/** The value of a scalar. */
export function scalarValue(tag: string, value: number): Uint8Array {
  return joinBytes([bytesField(1, tag), floatField(2, value)]);
}

/** A value that one of TensorBoard's plug-ins shows as text, or reads as a message. */
export function textValue(tag: string, plugin: string, content: Uint8Array | string): Uint8Array {
  const tensor = joinBytes([intField(1, DT_STRING), bytesField(8, content)]);
  return joinBytes([bytesField(1, tag), bytesField(8, tensor), bytesField(9, metadata(plugin))]);
}

/** A value without content: its information is in the plug-in's own data. */
export function pluginValue(tag: string, plugin: string, content: Uint8Array): Uint8Array {
  const emptyShape = bytesField(2, new Uint8Array()); // one axis of length 0
  const tensor = joinBytes([intField(1, DT_FLOAT), bytesField(2, emptyShape)]);
  return joinBytes([
    bytesField(1, tag),
    bytesField(8, tensor),
    bytesField(9, metadata(plugin, content)),
  ]);
}

function metadata(plugin: string, content: Uint8Array = new Uint8Array()): Uint8Array {
  const data = content.length === 0
    ? bytesField(1, plugin)
    : joinBytes([bytesField(1, plugin), bytesField(2, content)]);
  return bytesField(1, data);
}

/** An image; its size is read from the header of the PNG file. */
export function imageValue(tag: string, png: Uint8Array): Uint8Array {
  const view = new DataView(png.buffer, png.byteOffset, png.length);
  const width = view.getUint32(16), height = view.getUint32(20), RGBA = 4;
  const image = joinBytes([
    intField(1, height),
    intField(2, width),
    intField(3, RGBA),
    bytesField(4, png),
  ]);
  return joinBytes([bytesField(1, tag), bytesField(4, image)]);
}

const BUCKETS = 30;

/** A histogram: 30 equally wide buckets from the lowest to the highest value. */
export function histogramValue(tag: string, values: Float32Array): Uint8Array {
  let low = Infinity, high = -Infinity, sum = 0, squares = 0;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
    sum += value;
    squares += value * value;
  }
  if (low === high) high = low + Math.max(1e-12, Math.abs(low) * 1e-6); // no bucket of width 0
  const counts = new Float64Array(BUCKETS), perUnit = BUCKETS / (high - low);
  for (const value of values) {
    const bucket = Math.min(BUCKETS - 1, Math.floor((value - low) * perUnit));
    counts[bucket] = (counts[bucket] ?? 0) + 1;
  }
  const limits = Float64Array.from(counts, (_, i) => low + (i + 1) / perUnit);
  const histogram = joinBytes([
    doubleField(1, low),
    doubleField(2, high),
    doubleField(3, values.length),
    doubleField(4, sum),
    doubleField(5, squares),
    bytesField(6, new Uint8Array(limits.buffer)), // packed, little-endian as everywhere here
    bytesField(7, new Uint8Array(counts.buffer)),
  ]);
  return joinBytes([bytesField(1, tag), bytesField(5, histogram)]);
}

/** A setting's value, encoded as in `struct.proto`. */
export function settingValue(value: number | string | boolean): Uint8Array {
  if (typeof value === "number") return doubleField(2, value);
  return typeof value === "string" ? bytesField(3, value) : intField(4, value ? 1 : 0);
}
