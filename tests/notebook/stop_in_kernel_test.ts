import { fileURLToPath } from "node:url";
import { assertEquals, assertLess, assertMatch } from "@std/assert";
import { python } from "../support/python.ts";

/** Half a second and a step is what it takes; without timers it was 1 to 5 s on an idle machine. */
const MOST_SECONDS = 5;

Deno.test("Stop in a real kernel ends trainInNotebook() soon, each time", () => {
  const script = new URL("stop_in_kernel.py", import.meta.url);
  const root = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
  const stops: [number, string][] = JSON.parse(python(script, [root, "3"]));
  assertEquals(stops.length, 3);
  for (const [seconds, text] of stops) {
    assertLess(seconds, MOST_SECONDS);
    assertMatch(text, /^Stopped at step \d+ of 846, kept in memory/m);
  }
});
