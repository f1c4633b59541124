import { fileURLToPath } from "node:url";
import { assertEquals } from "@std/assert";
import { terminal } from "lib/log/mod.ts";

/** A stream that takes three bytes at a time. */
function stream(isTerminal: boolean) {
  const bytes: number[] = [];
  const writeSync = (chunk: Uint8Array) =>
    bytes.push(...chunk.subarray(0, 3)) && Math.min(3, chunk.length);
  return {
    isTerminal: () => isTerminal,
    writeSync,
    text: () => new TextDecoder().decode(Uint8Array.from(bytes)),
  };
}

Deno.test("terminal() writes all of a text, however little the stream takes at a time", () => {
  const target = stream(false);
  terminal(target).write("step 1/846 \u00e9\u{1f600}\n");
  assertEquals(target.text(), "step 1/846 \u00e9\u{1f600}\n");
});

Deno.test("terminal() gives 80 columns and no colours to what is no terminal", () => {
  const { isTerminal, columns, color } = terminal(stream(false));
  assertEquals([isTerminal, typeof columns === "function" ? columns() : columns], [false, 80]);
  assertEquals(color, false);
});

Deno.test("terminal() heeds NO_COLOR, and a terminal that is said to be dumb", () => {
  const script = `import { terminal } from "lib/log/mod.ts";
    console.log(terminal({ isTerminal: () => true, writeSync: () => 0 }).color);`;
  const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
  const colorWith = (env: Record<string, string>) => {
    const { stdout } = new Deno.Command(Deno.execPath(), {
      args: ["eval", "--config", config, script],
      env: { FORCE_COLOR: "", TERM: "xterm", ...env },
    }).outputSync();
    return new TextDecoder().decode(stdout).trim();
  };
  const colors = [{ NO_COLOR: "" }, { NO_COLOR: "1" }, { NO_COLOR: "", TERM: "dumb" }].map(
    colorWith,
  );
  assertEquals(colors, ["true", "false", "false"]);
});
