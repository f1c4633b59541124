/**
 * The other end of `bench/side.ts`: does units of work when told to, and says how long each took.
 *
 * @module
 */
import process from "node:process";
import { createInterface } from "node:readline";
import type { BackendInfo } from "lib/backend/mod.ts";

/** One unit of work; it gives its loss, where it has one. */
export type Unit = () => number | void | Promise<number | void>;

/** The program's settings: its one argument, which the bench wrote. */
export function readSpec<Spec>(): Spec {
  return JSON.parse(Deno.args[0] ?? "{}") as Spec;
}

/** Names a backend as the table does. */
export function describeBackend({ name, version, threads }: BackendInfo): string {
  return `TensorFlow${name === "tensorflow" ? "" : `.js ${name}`} ${version}, Deno ` +
    `${Deno.version.deno}, ${threads} threads`;
}

/** Answers until the standard input ends. */
export async function serve(versions: string, unit: Unit): Promise<void> {
  write({ versions });
  for await (const line of createInterface({ input: process.stdin })) {
    const ms: number[] = [];
    let loss: number | void = undefined;
    for (let i = 0; i < Number(line); i++) {
      const start = performance.now();
      loss = await unit();
      ms.push(performance.now() - start);
    }
    write({ ms, loss });
  }
}

function write(message: unknown): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(message)}\n`));
}
