import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { EarlyStop } from "lib/train/mod.ts";

Deno.test("EarlyStop stops after `patience` validations without improvement, not before", () => {
  const watch = new EarlyStop({ patience: 2, minChange: 0 });
  const exhausted = [5, 4, 4.2, 3.9, 4, 3.95].map((loss, i) => {
    watch.improves(loss, i);
    return watch.isExhausted;
  });
  assertEquals(exhausted, [false, false, false, false, false, true]);
  assertEquals(watch.state.bestLoss, 3.9);
  assertEquals(watch.state.bestStep, 3);
});

Deno.test("EarlyStop keeps the lowest loss as best, however little it is lower", () => {
  const watch = new EarlyStop({ patience: 3, minChange: 0.1 });
  const isBest = [4, 3.95, 3.96, 3.91, 3.89].map((loss, i) => watch.improves(loss, i));
  assertEquals(isBest, [true, true, false, true, true]);
  assertEquals(watch.state, { bestLoss: 3.89, bestStep: 4, referenceLoss: 3.89, badCount: 0 });
});

Deno.test("EarlyStop loses patience with a loss that only creeps down", () => {
  const watch = new EarlyStop({ patience: 3, minChange: 0.1 });
  for (const loss of [4, 3.99, 3.98, 3.97]) assert(watch.improves(loss, 0));
  assert(watch.isExhausted);
});

Deno.test("EarlyStop never stops without patience and never takes a NaN for the best", () => {
  const watch = new EarlyStop({ patience: 0, minChange: 0 });
  assertFalse(watch.improves(NaN, 1));
  assertFalse(watch.improves(Infinity, 1));
  for (let step = 0; step < 100; step++) watch.improves(9, step);
  assertFalse(watch.isExhausted);
  assertEquals(watch.state.bestLoss, 9);
});

Deno.test("EarlyStop goes on from a saved state as if it had never stopped", () => {
  const losses = [5, 4, 4.5, 4.4, 3, 3.5, 3.5, 3.5], options = { patience: 3, minChange: 0.2 };
  for (let cut = 0; cut < losses.length; cut++) {
    const whole = new EarlyStop(options), first = new EarlyStop(options);
    losses.slice(0, cut).forEach((loss, i) => first.improves(loss, i));
    const second = new EarlyStop(options, JSON.parse(JSON.stringify(first.state)));
    losses.slice(cut).forEach((loss, i) => second.improves(loss, cut + i));
    losses.forEach((loss, i) => whole.improves(loss, i));
    assertEquals(second.state, whole.state);
  }
});

Deno.test("EarlyStop refuses a patience and a change that no loss can be compared with", () => {
  for (
    const options of [{ patience: NaN }, { patience: -1 }, { minChange: NaN }, { minChange: -1 }]
  ) {
    assertThrows(
      () => new EarlyStop({ patience: 2, minChange: 0, ...options }),
      RangeError,
      "Cannot watch the loss: expected patience as an integer from 0",
    );
  }
});
