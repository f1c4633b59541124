import * as tf from "@tensorflow/tfjs";
import { type Observation, type RemoteAnswer, tensorsIn, withTensors } from "lib/grade/mod.ts";
import type { Peer } from "./peer.ts";

/** What is known about an answer that runs in another process. */
export interface RemoteAnswerOptions {
  /** The function's name. */
  readonly name: string;
  /** Whether the exercise asks for an async function. */
  readonly isAsync: boolean;
}

/** The number by which the other process knows the answer. */
const ANSWER = 0;

/** The number of its function that asks the answer a question of an exercise. */
const OBSERVE = 2;

/**
 * Makes an answer that runs in another process usable by the check engine: gradients flow through it, and
 * it can be called in its compiled form.
 *
 * @param peer This side of the connection.
 * @param options What is known about the answer.
 */
export function remoteAnswer(
  peer: Peer,
  { name, isAsync }: RemoteAnswerOptions,
): RemoteAnswer {
  const call = isAsync
    ? async (...args: unknown[]) => await peer.callAsync(ANSWER, "call", args)
    : (...args: unknown[]) => {
      const isTaped = tf.engine().state.gradientDepth > 0 && tensorsIn(args).length > 0;
      return isTaped ? callTaped(peer, args) : peer.call(ANSWER, "call", args);
    };
  Object.defineProperty(call, "name", { value: name });
  const compiled = (args: readonly unknown[], title: string) =>
    peer.call(ANSWER, "compiled", [title, ...args]);
  const observe = async (exercise: string, question: number) =>
    await peer.callAsync(OBSERVE, "call", [exercise, question]) as Observation; // compared with the reference
  return Object.assign(call, { compiled, observe });
}

/** Calls an answer so that gradients flow back through the other process. */
function callTaped(peer: Peer, args: unknown[]): unknown {
  const result = peer.call(ANSWER, "call", args);
  const inputs = tensorsIn(args).filter(({ dtype }) => dtype === "float32");
  const outputs = tensorsIn(result).map((output, place) => {
    if (output.dtype !== "float32") return output;
    const ask = (dy: tf.Tensor | null) =>
      peer.call(ANSWER, "gradients", [place, dy, ...args]) as (tf.Tensor | null)[];
    const reached = ask(null).map((gradient) => gradient !== null);
    const connected = inputs.filter((_, i) => reached[i]);
    if (connected.length === 0) return output;
    const op = tf.customGrad(() => ({
      value: output.clone(),
      gradFunc: (dy: tf.Tensor) => ask(dy).flatMap((gradient) => gradient ?? []),
    }));
    return op(...connected);
  });
  return withTensors(result, outputs);
}
