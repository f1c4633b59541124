import { assert, assertEquals, assertLess } from "@std/assert";
import { onSignal, systemOf } from "lib/core/mod.ts";
import { nextTurn } from "lib/train/mod.ts";

/** A step's time in these tests; in 0.2 s there are 4. */
const STEP_MS = 50;

/** Turns that may go by, with room for a busy machine; without timers they were 60. */
const MOST_TURNS = 20;

/** Works in steps, a turn after each, until something is through; gives how many. */
async function stepsUntil(isThrough: () => boolean): Promise<number> {
  for (let steps = 1;; steps++) {
    const end = performance.now() + STEP_MS;
    while (performance.now() < end);
    await nextTurn();
    if (isThrough() || steps > 100) return steps;
  }
}

Deno.test({
  name: "nextTurn() lets a signal through within a fifth of a second",
  ignore: !systemOf().sendsSignals, // on Windows nobody can send one
  fn: async () => {
    for (let tries = 0; tries < 3; tries++) {
      let isThrough = false;
      using _listener = onSignal("SIGUSR1", () => isThrough = true);
      await stepsUntil(() => true);
      Deno.kill(Deno.pid, "SIGUSR1");
      assertLess(await stepsUntil(() => isThrough), MOST_TURNS);
    }
  },
});

Deno.test("nextTurn() lets what sockets receive through", async () => {
  using server = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = server.addr;
  let answer = "";
  const serve = async () => {
    using connection = await server.accept();
    await connection.read(new Uint8Array(1));
    await connection.write(new TextEncoder().encode("a"));
  };
  const ask = async () => {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port });
    await connection.write(new TextEncoder().encode("q"));
    const bytes = new Uint8Array(1);
    await connection.read(bytes);
    answer = new TextDecoder().decode(bytes);
  };
  const both = Promise.all([serve(), ask()]);
  // Connection, acceptance, question, answer: 4 times the socket is looked at.
  assertLess(await stepsUntil(() => answer !== ""), 4 * MOST_TURNS);
  await both;
  assertEquals(answer, "a");
});

Deno.test("nextTurn() takes a timer's turn by the clock, not each time", async () => {
  await nextTurn();
  const start = performance.now();
  let turns = 0;
  for (; performance.now() - start < 150; turns++) await nextTurn();
  // Timers of 2 ms each time would let at most 75 through.
  assert(turns > 200, `${turns} turns`);
});
