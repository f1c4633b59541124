import { type CellEnd, drainOutput, type Writers } from "lib/notebook/_output_drain.ts";
import { assertEquals } from "@std/assert";

const NAMES = ["warn", "error", "log", "info", "debug", "table", "dir", "count", "trace"] as const;

/** A kernel and its console; `events` tells what happened, in order. */
function fakeKernel() {
  const events: string[] = [];
  const console: Writers = Object.fromEntries(
    NAMES.map((name) => [name, (text: string) => events.push(`${name} ${text}`)]),
  );
  const kernel: CellEnd = {
    broadcastResult: (_, result) => Promise.resolve(void events.push(`result ${result}`)),
  };
  const jupyter = { display: () => Promise.resolve(void events.push("display")) };
  const wait = (ms: number) => Promise.resolve(void events.push(`wait ${ms}`));
  const makeConsole = (print: (text: string) => void): Writers => ({
    ...Object.fromEntries(NAMES.map((name) => [name, (text: string) => print(`${text}\n`)])),
    trace: (text: string) => {
      print(`Trace: ${text}`);
      print("\n");
    },
  });
  const onCellEnd = () => events.push("end");
  return { events, console, kernel, jupyter, wait, makeConsole, onCellEnd };
}

/** Writes as a cell does. */
function write(console: Writers, name: typeof NAMES[number], text: string): void {
  console[name]?.(text as never);
}

Deno.test("drainOutput() holds the end of a cell back, the longer the more it puts out", async () => {
  const fake = fakeKernel();
  drainOutput(fake);
  await fake.kernel.broadcastResult(1, "a");
  write(fake.console, "log", "x");
  write(fake.console, "count", "y");
  await fake.jupyter.display();
  await fake.kernel.broadcastResult(2, "b");
  await fake.kernel.broadcastResult(3, "c");
  assertEquals(fake.events, [
    ...["result a", "wait 10", "end"],
    ...["log x", "log y", "display", "result b", "wait 16", "end"],
    ...["result c", "wait 10", "end"],
  ]);
});

Deno.test("drainOutput() waits for 20,000 lines at most, and says so at the last of them", async () => {
  const fake = fakeKernel(), texts: string[] = [];
  fake.console.log = (text: string) => texts.push(text);
  drainOutput(fake);
  for (let i = 0; i < 19_999; i++) write(fake.console, "log", "x");
  assertEquals(new Set(texts), new Set(["x"]));
  for (let i = 0; i < 10_001; i++) write(fake.console, "log", "y");
  await fake.kernel.broadcastResult(1, "a");
  assertEquals(fake.events.at(-2), "wait 11510");
  assertEquals(texts.filter((text) => text.length > 1), [
    "Cannot show all that this cell writes: expected at most 20000 lines, got more; " +
    "what follows may be lost. Write it into a file instead",
  ]);
  assertEquals(texts.findIndex((text) => text.length > 1), 19_999);
  await fake.kernel.broadcastResult(2, "b"); // the next cell starts from none
  assertEquals(fake.events.at(-2), "wait 10");
});

Deno.test("drainOutput() turns warnings and errors into ordinary text, counted once", async () => {
  const fake = fakeKernel();
  drainOutput(fake);
  write(fake.console, "warn", "w");
  write(fake.console, "error", "e");
  write(fake.console, "trace", "t");
  await fake.kernel.broadcastResult(1, undefined);
  assertEquals(fake.events, [
    "log w",
    "log e",
    "log Trace: t",
    "result undefined",
    "wait 16",
    "end",
  ]);
});

Deno.test("drainOutput() counts what a kernel's console writes that offers no other", async () => {
  const { makeConsole: _, ...fake } = fakeKernel();
  drainOutput({ ...fake, makeConsole: undefined });
  write(fake.console, "warn", "w");
  write(fake.console, "info", "i");
  await fake.kernel.broadcastResult(1, "a");
  assertEquals(fake.events, ["log w", "info i", "result a", "wait 14", "end"]);
});

Deno.test("drainOutput() changes the console alone in a kernel without the inner function", () => {
  const { console, events } = fakeKernel();
  drainOutput({ console, kernel: undefined, makeConsole: undefined });
  write(console, "warn", "w");
  assertEquals(events, ["log w"]);
});
