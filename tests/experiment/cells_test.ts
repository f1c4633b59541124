import { ConfigError } from "lib/core/mod.ts";
import { keyOf } from "lib/experiment/cells.ts";
import { planCells } from "lib/experiment/mod.ts";
import { runConfig } from "lib/train/mod.ts";
import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";

const AXES = [
  { setting: "train.lr", values: [1e-4, 1e-3, 1e-2] },
  { setting: "model.dropout", values: [0, 0.1] },
];

Deno.test("planCells() makes each combination with each seed, all with keys of their own", () => {
  const cells = planCells({ axes: AXES, seeds: [1, 2] });
  assertEquals(cells.length, 12);
  assertEquals(new Set(cells.map(({ key }) => key)).size, 12);
  assertEquals(cells[3]?.label, "lr 0.0001, dropout 0.1");
  assertEquals([cells[3]?.seed, cells[3]?.config.seed, cells[3]?.config.model.dropout], [
    2,
    2,
    0.1,
  ]);
});

Deno.test("planCells() keeps the base, and does not change it", () => {
  const base = { train: { epochs: 2 } };
  const [cell] = planCells({ base, axes: AXES, seeds: [1] });
  assertEquals([cell?.config.train.epochs, cell?.config.train.lr], [2, 1e-4]);
  assertEquals(base, { train: { epochs: 2 } });
});

Deno.test("planCells() draws combinations at random, the same ones each time", () => {
  const plan = { axes: AXES, seeds: [1, 2], draw: { count: 2, seed: 5 } };
  const labels = planCells(plan).map(({ label }) => label);
  assertEquals(labels.length, 4);
  assertEquals(new Set(labels).size, 2);
  assertEquals(planCells(plan).map(({ label }) => label), labels);
});

Deno.test("keyOf() depends on every setting, and on no order", () => {
  const config = runConfig(), key = keyOf(config);
  for (const [section, settings] of Object.entries(config)) {
    if (typeof settings !== "object") continue;
    for (const [name, value] of Object.entries(settings)) {
      const other = typeof value === "number" ? value + 1 : `${value}!`;
      const changed = { ...config, [section]: { ...settings, [name]: other } };
      assertNotEquals(keyOf(changed), key, `${section}.${name}`);
    }
  }
  const shuffled = runConfig({ train: { lr: 1e-3, clip: 2 } });
  assertEquals(keyOf(runConfig({ train: { clip: 2, lr: 1e-3 } })), keyOf(shuffled));
});

Deno.test("planCells() refuses what cannot be swept, with the setting's name", () => {
  const refuse = (plan: Parameters<typeof planCells>[0], told: string) =>
    assertThrows(() => planCells(plan), Error, told);
  refuse(
    { axes: [{ setting: "train.lr", values: [] }], seeds: [1] },
    "values of train.lr, got none",
  );
  refuse(
    { axes: [...AXES, ...AXES], seeds: [1] },
    "expected each setting once, got train.lr twice",
  );
  refuse({ axes: [], seeds: [] }, "expected at least one seed, each once, got []");
  refuse({ axes: [], seeds: [1, 1] }, "got [1,1]");
  refuse({ axes: [{ setting: "train.rate", values: [1] }], seeds: [1] }, "got rate");
  refuse({ axes: [{ setting: "train.lr", values: [-1] }], seeds: [1] }, "train.lr: expected");
});

Deno.test("planCells() refuses more runs than can be listed, before it lists them", () => {
  const values = Array.from({ length: 20_000 }, (_, i) => i + 1);
  const axes = [{ setting: "train.lr", values }, { setting: "train.beta1", values }];
  assertThrows(() => planCells({ axes, seeds: [1] }), ConfigError, "expected at most 100000 runs");
});
