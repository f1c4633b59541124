import {
  assert,
  assertEquals,
  assertGreater,
  assertInstanceOf,
  assertLess,
  assertThrows,
} from "@std/assert";
import {
  decodeSafetensors,
  encodeSafetensors,
  SafetensorsError,
  type SafetensorsErrorCode,
  type TensorData,
} from "lib/checkpoint/mod.ts";
import { MAX_HEADER_BYTES } from "lib/checkpoint/safetensors.ts";
import { Random } from "lib/core/mod.ts";
import { python } from "../support/python.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { everyDtype, randomTensor } from "./_fixtures.ts";

const JUDGE = new URL("safetensors_judge.py", import.meta.url);
const MUTATIONS = 10_000;

/** A tensor as the judge prints it. */
type Listed = [name: string, dtype: string, shape: readonly number[], hex: string];

function listed(tensors: ReadonlyMap<string, TensorData>): Listed[] {
  return Array.from(tensors, ([name, { dtype, shape, data }]): Listed => [
    name,
    dtype,
    shape,
    data.toHex(),
  ]).sort(byName);
}

function byName([a]: Listed, [b]: Listed): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A file with any header, sound or not. */
function file(header: string | Uint8Array, data: Uint8Array = new Uint8Array()): Uint8Array {
  const text = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

Deno.test("encodeSafetensors() writes every dtype so that the official reader gives it back", () => {
  const tensors = everyDtype(new Random(1)), path = `${temporaryFolder()}/file`;
  const metadata = { step: "846", note: 'UTF-8 \u00e9 and "quotes"' };
  Deno.writeFileSync(path, encodeSafetensors(tensors, metadata));
  const seen = JSON.parse(python(JUDGE, ["inspect", path]));
  assertEquals(seen.tensors.sort(byName), listed(tensors));
  assertEquals(seen.metadata, metadata);
});

Deno.test("encodeSafetensors() writes the very bytes that the official writer does", () => {
  const tensors = everyDtype(new Random(2)), path = `${temporaryFolder()}/file`;
  const metadata = { only: "one, because the official order of several is random" };
  python(JUDGE, ["write", path], JSON.stringify({ metadata, tensors: listed(tensors) }));
  assertEquals(encodeSafetensors(tensors, metadata).toHex(), Deno.readFileSync(path).toHex());
});

Deno.test("decodeSafetensors() reads what the official writer writes", () => {
  const tensors = everyDtype(new Random(3)), path = `${temporaryFolder()}/file`;
  const metadata = { a: "1", b: "\u{1f600}", __proto__x: "2" };
  python(JUDGE, ["write", path], JSON.stringify({ metadata, tensors: listed(tensors) }));
  const decoded = decodeSafetensors(Deno.readFileSync(path));
  assertEquals(listed(decoded.tensors), listed(tensors));
  assertEquals(Object.fromEntries(decoded.metadata), metadata);
});

Deno.test("decodeSafetensors() is never laxer than the official reader on 10,000 damaged files", () => {
  const files = mutations(new Random(4), MUTATIONS), path = `${temporaryFolder()}/file`;
  Deno.writeFileSync(path, packed(files));
  const verdicts: ("refused" | Listed[])[] = JSON.parse(python(JUDGE, ["judge", path]));
  const counts = { accepted: 0, refused: 0, stricter: 0 };
  for (const [index, bytes] of files.entries()) {
    const ours = outcome(bytes), official = verdicts[index];
    if (ours instanceof SafetensorsError) counts[official === "refused" ? "refused" : "stricter"]++;
    else {
      assert(Array.isArray(official), `file ${index} is accepted here and refused there`);
      assertEquals(listed(ours.tensors), official.sort(byName));
      counts.accepted++;
    }
  }
  // The files must try both ways, and differences must stay the few that are meant: packed floats,
  // unknown fields, and names given twice.
  assertGreater(counts.accepted, MUTATIONS / 10);
  assertGreater(counts.refused, MUTATIONS / 10);
  assertGreater(MUTATIONS / 50, counts.stricter);
});

/** Reads, and lets nothing but the typed error pass. */
function outcome(bytes: Uint8Array): ReturnType<typeof decodeSafetensors> | SafetensorsError {
  try {
    return decodeSafetensors(bytes);
  } catch (error) {
    assertInstanceOf(error, SafetensorsError);
    return error;
  }
}

/** Length and bytes of each file, one after the other. */
function packed(files: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(files.reduce((size, each) => size + 4 + each.length, 0));
  let at = 0;
  for (const each of files) {
    new DataView(bytes.buffer).setUint32(at, each.length, true);
    bytes.set(each, at + 4);
    at += 4 + each.length;
  }
  return bytes;
}

/** Sound files with bytes changed, cut, doubled, and with pieces of the header exchanged. */
function mutations(random: Random, count: number): Uint8Array[] {
  const sound = encodeSafetensors(
    new Map([
      ["a", randomTensor(random, "F32", [2, 2])],
      ["b", randomTensor(random, "I8", [3])],
      ["empty", randomTensor(random, "I64", [0])],
    ]),
    { step: "1" },
  );
  const headerSize = Number(new DataView(sound.buffer).getBigUint64(0, true));
  const header = new TextDecoder().decode(sound.subarray(8, 8 + headerSize));
  const data = sound.subarray(8 + headerSize);
  const pieces = [
    "0",
    "-0",
    "1.0",
    "1e0",
    "01",
    "9007199254740993",
    "18446744073709551616",
    "null",
    " ",
    "\n",
  ]
    .concat([
      "true",
      '"a"',
      '"\\ud800"',
      '"F4"',
      '"BF16"',
      "[]",
      "{}",
      ",",
      ":",
      '"x":1,',
      "\t",
      "\\",
    ])
    .concat(['"b":{"dtype":"I8","shape":[3],"data_offsets":[16,19]},', '"__metadata__":null,']);
  return Array.from({ length: count }, (_, index) => {
    if (index % 3 === 0) return changeBytes(random, sound);
    const at = random.integer(header.length), size = random.pick([0, 0, 1, 1, 2, 3]);
    const text = header.slice(0, at) + random.pick(pieces) + header.slice(at + size);
    return file(index % 3 === 1 ? text : exchange(random, header, pieces), data);
  });
}

function changeBytes(random: Random, sound: Uint8Array): Uint8Array {
  const bytes = sound.slice(), dataStart = bytes.length - 19;
  for (let left = random.integer(3); left >= 0; left--) {
    const from = random.pick([0, dataStart, dataStart]);
    bytes[from + random.integer(bytes.length - from)] = random.uint32() & 255;
  }
  const size = random.integer(8) === 0 ? random.integer(bytes.length + 1) : bytes.length;
  return bytes.slice(0, size);
}

/** Puts a piece in the place of a number, a text, or the start of an entry: still JSON, as a rule. */
function exchange(random: Random, header: string, pieces: readonly string[]): string {
  const tokens = [...header.matchAll(/"[^"]*"|\d+|\{/g)];
  const token = random.pick(tokens), piece = random.pick(pieces);
  const kept = token[0] === "{" ? "{" : "";
  return header.slice(0, token.index) + kept + piece + header.slice(token.index + token[0].length);
}

const entry = (shape: string, offsets: string, dtype = "U8") =>
  `"a":{"dtype":"${dtype}","shape":${shape},"data_offsets":${offsets}}`;

const REFUSED: [SafetensorsErrorCode, string, Uint8Array][] = [
  ["HeaderTooSmall", "expected at least 8 bytes, got 7", new Uint8Array(7)],
  ["HeaderTooLarge", "at most 1048576 bytes, got 1048577", file(" ".repeat(MAX_HEADER_BYTES + 1))],
  ["InvalidHeaderLength", "within the 10 bytes, got 3", file("{} ").subarray(0, 10)],
  ["InvalidHeader", "expected a header in UTF-8", file(Uint8Array.of(0x7b, 0xff, 0x7d))],
  ["InvalidHeaderDeserialization", "expected a header in JSON", file("\ufeff{}")],
  ["InvalidHeaderDeserialization", "expected a JSON object, got [1]", file("[1]")],
  ["InvalidHeaderDeserialization", "a header in JSON", file("[".repeat(900_000))],
  ["InvalidHeaderDeserialization", "whole numbers, got 1.0", file(`{${entry("[1.0]", "[0,1]")}}`)],
  ["InvalidHeaderDeserialization", "whole numbers, got -0", file(`{${entry("[-0]", "[0,0]")}}`)],
  ["InvalidHeaderDeserialization", "every key once", file(`{${entry("[0]", "[0,0]")},"a":{}}`)],
  ["InvalidHeaderDeserialization", "every key once", file('{"__metadata__":{"k":"1","k":"2"}}')],
  ["InvalidHeaderDeserialization", "text by key in __metadata__", file('{"__metadata__":"k"}')],
  ["InvalidHeaderDeserialization", "text by key in __metadata__", file('{"__metadata__":{"k":1}}')],
  ["InvalidHeaderDeserialization", 'data_offsets for "a", got {}', file('{"a":{}}')],
  ["InvalidHeaderDeserialization", 'data_offsets for "a", got 7', file('{"a":7}')],
  [
    "InvalidHeaderDeserialization",
    "dtype, shape",
    file(`{${entry("[0]", "[0,0]")}}`.replace("}", ',"x":1}')),
  ],
  [
    "InvalidHeaderDeserialization",
    "dtype, shape",
    file(`{"\\ud800${entry("[0]", "[0,0]").slice(2)}}`),
  ],
  [
    "UnsupportedDtype",
    "expected one of BOOL, U8, I8, F8",
    file(`{${entry("[2]", "[0,1]", "F4")}}`),
  ],
  ["InvalidOffset", 'tensor "a" to begin at 0, got 1 to 2', file(`{${entry("[1]", "[1,2]")}}`)],
  [
    "InvalidOffset",
    'tensor "b" to begin at 1, got 1 to 0',
    file(`{${entry("[1]", "[0,1]")},${entry("[1]", "[1,0]").replace("a", "b")}}`),
  ],
  [
    "ValidationOverflow",
    "got 4294967296 x 4294967296",
    file(`{${entry("[4294967296,4294967296]", "[0,0]")}}`),
  ],
  ["TensorInvalidInfo", '2 bytes for "a" [2], got 1', file(`{${entry("[2]", "[0,1]")}}`)],
  ["MetadataIncompleteBuffer", "1 bytes of data, got 0", file(`{${entry("[1]", "[0,1]")}}`)],
  ["MetadataIncompleteBuffer", "0 bytes of data, got 1", file("{}", new Uint8Array(1))],
];

for (const [index, [code, text, bytes]] of REFUSED.entries()) {
  Deno.test(`decodeSafetensors() refuses by ${code} (${index}): ${text}`, () => {
    const error = assertThrows(() => decodeSafetensors(bytes), SafetensorsError, text);
    assertEquals(error.code, code);
  });
}

Deno.test("decodeSafetensors() reads an empty tensor that is named after the one at its place", () => {
  const empty = entry("[0]", "[0,0]").replace("a", "b");
  const { tensors } = decodeSafetensors(
    file(`{${entry("[1]", "[0,1]")},${empty}}`, Uint8Array.of(7)),
  );
  assertEquals(listed(tensors), [["a", "U8", [1], "07"], ["b", "U8", [0], ""]]);
});

Deno.test("decodeSafetensors() takes a larger header where it is told to", () => {
  const bytes = file("{}" + " ".repeat(MAX_HEADER_BYTES));
  assertEquals(decodeSafetensors(bytes, { maxHeaderBytes: 2 * MAX_HEADER_BYTES }).tensors.size, 0);
});

Deno.test("decodeSafetensors() reads at any offset of a larger buffer, and copies nothing", () => {
  const tensors = new Map([["a", randomTensor(new Random(5), "F32", [3])]]);
  const bytes = encodeSafetensors(tensors), buffer = new Uint8Array(bytes.length + 5);
  buffer.set(bytes, 3);
  const decoded = decodeSafetensors(buffer.subarray(3, 3 + bytes.length));
  assertEquals(listed(decoded.tensors), listed(tensors));
  assertEquals(decoded.tensors.get("a")?.data.buffer, buffer.buffer);
});

Deno.test("encodeSafetensors() refuses names, lengths, bytes and metadata that do not fit", () => {
  const one = (name: string, shape: number[], size: number) => () =>
    encodeSafetensors(new Map([[name, { dtype: "F32", shape, data: new Uint8Array(size) }]]));
  assertThrows(one("__metadata__", [1], 4), TypeError, 'a tensor\'s name, got "__metadata__"');
  assertThrows(one("\ud800", [1], 4), TypeError, 'a tensor\'s name, got "\\ud800"');
  assertThrows(one("a", [0.5], 2), TypeError, 'tensor "a": expected whole lengths, got [0.5]');
  assertThrows(one("a", [-1], 4), TypeError, "expected whole lengths, got [-1]");
  assertThrows(one("a", [2], 4), TypeError, "expected 8 bytes for F32 [2], got 4");
  const broken = () => encodeSafetensors(new Map(), { note: "\udc00" });
  assertThrows(broken, TypeError, 'metadata in Unicode, got "\\udc00"');
  const large = () => encodeSafetensors(new Map(), { note: "x".repeat(MAX_HEADER_BYTES) });
  assertThrows(large, RangeError, "a header of at most 1048576 bytes, got 1048608; shorten names");
});

Deno.test("decodeSafetensors() repeats little of a hostile header, and nothing that a terminal obeys", () => {
  const long = "x".repeat(400_000), escape = "\\u001b[31m";
  const headers = [
    long,
    `{"${escape}${long}":5}`,
    `{"a":{"dtype":"${escape}${long}","shape":[],"data_offsets":[0,4]}}`,
    `{"${escape}${long}":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}`,
    `{"a":{"dtype":"F32","shape":[${new Array(100_000).fill(1)}],"data_offsets":[0,8]}}`,
    `{"__metadata__":{"a":["${escape}${long}"]}}`,
    `{"a":1${long.replaceAll("x", "0")}.5}`,
  ];
  for (const header of headers) {
    const text = new TextEncoder().encode(header), bytes = new Uint8Array(8 + text.length + 8);
    new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
    bytes.set(text, 8);
    const { message } = assertThrows(() => decodeSafetensors(bytes), SafetensorsError);
    assertLess(message.length, 500, header.slice(0, 60));
    assertEquals(message.includes("\u001b"), false);
  }
});
