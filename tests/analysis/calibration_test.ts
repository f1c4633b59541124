import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { calibrate } from "lib/analysis/mod.ts";
import { createGrammar, createOracle } from "lib/data/mod.ts";

Deno.test("calibrate() finds nothing wrong with the oracle itself", () => {
  const oracle = createOracle(createGrammar("agreement"));
  const prefixes = [[1], [1, 4], [1, 4, 10], [1, 4, 10, 300]];
  const predictions = prefixes.map((prefix) => {
    const probabilities = oracle.next(prefix);
    return { model: probabilities, oracle: probabilities };
  });
  const { bins, error, divergence } = calibrate(predictions);
  assertEquals([error, divergence], [0, 0]);
  for (const bin of bins) assertEquals(bin.model, bin.oracle);
  // Nothing, one of 250, one of 25, certain.
  assertEquals(bins.length, 4);
  [0, 1 / 250, 1 / 25, 1].forEach((p, i) => assertAlmostEquals(bins[i]?.model ?? NaN, p, 1e-12));
});

Deno.test("calibrate() puts each probability into the bin that says so, 1 into the last", () => {
  const model = [0, 1e-6, 0.00999, 0.01, 0.2, 1];
  const oracle = model.map(() => 0);
  const { bins, predictions } = calibrate([{ model, oracle }], { binsPerDecade: 1, decades: 2 });
  assertEquals(bins.map(({ low, high, count }) => [low, high, count]), [
    [0, 0.01, 3],
    [0.01, 0.1, 1],
    [0.1, 1, 2],
  ]);
  assertEquals(predictions, 1);
  for (const { low, high, model } of bins) assert(model >= low && model <= high);
});

Deno.test("calibrate() counts all mass as misplaced where model and oracle share no bin", () => {
  const { error, divergence } = calibrate([{ model: [1, 0], oracle: [0, 1] }]);
  assertEquals([error, divergence], [1, Infinity]);
});

Deno.test("calibrate() tells the expected gap: the mean divergence over the prefixes", () => {
  const first = { model: [0.5, 0.5], oracle: [1, 0] },
    second = { model: [0.5, 0.5], oracle: [0.5, 0.5] };
  assertAlmostEquals(calibrate([first, second]).divergence, Math.LN2 / 2);
});

Deno.test("calibrate() takes what float32 makes of 1, and refuses what is no probability", () => {
  const above = 1 + 2 ** -23;
  assertEquals(calibrate([{ model: [above], oracle: [1] }]).bins.length, 1);
  for (const p of [NaN, -0.1, 1.1, Infinity]) {
    for (const prediction of [{ model: [p], oracle: [1] }, { model: [1], oracle: [p] }]) {
      const error = assertThrows(() => calibrate([prediction]), TypeError);
      assertEquals(error.message, `Cannot calibrate: expected probabilities from 0 to 1, got ${p}`);
    }
  }
});

Deno.test("calibrate() refuses nothing at all, two vocabularies, and bins that are none", () => {
  const prediction = { model: [1], oracle: [1] };
  const message = (act: () => unknown) => assertThrows(act, Error).message;
  assertEquals(message(() => calibrate([])), "Cannot calibrate: expected predictions, got none");
  assertEquals(
    message(() => calibrate([{ model: [1], oracle: [0.5, 0.5] }])),
    "Cannot calibrate: expected 1 probabilities of the oracle, got 2",
  );
  assertEquals(
    message(() => calibrate([prediction], { binsPerDecade: 0 })),
    "Cannot calibrate: expected a number of bins per decade from 1, got 0",
  );
  assertEquals(
    message(() => calibrate([prediction], { decades: 0.5 })),
    "Cannot calibrate: expected a number of decades from 1, got 0.5",
  );
});
