import { type CellEnd, drainOutput, type Writers } from "lib/notebook/_output_drain.ts";
import { assertEquals } from "@std/assert";

const NAMES = ["warn", "error", "log", "info", "debug", "table", "dir"] as const;

/** A kernel and its console; `events` tells what happened, in order. */
function fakeKernel() {
  const events: string[] = [];
  const writer = (name: string) => [name, (text: string) => events.push(`${name} ${text}`)];
  const console = Object.fromEntries(NAMES.map(writer)) as Writers;
  const kernel: CellEnd = {
    broadcastResult: (_, result) => Promise.resolve(void events.push(`result ${result}`)),
  };
  const jupyter = { display: () => Promise.resolve(void events.push("display")) };
  const wait = (ms: number) => Promise.resolve(void events.push(`wait ${ms}`));
  return { events, console, kernel, jupyter, wait, onCellEnd: () => events.push("end") };
}

/** Writes as a cell does. */
function write(console: Writers, name: typeof NAMES[number], text: string): void {
  (console[name] as (text: string) => void)(text);
}

Deno.test("drainOutput() holds the end of a cell back, the longer the more it puts out", async () => {
  const fake = fakeKernel();
  drainOutput(fake);
  await fake.kernel.broadcastResult(1, "a");
  write(fake.console, "log", "x");
  write(fake.console, "info", "y");
  await fake.jupyter.display();
  await fake.kernel.broadcastResult(2, "b");
  await fake.kernel.broadcastResult(3, "c");
  assertEquals(fake.events, [
    ...["result a", "wait 10", "end"],
    ...["log x", "info y", "display", "result b", "wait 16", "end"],
    ...["result c", "wait 10", "end"],
  ]);
});

Deno.test("drainOutput() never waits longer than two seconds", async () => {
  const fake = fakeKernel();
  drainOutput(fake);
  for (let i = 0; i < 5000; i++) write(fake.console, "log", "x");
  await fake.kernel.broadcastResult(1, "a");
  assertEquals(fake.events.at(-2), "wait 2010");
});

Deno.test("drainOutput() turns warnings and errors into ordinary text, counted once", async () => {
  const fake = fakeKernel();
  drainOutput(fake);
  write(fake.console, "warn", "w");
  write(fake.console, "error", "e");
  await fake.kernel.broadcastResult(1, undefined);
  assertEquals(fake.events, ["log w", "log e", "result undefined", "wait 14", "end"]);
});

Deno.test("drainOutput() changes the console alone in a kernel without the inner function", () => {
  const { console, events } = fakeKernel();
  drainOutput({ console, kernel: undefined });
  write(console, "warn", "w");
  assertEquals(events, ["log w"]);
});
