import * as tf from "@tensorflow/tfjs";
import { type AnyFunction, tensorsIn } from "lib/grade/mod.ts";
import { fileChannel, PeerGoneError } from "./file_channel.ts";
import { Peer } from "./peer.ts";
import type { Pipes } from "./serve_answer.ts";
import { formsOf, replay, type TensorForm, type Trace, trace, withoutTensors } from "./trace.ts";

/** Which function of another process is called, and how. */
export interface OutsideFunction {
  /** The module's path, such as `02_model/parts.ts`. */
  readonly module: string;
  /** The name in it; dots lead into records, as in `suspects.right.forward`. */
  readonly name: string;
  /** Whether its operations are sent here and run here: it takes tensors, and does not read values. */
  readonly isTraced?: boolean;
  /** Whether it is async. */
  readonly isAsync?: boolean;
}

/** The numbers of the functions that the other process offers. */
const CALL = 0, TRACE = 1;

/**
 * Calls functions of modules whose source code only another process has. Arguments are sent there, and
 * results come back. For traced functions the operations come back instead, and run here, so that gradients
 * flow and steps can be recorded.
 *
 * @param pipes The pipes to that process; they are opened at the first call.
 * @returns A function that makes a callable function for a function of a module.
 */
export function functionsOutside(pipes: Pipes): (of: OutsideFunction) => AnyFunction {
  let peer: Peer | undefined;
  const connect = () => {
    const writer = Deno.openSync(pipes.calls, { write: true });
    return new Peer(fileChannel({ reader: Deno.openSync(pipes.results, { read: true }), writer }));
  };
  return ({ module, name, isTraced = false, isAsync = false }) => {
    const call = (...given: unknown[]): unknown => {
      peer ??= connect();
      const args = given.filter((one) => !(one instanceof AbortSignal)); // a signal cannot be sent
      if (isAsync) return peer.callAsync(CALL, "call", [module, name, args]);
      if (!isTraced) return peer.call(CALL, "call", [module, name, args]);
      const sent = [module, name, withoutTensors(args), formsOf(args)];
      const traced = peer.call(TRACE, "call", sent) as Trace; // as `serveModules` gives it
      return replay(traced, tensorsIn(args));
    };
    return Object.defineProperty(call, "name", { value: name });
  };
}

/**
 * Answers the calls of {@linkcode functionsOutside} until the other process ends.
 *
 * @param pipes The pipes to that process.
 * @param modules The modules by their paths.
 */
export async function serveModules(
  pipes: Pipes,
  modules: ReadonlyMap<string, unknown>,
): Promise<void> {
  // Both sides open the pipes in this order: opening a pipe waits until the other side opens it too.
  using reader = Deno.openSync(pipes.calls, { read: true });
  using writer = Deno.openSync(pipes.results, { write: true });
  let constants: tf.Tensor[] = [];
  const call = (module: string, name: string, args: never[]) =>
    functionIn(modules.get(module), name)(...args);
  const traceOf = (module: string, name: string, args: unknown[], forms: TensorForm[]) => {
    tf.dispose(constants); // they were sent
    const traced = trace(functionIn(modules.get(module), name), args, forms);
    constants = tensorsIn(traced);
    return traced;
  };
  try {
    await new Peer(fileChannel({ reader, writer }), [call, traceOf]).serve();
  } catch (error) {
    if (!(error instanceof PeerGoneError)) throw error;
  } finally {
    tf.dispose(constants);
  }
}

function functionIn(module: unknown, name: string): AnyFunction {
  let found = module;
  for (const part of name.split(".")) {
    const isThere = typeof found === "object" && found !== null && Object.hasOwn(found, part);
    found = isThere ? Reflect.get(found as object, part) : undefined;
  }
  if (typeof found === "function") return found as AnyFunction; // any function can be called
  throw new RangeError(`Cannot call ${name}: expected a function of the module, got none`);
}
