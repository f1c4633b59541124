import * as tf from "@tensorflow/tfjs";
import { compile } from "lib/backend/mod.ts";
import { type AnyFunction, tensorsIn, withTensors } from "lib/grade/mod.ts";
import { decode, type Directory } from "./decode.ts";
import { encode, encodeError, type Register } from "./encode.ts";
import { restore } from "./restore.ts";
import type { Channel, Message, Operation, Wire } from "./wire.ts";

type Call = Extract<Message, { kind: "call" }>;
type Reply = Extract<Message, { kind: "result" | "error" }>;

/** What a call gave, before it is sent. */
interface Outcome {
  readonly result?: unknown;
  readonly error?: unknown;
  readonly isAsync: boolean;
}

/**
 * One of two processes that call each other's functions. Each call waits for its result, and while it
 * waits it answers the other side's calls, so that a function can take functions.
 */
export class Peer implements Register, Directory {
  readonly #channel: Channel;
  readonly #own: AnyFunction[] = [];
  readonly #ids = new Map<AnyFunction, number>();
  readonly #remoteIds = new WeakMap<AnyFunction, number>();

  /**
   * Makes one side.
   *
   * @param channel The way to the other side.
   * @param own Functions that the other side knows by their numbers: 0, 1, ...
   */
  constructor(channel: Channel, own: readonly AnyFunction[] = []) {
    this.#channel = channel;
    for (const one of own) this.idOf(one);
  }

  /** The number of a function of ours. */
  idOf(own: AnyFunction): number {
    const known = this.#ids.get(own);
    if (known !== undefined) return known;
    this.#ids.set(own, this.#own.length);
    return this.#own.push(own) - 1;
  }

  /** The number of a function of the other side; undefined for one of ours. */
  remoteIdOf(value: AnyFunction): number | undefined {
    return this.#remoteIds.get(value);
  }

  /** A function of ours, by its number. */
  own(id: number): AnyFunction {
    const own = this.#own[id];
    if (own === undefined) throw new RangeError(`Cannot call function ${id}: expected a known one`);
    return own;
  }

  /** A function that calls one of the other side. */
  remote(
    id: number,
    { name, isAsync }: { readonly name: string; readonly isAsync: boolean },
  ): AnyFunction {
    const call = isAsync
      ? async (...args: never[]) => await this.callAsync(id, "call", args)
      : (...args: never[]) => this.call(id, "call", args);
    Object.defineProperty(call, "name", { value: name });
    this.#remoteIds.set(call, id);
    return call;
  }

  /**
   * Calls a function of the other side.
   *
   * @param id Its number.
   * @param ask What is asked of it.
   * @param args The arguments; what the call changes in its copies changes here too.
   * @returns The result; a Promise where the function gave one.
   */
  call(id: number, ask: Operation, args: unknown[]): unknown {
    this.#channel.send({ kind: "call", id, ask, args: encode(args, this) });
    while (true) {
      const message = this.#channel.receive();
      if (message.kind === "call") this.#channel.send(this.#answer(message));
      else return this.#read(message, args);
    }
  }

  /** The same for an async function: functions among its arguments may be async too. */
  async callAsync(id: number, ask: Operation, args: unknown[]): Promise<unknown> {
    this.#channel.send({ kind: "call", id, ask, args: encode(args, this) });
    while (true) {
      const message = this.#channel.receive();
      if (message.kind === "call") this.#channel.send(await this.#answerAsync(message));
      else return await this.#read(message, args);
    }
  }

  /** Answers calls until the other side says that it is done. */
  async serve(): Promise<{ readonly isRight: boolean; readonly text: string }> {
    while (true) {
      const message = this.#channel.receive();
      if (message.kind === "end") return message;
      if (message.kind !== "call") {
        throw new TypeError(`Cannot serve: expected a call, got a message of kind ${message.kind}`);
      }
      this.#channel.send(await this.#answerAsync(message));
    }
  }

  /** Answers one call. */
  answerNext(): void {
    const message = this.#channel.receive();
    if (message.kind !== "call") throw new TypeError("Cannot answer: expected a call");
    this.#channel.send(this.#answer(message));
  }

  /** Says that no more calls come. */
  end(isRight: boolean, text: string): void {
    this.#channel.send({ kind: "end", isRight, text });
  }

  #read(message: Message, args: unknown[]): unknown {
    if (message.kind !== "result" && message.kind !== "error") {
      throw new TypeError(`Cannot read a result: expected one, got a message of ${message.kind}`);
    }
    if (message.args !== undefined) restore(args, decode(message.args, this));
    if (message.kind === "error") {
      const error = decode(message.error, this);
      if (message.isAsync) return Promise.reject(error);
      throw error;
    }
    const value = decode(message.value, this);
    // Tensors that were left behind there are left behind here, for whoever counts them.
    for (let i = 0; i < (message.leftTensors ?? 0); i++) tf.scalar(0);
    return message.isAsync ? Promise.resolve(value) : value;
  }

  #answer(call: Call): Reply {
    const prepared = this.#prepare(call);
    try {
      const result = prepared.run();
      return this.#reply(prepared, { result, isAsync: false });
    } catch (error) {
      return this.#reply(prepared, { error, isAsync: false });
    }
  }

  async #answerAsync(call: Call): Promise<Reply> {
    const prepared = this.#prepare(call);
    let isAsync = false;
    try {
      const result = prepared.run();
      isAsync = result instanceof Promise;
      return this.#reply(prepared, { result: await result, isAsync });
    } catch (error) {
      return this.#reply(prepared, { error, isAsync });
    }
  }

  #prepare({ id, ask, args: wire }: Call): Prepared {
    const args = decode(wire, this) as unknown[]; // a call's arguments are a list
    const before = this.#photograph(args);
    const tensors = tf.memory().numTensors;
    return { args, before, tensors, run: () => OPERATIONS[ask](this.own(id), args) };
  }

  #reply(prepared: Prepared, outcome: Outcome): Reply {
    const { args, before, tensors } = prepared, { isAsync } = outcome;
    const left = tf.memory().numTensors - tensors;
    const isChanged = before !== undefined && this.#photograph(args) !== before;
    const changed = isChanged ? { args: encode(args, this) } : {};
    if ("error" in outcome) {
      return { kind: "error", error: encodeError(outcome.error), isAsync, ...changed };
    }
    try {
      const value = encode(outcome.result, this), given = new Set(tensorsIn(args));
      const made = new Set(tensorsIn(outcome.result)).difference(given).size;
      const freed = [...given].filter(({ isDisposed }) => isDisposed).length;
      const leftTensors = Math.max(0, left - made + freed);
      return { kind: "result", value, isAsync, leftTensors, ...changed };
    } catch (error) {
      return { kind: "error", error: encodeError(error), isAsync, ...changed };
    }
  }

  /** A text that changes when an argument does; undefined where none can. */
  #photograph(args: readonly unknown[]): string | undefined {
    if (args.every((arg) => typeof arg !== "object" || arg === null)) return undefined;
    const register = { idOf: () => 0, remoteIdOf: (value: AnyFunction) => this.remoteIdOf(value) };
    return JSON.stringify(encode(args, register));
  }
}

interface Prepared {
  readonly args: unknown[];
  readonly before: string | undefined;
  readonly tensors: number;
  readonly run: () => unknown;
}

const OPERATIONS: Record<Operation, (own: AnyFunction, args: unknown[]) => unknown> = {
  call: (own, args) => own(...args as never[]), // the other side knows what it takes
  compiled: (own, [name, ...args]) => callCompiled(own, String(name), args),
  gradients: (own, [place, dy, ...args]) =>
    gradientsOf(own, { place: Number(place), dy: dy as tf.Tensor | null, args }),
};

/** Records a function while it runs once, and calls what was recorded. */
function callCompiled(own: AnyFunction, name: string, args: unknown[]): unknown {
  let skeleton: unknown;
  const step = compile((tensors) => {
    skeleton = own(...withTensors(args, tensors as tf.Tensor[]) as never[]); // a list goes in
    return tensorsIn(skeleton);
  }, { mode: "graph", name });
  const results = step(tensorsIn(args));
  return withTensors(skeleton, results as tf.Tensor[]); // a list comes out
}

interface GradientsOptions {
  /** Which of the tensors in the result. */
  readonly place: number;
  /** The gradient of the loss by it; null for ones. */
  readonly dy: tf.Tensor | null;
  readonly args: readonly unknown[];
}

/** The gradient by each float tensor among the arguments; null where none passes. */
function gradientsOf(own: AnyFunction, { place, dy, args }: GradientsOptions): unknown {
  const output = () => {
    const tensor = tensorsIn(own(...args as never[]))[place];
    if (tensor === undefined) throw new RangeError(`Cannot derive: expected a tensor ${place}`);
    return tensor;
  };
  const derive = (inputs: tf.Tensor[]): (tf.Tensor | null)[] => {
    const seed = dy ?? undefined; // its type wants a scalar, and any gradient of the output's shape will do
    const { grads } = tf.engine().gradients(output, inputs, seed as tf.Scalar | undefined, true);
    const gradients: readonly (tf.Tensor | undefined)[] = grads; // its type forgets the missing ones
    return gradients.map((gradient) => gradient ?? null);
  };
  const groups = args.map(floatsIn);
  try {
    return derive(groups.flat());
  } catch (error) {
    return deriveApart(derive, groups, error);
  }
}

function floatsIn(arg: unknown): tf.Tensor[] {
  return tensorsIn(arg).filter(({ dtype }) => dtype === "float32");
}

/** An argument that is no variable, such as a mask, may have no gradient: then only the others'. */
function deriveApart(
  derive: (inputs: tf.Tensor[]) => (tf.Tensor | null)[],
  groups: readonly tf.Tensor[][],
  error: unknown,
): (tf.Tensor | null)[] {
  let isAny = false;
  const gradients = groups.flatMap((group) => {
    try {
      const found = derive(group);
      isAny ||= found.some((gradient) => gradient !== null);
      return found;
    } catch {
      return group.map(() => null);
    }
  });
  if (!isAny) throw error;
  return gradients;
}

export type { Wire };
