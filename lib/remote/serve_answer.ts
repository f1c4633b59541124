import { type AnyFunction, CheckError, refuseMathRandom } from "lib/grade/mod.ts";
import { fileChannel } from "./file_channel.ts";
import { Peer } from "./peer.ts";

/** The two named pipes between an answer and its check. */
export interface Pipes {
  /** The check writes its calls here. */
  readonly calls: string;
  /** The answer's side writes what they give here. */
  readonly results: string;
}

/**
 * Lets a check in another process ask an answer: prints what the check says, or throws it.
 *
 * @param answer The student's function.
 * @param pipes Where the check is.
 * @throws {CheckError} If the check refuses the answer.
 */
export async function serveAnswer(answer: unknown, { calls, results }: Pipes): Promise<void> {
  // In this order on both sides: each waits here for the other one.
  using reader = Deno.openSync(calls, { read: true });
  using writer = Deno.openSync(results, { write: true });
  const isFunction = typeof answer === "function";
  const own: AnyFunction[] = [
    isFunction ? answer as AnyFunction : () => undefined, // any function can be called
    () => isFunction ? { isFunction } : { isFunction, answer },
  ];
  const { random } = Math;
  Math.random = refuseMathRandom;
  const { isRight, text } = await new Peer(fileChannel({ reader, writer }), own).serve()
    .finally(() => Math.random = random);
  if (!isRight) throw new CheckError(text);
  // A check cell has one result: this line.
  // deno-lint-ignore house/no-console
  console.log(text);
}
