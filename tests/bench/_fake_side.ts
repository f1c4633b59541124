/**
 * A side whose units take as long as its settings say: each takes `ms`, and its loss counts down.
 * With `fails`, it ends after so many units with words on its standard error.
 */
import process from "node:process";
import { createInterface } from "node:readline";

const { ms, fails = Infinity } = JSON.parse(Deno.args[0] ?? "{}") as { ms: number; fails?: number };

function write(message: unknown): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(message)}\n`));
}

function fail(): never {
  Deno.stderr.writeSync(new TextEncoder().encode("Traceback\nOutOfMemory: no place is left\n"));
  Deno.exit(1);
}

let done = 0;
if (fails === 0) fail();
write({ versions: "Fake 1.0" });
for await (const line of createInterface({ input: process.stdin })) {
  const units = Number(line);
  if (done + units > fails) fail();
  done += units;
  write({ ms: Array.from({ length: units }, () => ms), loss: 100 - done });
}
