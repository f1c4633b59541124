import {
  type AnyFunction,
  CheckError,
  type Exercise,
  questionsOf,
  refuseMathRandom,
} from "lib/grade/mod.ts";
import { fileChannel } from "./file_channel.ts";
import { Peer } from "./peer.ts";

/** The two named pipes between an answer and its check. */
export interface Pipes {
  /** The check writes its calls here. */
  readonly calls: string;
  /** The answer's side writes what they give here. */
  readonly results: string;
}

/** Loads an exercise by its name. */
export type ExerciseLoader = (name: string) => Promise<Exercise>;

/**
 * Lets a check in another process ask an answer: prints what the check says, or throws it.
 *
 * @param answer The student's function.
 * @param pipes Where the check is.
 * @param load Loads an exercise that asks where the answer is.
 * @throws {CheckError} If the check refuses the answer.
 */
export async function serveAnswer(
  answer: unknown,
  { calls, results }: Pipes,
  load: ExerciseLoader,
): Promise<void> {
  // In this order on both sides: each waits here for the other one.
  using reader = Deno.openSync(calls, { read: true });
  using writer = Deno.openSync(results, { write: true });
  const isFunction = typeof answer === "function";
  const own: AnyFunction[] = [
    isFunction ? answer as AnyFunction : () => undefined, // any function can be called
    () => isFunction ? { isFunction } : { isFunction, answer },
    asker(answer, load),
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

/** Asks an answer the questions of an exercise, by their places. */
function asker(answer: unknown, load: ExerciseLoader): AnyFunction {
  return async (name: string, place: number) => {
    const question = questionsOf(await load(name))[place];
    if (question === undefined) throw new RangeError(`Cannot ask: expected a question ${place}`);
    return await question.ask(answer as AnyFunction); // any function can be called and watched
  };
}
