import { fileURLToPath } from "node:url";
import { ConfigError } from "lib/core/mod.ts";
import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { BENCH_HELP, benchSettings, MODES, PARTS } from "../../bench/settings.ts";

Deno.test("benchSettings() measures all by default", () => {
  assertEquals(benchSettings({}, []), {
    parts: PARTS,
    modes: MODES,
    rounds: 5,
    isQuick: false,
    epochs: null,
    json: null,
  });
});

Deno.test("benchSettings() takes parts in their own order, and what flags say", () => {
  const flags = { rounds: "12", modes: "xla,off", epochs: "3", json: "a.json" };
  assertEquals(benchSettings(flags, ["peak", "step", "peak"]), {
    parts: ["step", "peak"],
    modes: ["xla", "off"],
    rounds: 12,
    isQuick: false,
    epochs: 3,
    json: "a.json",
  });
  const quick = benchSettings({ quick: true }, []);
  assertEquals([quick.rounds, quick.epochs, quick.isQuick], [2, 1, true]);
  assertEquals(benchSettings({ quick: true, rounds: "7" }, []).rounds, 7);
});

Deno.test("benchSettings() says what is allowed in place of what it does not know", () => {
  assertThrows(
    () => benchSettings({}, ["stpe"]),
    ConfigError,
    'Cannot bench the part "stpe": expected one of step, evaluation, generation, run, memory,',
  );
  assertThrows(
    () => benchSettings({ modes: "xla,eager" }, []),
    ConfigError,
    'Cannot bench the mode "eager": expected one of off, graph, xla, graph-bfloat16, xla-bfloat16',
  );
  for (const rounds of ["0", "-1", "1.5", "many", ""]) {
    assertThrows(
      () => benchSettings({ rounds }, []),
      ConfigError,
      `Cannot use --rounds: expected a whole number from 1 on, got "${rounds}"`,
    );
  }
  assertThrows(() => benchSettings({ epochs: "0" }, []), ConfigError, "Cannot use --epochs");
});

Deno.test("BENCH_HELP names every part and every mode", () => {
  for (const part of PARTS) assertStringIncludes(BENCH_HELP, `\n  ${part} `);
  assertStringIncludes(BENCH_HELP, MODES.join(","));
});

Deno.test("task bench ends with the code 2 where it does not understand", () => {
  const script = fileURLToPath(new URL("../../scripts/bench.ts", import.meta.url));
  const ended = ["--round=3", "stpe", "--rounds=0"].map((arg) => {
    const { code, stderr } = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", script, arg],
    }).outputSync();
    return [code, new TextDecoder().decode(stderr).trim().split(":")[0]];
  });
  assertEquals(ended, [
    [2, "Cannot read the command line"],
    [2, 'Cannot bench the part "stpe"'],
    [2, "Cannot use --rounds"],
  ]);
});
