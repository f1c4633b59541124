import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { attentionMass, slotPlaces } from "lib/analysis/mod.ts";
import { Random } from "lib/core/mod.ts";
import { createGrammar } from "lib/data/mod.ts";

const even = [[1, 0, 0], [1 / 2, 1 / 2, 0], [1 / 3, 1 / 3, 1 / 3]];
const first = [[1, 0, 0], [1, 0, 0], [1, 0, 0]];

Deno.test("attentionMass() averages each head over sentences, beside what looking evenly gives", () => {
  const short = [[[[1, 0], [0.25, 0.75]], [[1, 0], [1, 0]]]];
  const [looks, rests] = attentionMass([
    { attention: [[even, first]], from: 2, onto: [1, 2] },
    { attention: short, from: 1, onto: [1] },
  ]);
  assertAlmostEquals(looks?.mass ?? NaN, (2 / 3 + 3 / 4) / 2);
  assertAlmostEquals(looks?.standardError ?? NaN, (3 / 4 - 2 / 3) / 2);
  assertAlmostEquals(looks?.chance ?? NaN, (2 / 3 + 1 / 2) / 2);
  assertEquals([rests?.layer, rests?.head, rests?.mass], [0, 1, 0]);
});

Deno.test("attentionMass() gives the chance itself for a head that looks evenly", () => {
  for (const [from, onto] of [[0, [0]], [1, [0]], [2, [0, 1]], [2, [2, 2]], [2, []]] as const) {
    const question = { attention: [[even]], from, onto };
    const [head] = attentionMass([question, question]);
    assertAlmostEquals(head?.mass ?? NaN, head?.chance ?? NaN, 1e-12);
  }
});

Deno.test("attentionMass() names heads layer by layer", () => {
  const question = { attention: [[even, first], [first, even]], from: 1, onto: [0] };
  const heads = attentionMass([question, question]);
  assertEquals(heads.map(({ layer, head, mass }) => [layer, head, mass]), [
    [0, 0, 0.5],
    [0, 1, 1],
    [1, 0, 1],
    [1, 1, 0.5],
  ]);
});

Deno.test("attentionMass() refuses places that cannot be seen, and models that differ", () => {
  const question = { attention: [[even]], from: 1, onto: [0] };
  const message = (...changes: object[]) =>
    assertThrows(() => attentionMass(changes.map((change) => ({ ...question, ...change }))), Error)
      .message;
  const start = "Cannot measure attention: expected";
  assertEquals(message({}), `${start} at least 2 sentences, got 1`);
  assertEquals(message({ from: 3 }, {}), `${start} a place below 3 that looks, got 3`);
  assertEquals(message({ onto: [2] }, {}), `${start} places from 0 to 1 looked at, got 2`);
  assertEquals(message({ onto: [-1] }, {}), `${start} places from 0 to 1 looked at, got -1`);
  assertEquals(
    message({}, { attention: [[even, even]] }),
    `${start} layer 0 with head 1 in all 2 sentences, got it in 1`,
  );
});

Deno.test("slotPlaces() finds the words: each is read one place behind where it is predicted", () => {
  const grammar = createGrammar("copy"), words = grammar.sample(new Random(3));
  const read = ["<bos>", ...words];
  const slots = grammar.slots(words);
  for (const slot of ["noun", "verb"]) {
    const [first, second] = slotPlaces(slots, slot);
    assertEquals(read[first?.readAt ?? -1], read[second?.readAt ?? -1]);
    assertEquals(first?.readAt, (first?.askedAt ?? NaN) + 1);
  }
  assertEquals(slotPlaces(slots, "that"), []);
});
