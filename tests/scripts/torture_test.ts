import { fileURLToPath } from "node:url";
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";

const SCRIPT = fileURLToPath(new URL("../../scripts/torture.ts", import.meta.url));

/** Runs the task with these words. */
function torture(...args: readonly string[]) {
  const { code, stdout, stderr } = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", SCRIPT, ...args],
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    env: { NO_COLOR: "1" },
  }).outputSync();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

Deno.test("task torture runs a part with the count asked for, and shows what held", () => {
  const { code, out } = torture("lines", "--lines", "40");
  assertEquals(code, 0, out);
  assertStringIncludes(out, "takes or clearly refuses 40 random lines and files");
  assertMatch(out, /^part +repeated +tests +seconds +result$/m);
  assertMatch(out, /^lines +40 +1 +\d+ +held$/m);
});

Deno.test("task torture names its parts, and ends with 2 where it knows none", () => {
  const help = torture("--help");
  assertEquals([help.code, help.err], [0, ""]);
  assertMatch(help.out, /^ +kills +300 +tests\/checkpoint\/kill_test\.ts$/m);
  for (
    const [args, text] of [
      [["kill"], "expected any of kills, disk, files, sequences, steps, lines, got kill"],
      [["kills", "--kills", "many"], "expected --kills with a count from 1, got many"],
      [["--kilns", "3"], "--kilns"],
    ] as const
  ) {
    const { code, err } = torture(...args);
    assertEquals(code, 2);
    assertStringIncludes(err, text);
  }
});
