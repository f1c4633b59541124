import { exercise, type WrongAnswer } from "lib/grade/mod.ts";

type Answer = (value: number) => number;

/** The bits of a number as float32. */
const bitsOf = (value: number) => new Uint32Array(Float32Array.of(value).buffer)[0] ?? 0;
const numberOf = (bits: number) => new Float32Array(Uint32Array.of(bits).buffer)[0] ?? NaN;

const reference: Answer = (value) => {
  const bits = bitsOf(value);
  return numberOf((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16 << 16 >>> 0);
};

/** A number made from the bits of another one. */
const byBits = (of: (bits: number) => number): WrongAnswer<Answer> => (value) =>
  numberOf(of(bitsOf(value)) >>> 0);

const ULP = 2 ** -7; // between two numbers from 1 to 2

const ASKED: Readonly<Record<string, number>> = {
  "1": 1,
  "0.1": 0.1,
  "pi": Math.PI,
  "-2.7": -2.7,
  "1.00390625, halfway between 1 and 1.0078125": 1 + ULP / 2,
  "1.01171875, halfway between 1.0078125 and 1.015625": 1 + 1.5 * ULP,
  "just above the first halfway": 1 + ULP / 2 + 2 ** -20,
  "just below it": 1 + ULP / 2 - 2 ** -20,
  "-1.00390625": -1 - ULP / 2,
  "1.9999, which becomes 2": 1.9999,
  "255.7": 255.7,
  "1e-30": 1e-30,
  "3e38": 3e38,
  "1234567": 1_234_567,
  "0": 0,
};

/** 6.2a: the nearest number of 8 significant bits. */
export default exercise<Answer>({
  name: "toBfloat16",
  reference,
  returns: "number",
  cases: Object.fromEntries(Object.entries(ASKED).map(([name, value]) => [name, () => [value]])),
  drawn: (random) => [(random.uniform() * 2 - 1) * 2 ** (random.integer(40) - 20)],
  drawnCount: 40,
  tolerance: 0,
  mistakes: {
    "the bits are cut off, not rounded: add half of what is cut off first": byBits((bits) =>
      bits >>> 16 << 16
    ),
    "a number halfway goes to the even neighbour, and not always up": byBits((bits) =>
      (bits + 0x8000) >>> 16 << 16
    ),
    "a number halfway goes to the even neighbour, and not always down": byBits((bits) =>
      (bits + 0x7fff) >>> 16 << 16
    ),
    "this always rounds up: add half of what is cut off, and not all of it": byBits((bits) =>
      (bits + 0xffff) >>> 16 << 16
    ),
    "that is float32: 16 of its 32 bits must go": [
      (value) => Math.fround(value),
      (value) => value,
    ],
    "that is float16, which has 11 significant bits and a smaller range": [
      (value) => new Float16Array([value])[0],
      byBits((bits) => (bits + 0xfff + (bits >>> 13 & 1)) >>> 13 << 13),
    ],
    "one bit too many is kept: 16 bits are cut off": byBits((bits) =>
      (bits + 0x3fff + (bits >>> 15 & 1)) >>> 15 << 15
    ),
    "one bit too few is kept: 16 bits are cut off": byBits((bits) =>
      (bits + 0xffff + (bits >>> 17 & 1)) >>> 17 << 17
    ),
    "the bits are the result here: read them as a float32 again": [
      (value) => (bitsOf(value) + 0x7fff + (bitsOf(value) >>> 16 & 1)) >>> 16,
      (value) => (bitsOf(value) + 0x7fff + (bitsOf(value) >>> 16 & 1)) >>> 16 << 16 >>> 0,
    ],
    "digits of 10 are rounded here: the format has digits of 2": [
      (value) => Number(value.toPrecision(3)),
      (value) => Number(value.toPrecision(2)),
      (value) => Math.round(value * 128) / 128,
      (value) => Math.round(value * 256) / 256,
    ],
    "the upper half is the one to keep: >>> 16 << 16": byBits((bits) => bits & 0xffff),
    "the sign is lost": (value) => reference(Math.abs(value)),
  },
  styles: {
    "by the exponent": (value) => {
      const x = Math.fround(value);
      if (x === 0) return x;
      const step = 2 ** (Math.floor(Math.log2(Math.abs(x))) - 7), scaled = x / step;
      const low = Math.floor(scaled), rest = scaled - low;
      const up = rest > 0.5 || rest === 0.5 && low % 2 !== 0;
      return (low + (up ? 1 : 0)) * step;
    },
    "a data view": (value) => {
      const view = new DataView(new ArrayBuffer(4));
      view.setFloat32(0, value);
      const upper = view.getUint16(0), lower = view.getUint16(2);
      const isUp = lower > 0x8000 || lower === 0x8000 && upper % 2 === 1;
      view.setUint16(0, upper + Number(isUp));
      view.setUint16(2, 0);
      return view.getFloat32(0);
    },
  },
});
