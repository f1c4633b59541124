import { BackendError } from "lib/core/mod.ts";
import { setAttribute } from "./attributes.ts";
import { cName, cString } from "./c_string.ts";
import { keepSignalHandler } from "./kept_signal.ts";
import type { NativeContext } from "./native_context.ts";
import { type Failure, failureOf, required } from "./native_library.ts";
import type { NativeTensors } from "./native_tensors.ts";
import { eagerOps } from "./op_builders.ts";
import type { OpAttribute, TensorMetadata } from "./op_sink.ts";

/** Calls that wait for other processes. Each runs on its own thread, so that JavaScript goes on. */
const COLLECTIVE_SIGNATURES = {
  TF_DeleteStatus: { parameters: ["pointer"], result: "void" },
  TFE_EnableCollectiveOps: {
    parameters: ["pointer", "buffer", "usize", "pointer"],
    result: "void",
    nonblocking: true,
  },
  TFE_Execute: {
    parameters: ["pointer", "buffer", "buffer", "pointer"],
    result: "void",
    nonblocking: true,
  },
  TFE_WaitAtBarrier: {
    parameters: ["pointer", "buffer", "i64", "pointer"],
    result: "void",
    nonblocking: true,
  },
} as const satisfies Deno.ForeignLibraryInterface;

/** An op that exchanges data with the same op in other processes. */
export interface CollectiveOp {
  /** TensorFlow's name, such as `CollectiveReduceV2`. */
  readonly name: string;
  /** Its settings. */
  readonly attributes: readonly OpAttribute[];
  /** The ids of its inputs, which the caller still owns. */
  readonly inputs: readonly number[];
}

/**
 * TensorFlow's collective runtime: it joins this context with those of other processes by gRPC.
 *
 * The calls wait for the other processes; JavaScript's timers, signals and sockets work meanwhile.
 * After an abort, whatever its cause, the context cannot be used for collectives again.
 */
export class Collectives {
  readonly #context: NativeContext;
  readonly #native: NativeTensors;
  readonly #symbols: Deno.DynamicLibrary<typeof COLLECTIVE_SIGNATURES>["symbols"];

  /**
   * Does not join anything yet.
   *
   * @param context The context to join with others.
   * @param native Its tensors.
   */
  constructor(context: NativeContext, native: NativeTensors) {
    this.#context = context;
    this.#native = native;
    this.#symbols = Deno.dlopen(context.library.files.main, COLLECTIVE_SIGNATURES).symbols;
  }

  /**
   * Starts this process's server and waits for the other processes. Call it once per context.
   *
   * @param definition What {@linkcode serverDefinition} gives.
   * @returns What went wrong; undefined if all have joined. The promise may never settle if a
   *   process does not come.
   */
  enable(definition: Uint8Array<ArrayBuffer>): Promise<Failure | undefined> {
    const { context, library } = this.#context, size = BigInt(definition.length);
    return keepSignalHandler(
      library.system,
      () =>
        this.#call((status) =>
          this.#symbols.TFE_EnableCollectiveOps(context, definition, size, status)
        ),
    );
  }

  /**
   * Runs an op with one output, together with the other processes.
   *
   * @param op The op; do not delete its inputs before the op is done.
   * @returns Its output, which the caller deletes.
   * @throws {BackendError} With TensorFlow's code and message, if it refuses or gives up.
   */
  async execute({ name, attributes, inputs }: CollectiveOp): Promise<TensorMetadata> {
    const { library, context } = this.#context, { symbols, status } = library;
    const op = symbols.TFE_NewOp(context, cName(name), status);
    try {
      this.#throwOn(name, failureOf(library));
      for (const id of inputs) symbols.TFE_OpAddInput(op, this.#native.handle(id), status);
      const target = { builder: eagerOps(library), op, opName: name };
      for (const attribute of attributes) setAttribute(target, attribute);
      this.#throwOn(name, failureOf(library));
      const outputs = new BigUint64Array(1), count = Int32Array.of(1);
      const execute = (own: Deno.PointerObject) =>
        this.#symbols.TFE_Execute(op, outputs, count, own);
      this.#throwOn(name, await this.#call(execute));
      return this.#native.adopt(outputs[0] ?? 0n);
    } finally {
      symbols.TFE_DeleteOp(op);
    }
  }

  /**
   * Waits until all processes wait at the barrier of that name.
   *
   * @param name A name that was not used before.
   * @param limitMs How long to wait at most.
   * @returns What went wrong; undefined if all processes came. TensorFlow names those that did not.
   */
  waitAtBarrier(name: string, limitMs: number): Promise<Failure | undefined> {
    const { context } = this.#context, text = cString(name), limit = BigInt(Math.round(limitMs));
    return this.#call((status) => this.#symbols.TFE_WaitAtBarrier(context, text, limit, status));
  }

  /** Makes a call with its own status, because other calls use the library's status meanwhile. */
  async #call(
    make: (status: Deno.PointerObject) => Promise<void>,
  ): Promise<Failure | undefined> {
    const { library } = this.#context, status = required(library.symbols.TF_NewStatus());
    try {
      await make(status);
      return failureOf(library, status);
    } finally {
      this.#symbols.TF_DeleteStatus(status);
    }
  }

  #throwOn(op: string, failure: Failure | undefined): void {
    if (failure === undefined) return;
    const { code, message } = failure;
    throw new BackendError(`Cannot run ${op}: ${code}: ${message}`, { code, op });
  }
}
