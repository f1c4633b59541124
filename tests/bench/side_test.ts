import { fileURLToPath } from "node:url";
import { assertEquals, assertGreater, assertRejects, assertThrows } from "@std/assert";
import type { Bench, Contender } from "../../bench/bench.ts";
import { interleave, lossFact } from "../../bench/interleave.ts";
import { benchSettings } from "../../bench/settings.ts";
import { parseMemory, Side, SideError } from "../../bench/side.ts";

const PROGRAM = fileURLToPath(new URL("./_fake_side.ts", import.meta.url));

function fake(name: string, spec: { ms: number; fails?: number }): Contender {
  return { name, command: [Deno.execPath(), "run", "-A", PROGRAM, JSON.stringify(spec)] };
}

function benchOf(said: string[] = []): Bench {
  return {
    settings: benchSettings({}, []),
    turnMs: 30,
    peerEnv: {},
    versions: new Set(),
    say: (line) => said.push(line),
  };
}

Deno.test("Side does as many units as it is told to", async () => {
  await using side = await Side.start(fake("one", { ms: 4 }));
  assertEquals(side.versions, "Fake 1.0");
  assertEquals(await side.take(2), { ms: [4, 4], loss: 98 });
  assertEquals(await side.take(1), { ms: [4], loss: 97 });
});

Deno.test("Side gives the last words of a process that ends", async () => {
  await using side = await Side.start(fake("two", { ms: 1, fails: 1 }));
  await side.take(1);
  await assertRejects(
    () => side.take(1),
    SideError,
    'Cannot time "two": expected an answer, got OutOfMemory: no place is left',
  );
  await assertRejects(() => Side.start(fake("three", { ms: 1, fails: 0 })), SideError, "three");
});

Deno.test("Side refuses a program that is not there", async () => {
  const nothing = { name: "nothing", command: ["./no-such-program"] };
  await assertRejects(() => Side.start(nothing), SideError, 'Cannot time "nothing"');
});

Deno.test({
  name: "Side reads the memory of its process",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using side = await Side.start(fake("one", { ms: 4 }));
    const { resident, own, peak } = side.memory();
    assertGreater(own, 10); // no Deno process is smaller
    assertGreater(resident, own);
    assertGreater(peak, 0.99 * resident);
  },
});

Deno.test("parseMemory() takes kilobytes of 1,024 and gives megabytes of 1,000,000", () => {
  assertEquals(parseMemory("VmHWM:\t 2000 kB\nVmRSS:\t    1000 kB\nRssAnon:\t    500 kB\n"), {
    resident: 1.024,
    own: 0.512,
    peak: 2.048,
  });
  assertThrows(
    () => parseMemory("VmRSS: 5 pages"),
    SyntaxError,
    'Cannot read memory: expected VmRSS in kB, got "VmRSS: 5 pages"',
  );
});

Deno.test("interleave() gives each side turns of equal length, and rows in order", async () => {
  const bench = benchOf();
  const contenders = [fake("slow", { ms: 10 }), { ...fake("fast", { ms: 5 }), isBaseline: true }];
  const rows = await interleave(bench, contenders, { group: "g", rounds: 2, facts: lossFact });
  assertEquals(rows, [
    {
      group: "g",
      name: "slow",
      isBaseline: false,
      samples: new Array<number>(2 * 3).fill(10),
      facts: { "first losses": "99.000 -> 96.000" }, // of the first and the fourth unit
    },
    {
      group: "g",
      name: "fast",
      isBaseline: true,
      samples: new Array<number>(2 * 6).fill(5),
      facts: { "first losses": "99.000 -> 96.000" },
    },
  ]);
  assertEquals([...bench.versions], ["Fake 1.0"]);
});

Deno.test("interleave() makes a row with the reason of a side that fails, and goes on", async () => {
  const contenders: Contender[] = [
    fake("dies at once", { ms: 10, fails: 0 }),
    fake("dies later", { ms: 10, fails: 8 }),
    { ...fake("cannot", { ms: 10 }), unavailable: "no compiler" },
    fake("lives", { ms: 30 }),
  ];
  const rows = await interleave(benchOf(), contenders, { group: "g", rounds: 3 });
  const death = "expected an answer, got OutOfMemory: no place is left";
  assertEquals(rows.map(({ samples, note }) => [samples.length, note]), [
    [0, `Cannot time "dies at once": ${death}`],
    [0, `Cannot time "dies later": ${death}`],
    [0, "no compiler"],
    [3, undefined],
  ]);
});

Deno.test("interleave() does a unit of many seconds once", async () => {
  const contenders = [fake("endless", { ms: 60_000 })];
  const [row] = await interleave(benchOf(), contenders, { group: "g", rounds: 3, facts: lossFact });
  assertEquals([row?.samples, row?.note], [[60_000], "too slow for turns: once"]);
  assertEquals(row?.facts, { "first losses": "99.000 -> 98.000" });
});
