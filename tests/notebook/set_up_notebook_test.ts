import * as tf from "@tensorflow/tfjs";
import { setUpNotebook } from "lib/notebook/mod.ts";
import { assert, assertEquals, assertMatch } from "@std/assert";

/** What `act` prints. */
async function printed(act: () => Promise<void>): Promise<string[]> {
  const lines: string[] = [], { log } = console;
  console.log = (line: string) => lines.push(line);
  try {
    await act();
  } finally {
    console.log = log;
  }
  return lines;
}

Deno.test("setUpNotebook() outside a kernel opens a backend, tells it, and changes nothing else", async () => {
  const { log, warn } = console, { exit } = Deno, folder = Deno.cwd();
  const lines = await printed(() => setUpNotebook({ backend: "tensorflow" }));
  assertMatch(lines.join("\n"), /^Computing with tensorflow \d+\.\d+\.\d+ on (the CPU|a GPU)$/);
  assertEquals(tf.getBackend(), "tensorflow");
  assert(console.log === log && console.warn === warn && Deno.exit === exit);
  assertEquals(Deno.cwd(), folder);
});

Deno.test("setUpNotebook() opens no backend where none is wanted", async () => {
  assertEquals(await printed(() => setUpNotebook({ backend: null })), []);
});
