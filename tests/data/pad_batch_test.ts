import { assertEquals, assertThrows } from "@std/assert";
import { IGNORE_INDEX, padBatch } from "lib/data/mod.ts";

const EXAMPLES = [Int32Array.of(1, 5, 6, 7, 2), Int32Array.of(1, 8, 2)];

Deno.test("padBatch() shifts labels by one, masks pads and ignores their labels", () => {
  assertEquals(padBatch(EXAMPLES, { padId: 9 }), {
    ids: Int32Array.of(1, 5, 6, 7, 1, 8, 9, 9),
    mask: Float32Array.of(1, 1, 1, 1, 1, 1, 0, 0),
    labels: Int32Array.of(5, 6, 7, 2, 8, 2, -100, -100),
    shape: [2, 4],
  });
});

Deno.test("padBatch() pads to a fixed length, and changes nothing else", () => {
  const { ids, mask, labels, shape } = padBatch(EXAMPLES, { padId: 0, length: 5 });
  assertEquals(shape, [2, 5]);
  assertEquals([...ids], [1, 5, 6, 7, 0, 1, 8, 0, 0, 0]);
  assertEquals([...mask], [1, 1, 1, 1, 0, 1, 1, 0, 0, 0]);
  assertEquals([...labels], [5, 6, 7, 2, -100, 8, 2, -100, -100, -100]);
});

Deno.test("padBatch() fills up with empty rows: pads that nothing attends to, and no targets", () => {
  const { ids, mask, labels, shape } = padBatch(EXAMPLES, { padId: 9, rows: 4 });
  const filled = padBatch(EXAMPLES, { padId: 9 });
  assertEquals(shape, [4, 4]);
  assertEquals([...ids], [...filled.ids, ...Array(8).fill(9)]);
  assertEquals([...mask], [...filled.mask, ...Array(8).fill(0)]);
  assertEquals([...labels], [...filled.labels, ...Array(8).fill(IGNORE_INDEX)]);
  assertThrows(
    () => padBatch(EXAMPLES, { padId: 9, rows: 1 }),
    RangeError,
    "Cannot pad a batch: expected at most 1 examples, a row each, got 2",
  );
});

Deno.test("padBatch() takes more examples than a call takes arguments", () => {
  const many = Array.from({ length: 200_000 }, () => Int32Array.of(1, 5, 2));
  assertEquals(padBatch(many, { padId: 0 }).shape, [200_000, 2]);
});

Deno.test("padBatch() predicts <eos> and never reads it, reads <bos> and never predicts it", () => {
  const { ids, labels } = padBatch(EXAMPLES, { padId: 0 });
  assertEquals([ids.includes(2), ids.includes(1)], [false, true]);
  assertEquals([labels.includes(2), labels.includes(1)], [true, false]);
});

Deno.test("padBatch() keeps a pad id that stands in a sentence: only pads are masked", () => {
  const { mask, labels } = padBatch([[1, 0, 5, 2], [1, 2]], { padId: 0 });
  assertEquals([...mask], [1, 1, 1, 1, 0, 0]);
  assertEquals([...labels], [0, 5, 2, 2, IGNORE_INDEX, IGNORE_INDEX]);
});

Deno.test("padBatch() refuses examples that are too long: nothing is cut off", () => {
  const text = "Cannot pad a batch: expected at most 3 positions, got 4 in example 0; " +
    "nothing is cut off, so raise the length or drop the example";
  assertThrows(() => padBatch(EXAMPLES, { padId: 0, length: 3 }), RangeError, text);
  assertThrows(() => padBatch(EXAMPLES, { padId: 0, maxLength: 3 }), RangeError, text);
  assertEquals(padBatch(EXAMPLES, { padId: 0, length: 4, maxLength: 4 }).shape, [2, 4]);
});

Deno.test("padBatch() refuses an empty batch, an example without target, a length above the model's", () => {
  assertThrows(
    () => padBatch([], { padId: 0 }),
    RangeError,
    "Cannot pad a batch: expected at least one example, got none",
  );
  assertThrows(
    () => padBatch([[1, 2], [1]], { padId: 0 }),
    RangeError,
    "Cannot pad a batch: expected at least two ids, got 1 in example 1",
  );
  assertThrows(
    () => padBatch(EXAMPLES, { padId: 0, length: 9, maxLength: 8 }),
    RangeError,
    "Cannot pad a batch: expected a length of at most 8, which the model can read, got 9",
  );
});

Deno.test("padBatch() refuses bounds that are NaN: no length lies below them", () => {
  for (const bound of [{ length: NaN }, { maxLength: NaN }]) {
    const text = "expected at most NaN positions";
    assertThrows(() => padBatch(EXAMPLES, { padId: 0, ...bound }), RangeError, text);
  }
});

Deno.test("padBatch() takes 200,000 examples, and one of 200,000 ids", () => {
  const many = new Array<Int32Array>(200_000).fill(Int32Array.of(1, 7, 2));
  assertEquals(padBatch(many, { padId: 0 }).shape, [200_000, 2]);
  const long = new Int32Array(200_000).fill(7);
  assertEquals(padBatch([long, Int32Array.of(1, 2)], { padId: 0 }).shape, [2, 199_999]);
});
