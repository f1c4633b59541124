import { assertEquals, assertThrows } from "@std/assert";
import { createDataset, type Encoder } from "lib/data/mod.ts";

const encoder: Encoder = { encode: (text) => Int32Array.of(1, ...text.split(" ").map(Number), 2) };

Deno.test("createDataset() keeps order, ids and lengths", () => {
  const dataset = createDataset([["5", "6"], ["7"]], encoder);
  assertEquals(dataset.size, 2);
  assertEquals(dataset.lengths, [4, 3]);
  assertEquals(dataset.at(0), Int32Array.of(1, 5, 6, 2));
  assertEquals(dataset.at(1), Int32Array.of(1, 7, 2));
});

Deno.test("createDataset() encodes each sentence once", () => {
  let calls = 0;
  const counting: Encoder = { encode: (text) => (calls++, encoder.encode(text)) };
  const dataset = createDataset([["5"], ["6"]], counting);
  for (let i = 0; i < 10; i++) dataset.at(i % 2);
  assertEquals(calls, 2);
});

Deno.test("createDataset() refuses no sentences, and encoders that give anything else", () => {
  assertThrows(
    () => createDataset([], encoder),
    RangeError,
    "Cannot make a data set: expected at least one sentence, got none",
  );
  assertThrows(
    () => createDataset([["5", "6"]], { encode: () => Int32Array.of(1) }),
    TypeError,
    'Cannot make a data set: expected an Int32Array with <bos> and <eos>, got 1 ids for "5 6"',
  );
  // What a student's untyped encoder may return.
  const list = { encode: () => [1, 2] } as unknown as Encoder;
  assertThrows(() => createDataset([["5"]], list), TypeError, "got object");
});

Deno.test("Dataset.at() refuses an index that is none", () => {
  const dataset = createDataset([["5"]], encoder);
  for (const index of [1, -1, 0.5]) {
    assertThrows(
      () => dataset.at(index),
      RangeError,
      `Cannot read an example: expected an index below 1, got ${index}`,
    );
  }
});

Deno.test("createDataset() refuses ids outside the encoder's vocabulary", () => {
  const size = 7;
  for (const id of [-1, size, -(2 ** 31), 2 ** 31 - 1]) {
    assertThrows(
      () => createDataset([["6"], [String(id)]], { ...encoder, size }),
      RangeError,
      `Cannot make a data set: expected ids from 0 to 6, got ${id} for "${id}"`,
    );
  }
  assertEquals(createDataset([["6"]], { ...encoder, size }).size, 1);
  assertThrows(() => createDataset([["-1"]], encoder), RangeError, "expected ids from 0, got -1");
});
