import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError } from "lib/core/mod.ts";
import { formatClusterSpec, joinFromEnvironment, parseClusterSpec } from "lib/distributed/mod.ts";

const text = (cluster: unknown, task: unknown) => JSON.stringify({ cluster, task });
const WORKERS = ["a:1000", "b:1000", "10.0.0.3:65535"];

Deno.test("parseClusterSpec() reads the workers, and puts a chief before them", () => {
  const worker = WORKERS, index = 1;
  assertEquals(parseClusterSpec(text({ worker }, { type: "worker", index })), {
    addresses: WORKERS,
    rank: 1,
  });
  const cluster = { chief: ["c:1"], worker };
  assertEquals(parseClusterSpec(text(cluster, { type: "worker", index }))?.rank, 2);
  assertEquals(parseClusterSpec(text(cluster, { type: "chief", index: 0 })), {
    addresses: ["c:1", ...WORKERS],
    rank: 0,
  });
  // Kubernetes' fields come as text.
  assertEquals(parseClusterSpec(text(cluster, { type: "worker", index: "0" }))?.rank, 1);
});

Deno.test("parseClusterSpec() gives null where a process works alone", () => {
  assertEquals(parseClusterSpec(undefined), null);
  assertEquals(parseClusterSpec(" "), null);
  assertEquals(parseClusterSpec("{}"), null);
  assertEquals(parseClusterSpec(text({ chief: ["a:1"] }, { type: "chief", index: 0 })), null);
});

Deno.test("formatClusterSpec() writes what parseClusterSpec() reads", () => {
  for (const rank of [0, 1, 2]) {
    const spec = { addresses: WORKERS, rank };
    assertEquals(parseClusterSpec(formatClusterSpec(spec)), spec);
  }
});

Deno.test("parseClusterSpec() refuses what describes no rank, and says what is expected", () => {
  const worker = WORKERS, task = { type: "worker", index: 0 };
  const cases: [string, string][] = [
    ["{", 'expected {"cluster": {"worker": ["host0:port"'],
    ["3", 'expected {"cluster": {"worker": ["host0:port"'],
    [text({ worker }, { type: "ps", index: 0 }), 'a task of type "worker" or "chief"'],
    [text({ worker }, undefined), 'a task of type "worker" or "chief"'],
    [
      text({ worker }, { ...task, index: 3 }),
      'expected a task index from 0 to 2 of "worker", got "3"',
    ],
    [text({ worker }, { ...task, index: -1 }), "expected a task index from 0 to 2"],
    [text({ worker: "a:1" }, task), 'expected a list of addresses of "worker"'],
    [text({ worker: ["a"] }, task), 'expected addresses of the form host:port, got "a"'],
    [text({ worker: ["a:0", "b:1"] }, task), "addresses of the form host:port"],
    [text({ worker: ["a:1", "a:1"] }, task), "a different address for each rank"],
  ];
  for (const [value, message] of cases) {
    assertThrows(() => parseClusterSpec(value), ConfigError, "Cannot use TF_CONFIG: ");
    assertThrows(() => parseClusterSpec(value), ConfigError, message);
  }
});

Deno.test("joinFromEnvironment() refuses another number of ranks than TF_CONFIG has", async () => {
  const task = { type: "worker", index: 0 };
  Deno.env.set("TF_CONFIG", text({ worker: WORKERS }, task));
  try {
    await joinFromEnvironment({ ranks: 2 });
    throw new Error("not refused");
  } catch (error) {
    assertEquals(
      error instanceof ConfigError && error.message,
      "Cannot train on 2 ranks: expected the 3 of TF_CONFIG; " +
        "leave --ranks out, or unset TF_CONFIG to start all ranks here",
    );
  } finally {
    Deno.env.delete("TF_CONFIG");
  }
});
