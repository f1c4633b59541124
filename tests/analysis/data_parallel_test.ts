import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  allReduceSeconds,
  batchThatPays,
  fitNetwork,
  fitStepCost,
  parallelSteps,
} from "lib/analysis/mod.ts";

const NETWORK = { latency: 3e-4, bytesPerSecond: 1.2e9 };
const PLAN = { cost: { fixed: 0.004, perSentence: 0.0009 }, network: NETWORK, bytes: 9.6e6 };

Deno.test("allReduceSeconds() is nothing for one rank, and nears twice the bytes for many", () => {
  assertEquals(allReduceSeconds(NETWORK, 1e6, 1), 0);
  const free = { ...NETWORK, latency: 0 };
  assertAlmostEquals(allReduceSeconds(free, 1.2e9, 2), 1);
  assertAlmostEquals(allReduceSeconds(free, 1.2e9, 1000), 2, 0.01);
  assertAlmostEquals(allReduceSeconds(NETWORK, 1, 5), 8 * 3e-4, 1e-8); // 2 (n − 1) messages
});

Deno.test("fitNetwork() gives back the network that made the times, for any number of ranks", () => {
  for (const ranks of [2, 3, 8]) {
    const times = [4e3, 4e5, 9.6e6, 1e8]
      .map((bytes) => ({ bytes, seconds: allReduceSeconds(NETWORK, bytes, ranks) }));
    const { latency, bytesPerSecond } = fitNetwork(times, ranks);
    assertAlmostEquals(latency / NETWORK.latency, 1, 1e-9);
    assertAlmostEquals(bytesPerSecond / NETWORK.bytesPerSecond, 1, 1e-9);
  }
});

Deno.test("fitNetwork() weighs errors by size: one of 10 % of the largest leaves the latency", () => {
  const times = [4e3, 4e5, 9.6e6, 1e8]
    .map((bytes) => ({ bytes, seconds: allReduceSeconds(NETWORK, bytes, 2) }));
  const off = times.map((time, i) => i === 3 ? { ...time, seconds: 1.1 * time.seconds } : time);
  assertAlmostEquals(fitNetwork(off).latency / NETWORK.latency, 1, 0.02);
});

Deno.test("fitStepCost() gives back the cost, and no time below 0 for an empty batch", () => {
  const { fixed, perSentence } = PLAN.cost;
  const times = [8, 16, 64].map((sentences) => ({
    sentences,
    seconds: fixed + perSentence * sentences,
  }));
  assertAlmostEquals(fitStepCost(times).fixed, fixed, 1e-12);
  assertAlmostEquals(fitStepCost(times).perSentence, perSentence, 1e-12);
  const steep = [{ sentences: 1, seconds: 0.001 }, { sentences: 2, seconds: 0.003 }];
  assertEquals(fitStepCost(steep).fixed, 0);
});

Deno.test("parallelSteps() of one rank is the step alone; more ranks never reach their number", () => {
  const rows = parallelSteps(PLAN, 256, [1, 2, 4, 8, 64]), [one] = rows;
  assertAlmostEquals(one?.seconds ?? NaN, 0.004 + 0.0009 * 256);
  assertEquals([one?.speedup, one?.efficiency, one?.exchangeShare], [1, 1, 0]);
  for (const { ranks, speedup, efficiency } of rows.slice(1)) {
    assert(speedup < ranks);
    assertAlmostEquals(efficiency, speedup / ranks);
  }
  const shares = rows.map(({ exchangeShare }) => exchangeShare);
  assertEquals(shares, shares.toSorted((a, b) => a - b)); // it grows with the ranks
});

Deno.test("batchThatPays() is the first batch that reaches the efficiency", () => {
  for (const ranks of [2, 4, 16]) {
    for (const efficiency of [undefined, 0.5, 0.9]) {
      const wanted = efficiency ?? 1 / ranks;
      if (wanted < 1 / ranks) continue;
      const batch = batchThatPays(PLAN, ranks, efficiency);
      const at = (sentences: number) =>
        parallelSteps(PLAN, sentences, [ranks])[0]?.efficiency ?? NaN;
      assert(at(batch) >= wanted - 1e-9, `${at(batch)} for ${wanted}`);
      if (batch > ranks) assert(at(batch - 1) < wanted);
    }
  }
  const fast = { ...PLAN, network: { latency: 0, bytesPerSecond: 1e15 } };
  assertEquals(batchThatPays(fast, 4), 4); // one sentence a rank at least
});

Deno.test("what cannot be worked out is refused", () => {
  const cases: [() => unknown, string][] = [
    [() => allReduceSeconds(NETWORK, 0, 2), "expected positive bytes, got 0"],
    [() => allReduceSeconds(NETWORK, 1, 0), "expected a number of ranks from 1, got 0"],
    [
      () => allReduceSeconds({ ...NETWORK, latency: NaN }, 1, 2),
      "expected a latency from 0, got NaN",
    ],
    [() => fitNetwork([{ bytes: 1, seconds: 1 }]), "expected times of at least two sizes, got 1"],
    [
      () => fitNetwork([{ bytes: 1, seconds: 2 }, { bytes: 2, seconds: 1 }]),
      "expected times that grow with the sizes, got a slope of ",
    ],
    [() => parallelSteps(PLAN, -1, [2]), "expected positive batch, got -1"],
    [() => batchThatPays(PLAN, 2, 1), "expected an efficiency above 0 and below 1, got 1"],
    [() => batchThatPays(PLAN, 1), "expected a number of ranks from 2, got 1"],
  ];
  for (const [act, message] of cases) {
    assertThrows(act, RangeError, `Cannot work out data-parallel steps: ${message}`);
  }
});
