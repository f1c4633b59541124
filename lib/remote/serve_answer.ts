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
  /** The answer's side writes the results of the calls here. */
  readonly results: string;
}

/** Loads an exercise by its name. */
export type ExerciseLoader = (name: string) => Promise<Exercise>;

/**
 * Lets a check in another process ask an answer, and prints the result of the check.
 *
 * @param answer The student's function.
 * @param pipes The pipes to the check.
 * @param load Loads an exercise whose questions are asked in this process.
 * @throws {CheckError} If the check refuses the answer.
 */
export async function serveAnswer(
  answer: unknown,
  { calls, results }: Pipes,
  load: ExerciseLoader,
): Promise<void> {
  // Both sides open the pipes in this order: opening a pipe waits until the other side opens it too.
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
  // This line is the only output of a check cell.
  // deno-lint-ignore house/no-console
  console.log(text);
}

/** Makes a function that asks an answer one question of an exercise, by index. */
function asker(answer: unknown, load: ExerciseLoader): AnyFunction {
  return async (name: string, place: number) => {
    const question = questionsOf(await load(name))[place];
    if (question === undefined) throw new RangeError(`Cannot ask: expected a question ${place}`);
    return await question.ask(answer as AnyFunction); // any function can be called and watched
  };
}
