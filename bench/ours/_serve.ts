/**
 * The other end of `bench/side.ts`: does units of work when told to, and says how long each took.
 *
 * @module
 */
import process from "node:process";
import { createInterface } from "node:readline";
import type { BackendInfo } from "lib/backend/mod.ts";

/** What a unit of work may tell besides its time. */
export interface Told {
  readonly loss: number;
  /** Milliseconds of it in the all-reduce. */
  readonly exchangeMs?: number;
}

/** One unit of work; it gives its loss, where it has one. */
export type Unit = () => number | void | Told | Promise<number | void | Told>;

/** The program's settings: its one argument, which the bench wrote. */
export function readSpec<Spec>(): Spec {
  return JSON.parse(Deno.args[0] ?? "{}") as Spec;
}

/** Names a backend as the table does. */
export function describeBackend({ name, version, threads }: BackendInfo): string {
  return `TensorFlow${name === "tensorflow" ? "" : `.js ${name}`} ${version}, Deno ` +
    `${Deno.version.deno}, ${threads} threads`;
}

/**
 * Answers until the standard input ends.
 *
 * @param versions What the figures come from.
 * @param unit Does the work.
 * @param agree Told how many units are next, before they are done; 0 at the end.
 */
export async function serve(
  versions: string,
  unit: Unit,
  agree: (units: number) => unknown = () => {},
): Promise<void> {
  write({ versions });
  for await (const line of createInterface({ input: process.stdin })) {
    await agree(Number(line));
    const ms: number[] = [], exchangeMs: number[] = [];
    let loss: number | undefined;
    for (let i = 0; i < Number(line); i++) {
      const start = performance.now(), told = await unit() ?? undefined;
      ms.push(performance.now() - start);
      loss = typeof told === "object" ? told.loss : told;
      if (typeof told === "object" && told.exchangeMs !== undefined) {
        exchangeMs.push(told.exchangeMs);
      }
    }
    write({ ms, loss, ...exchangeMs.length > 0 && { exchangeMs } });
  }
  await agree(0);
}

function write(message: unknown): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(message)}\n`));
}
