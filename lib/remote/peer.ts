import * as tf from "@tensorflow/tfjs";
import { type AnyFunction, CheckError, tensorsIn } from "lib/grade/mod.ts";
import { decode, type Directory } from "./decode.ts";
import { encode, encodeError, type Register } from "./encode.ts";
import { forged, PeerGoneError } from "./file_channel.ts";
import { OPERATIONS } from "./operations.ts";
import { restore } from "./restore.ts";
import type { Channel, Message, Operation } from "./wire.ts";

type Call = Extract<Message, { kind: "call" }>;
type Reply = Extract<Message, { kind: "result" | "error" }>;

/** The result or the error of a call, before it is sent. */
interface Outcome {
  readonly result?: unknown;
  readonly error?: unknown;
  readonly isAsync: boolean;
}

/**
 * One side of two processes that call each other's functions. Each call waits for its result. While it
 * waits, it answers the other side's calls, so that functions can be passed as arguments.
 */
export class Peer implements Register, Directory {
  readonly #channel: Channel;
  #refusal: Error | undefined;
  readonly #own: AnyFunction[] = [];
  readonly #ids = new Map<AnyFunction, number>();
  readonly #remoteIds = new WeakMap<AnyFunction, number>();

  /**
   * Makes one side.
   *
   * @param channel Sends messages to the other side and receives its messages.
   * @param own Functions that the other side knows by their numbers: 0, 1, ...
   */
  constructor(channel: Channel, own: readonly AnyFunction[] = []) {
    this.#channel = {
      send: (message) => this.#heeding(() => channel.send(message)),
      receive: () => this.#heeding(() => channel.receive()),
    };
    for (const one of own) this.idOf(one);
  }

  /** Why the connection stopped: the other side ended, or did not send what came; undefined while it works. */
  get refusal(): Error | undefined {
    return this.#refusal;
  }

  /** After the first failure every use fails: code that catches that error must not read what follows. */
  #heeding<T>(act: () => T): T {
    if (this.#refusal !== undefined) throw this.#refusal;
    try {
      return act();
    } catch (error) {
      if (error instanceof PeerGoneError) this.#refusal = error;
      throw error;
    }
  }

  /** The number of a function of this side. */
  idOf(own: AnyFunction): number {
    const known = this.#ids.get(own);
    if (known !== undefined) return known;
    this.#ids.set(own, this.#own.length);
    return this.#own.push(own) - 1;
  }

  /** The number of a function of the other side; undefined for a function of this side. */
  remoteIdOf(value: AnyFunction): number | undefined {
    return this.#remoteIds.get(value);
  }

  /** A function of this side, by its number. */
  own(id: number): AnyFunction {
    const own = this.#own[id];
    if (own === undefined) throw new RangeError(`Cannot call function ${id}: expected a known one`);
    return own;
  }

  /** Makes a function that calls a function of the other side. */
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
   * @param ask Which kind of result is asked for.
   * @param args The arguments; changes that the call makes to its copies are made here too.
   * @returns The result; a Promise if the function returned one.
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
        this.#refuse(`${String(message.kind)} in place of a call`);
      }
      this.#channel.send(await this.#answerAsync(message));
    }
  }

  /** Answers one call. */
  answerNext(): void {
    const message = this.#channel.receive();
    if (message.kind !== "call") {
      this.#refuse(`${String(message.kind)} in place of a call`);
    }
    this.#channel.send(this.#answer(message));
  }

  /** Says that no more calls come. */
  end(isRight: boolean, text: string): void {
    this.#channel.send({ kind: "end", isRight, text });
  }

  #read(message: Message, args: unknown[]): unknown {
    if (message.kind !== "result" && message.kind !== "error") {
      this.#refuse(`${String(message.kind)} in place of a result`);
    }
    const { value, error } = this.#readable(() => {
      if (message.args !== undefined) restore(args, decode(message.args, this));
      if (message.kind === "error") return { error: decode(message.error, this) };
      return { value: decode(message.value, this) };
    });
    if (message.kind === "error") {
      if (message.isAsync) return Promise.reject(error);
      throw error;
    }
    // The call left tensors undisposed there: make as many here, so that a check can count them.
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

  /** A message that cannot be read was not written by this code on the other side: it is refused. */
  #readable<T>(read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (error instanceof PeerGoneError || error instanceof CheckError) throw error;
      return this.#refuse(error instanceof Error ? error.message : String(error));
    }
  }

  #refuse(what: string): never {
    this.#refusal ??= forged(what);
    throw this.#refusal;
  }

  #prepare({ id, ask, args: wire }: Call): Prepared {
    const args = this.#readable(() => decode(wire, this));
    if (!Array.isArray(args)) this.#refuse("a call without a list of arguments");
    const operation: unknown = OPERATIONS[ask];
    if (operation === undefined) this.#refuse("a call of an unknown kind");
    const run = () => OPERATIONS[ask](this.own(id), args);
    const before = this.#photograph(args);
    const tensors = tf.memory().numTensors;
    return { args, before, tensors, run };
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

  /** A text that changes if an argument changes; undefined if no argument can change. */
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
