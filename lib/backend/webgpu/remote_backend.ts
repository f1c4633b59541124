import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
} from "node:worker_threads";
import type * as tfjs from "@tensorflow/tfjs";
import { KernelBackend } from "@tensorflow/tfjs-core";
import { BackendError } from "lib/core/mod.ts";
import type { KernelCall } from "../tfjs/tensorflow_backend.ts";
import {
  type Form,
  type KernelRequest,
  type Opening,
  POSTED,
  REPLIED,
  type Reply,
  type Request,
  type TensorNumber,
} from "./protocol.ts";

/**
 * How many requests are collected before they are sent to the device's thread, if no reply is
 * needed.
 */
const BUNDLE = 24;

/** Longer than any kernel or any compilation of a shader takes. */
const LONGEST_ANSWER_MS = 600_000;

/** Kernels whose outputs have shapes that depend on values. */
const SHAPED_BY_VALUES = /^(?:NonMaxSuppression|Ragged|Sparse(?:Fill|Reshape)|String|Unique|Where)/;

/** What this thread knows about a tensor. */
interface Held extends Form {
  readonly id: TensorNumber;
  references: number;
}

/** What was opened. */
export interface OpenedDevice {
  readonly backend: RemoteBackend;
  /** The adapter's name. */
  readonly device: string;
  /** The names of its kernels. */
  readonly kernels: readonly string[];
}

/**
 * TensorFlow.js's WebGPU backend, which runs in its own thread and can be read synchronously.
 *
 * A graphics device gives its values only after the calling thread has returned to the event loop.
 * The training loop, the checks of exercises and most programs written for TensorFlow.js read
 * values synchronously (`dataSync()`). So the device has its own thread, which may wait, and the
 * main thread sleeps until the device's thread has the values.
 *
 * The main thread asks once for the shapes of a kernel's outputs, and remembers them for the same
 * kernel with the same shapes and settings. From then on only reading values has to wait.
 */
export class RemoteBackend extends KernelBackend {
  readonly #port: MessagePort;
  readonly #counters: Int32Array<SharedArrayBuffer>;
  readonly #held = new WeakMap<tfjs.DataId, Held>();
  readonly #forms = new Map<string, readonly Form[]>();
  #waiting: Request[] = [];
  #nextNumber: TensorNumber = 1;
  #count = 0;

  private constructor(port: MessagePort, counters: Int32Array<SharedArrayBuffer>) {
    super();
    this.#port = port;
    this.#counters = counters;
  }

  /**
   * Starts the thread and opens the device in it.
   *
   * @throws {BackendError} With the code `UNAVAILABLE`, if there is no graphics device.
   */
  static async open(): Promise<OpenedDevice> {
    const { port1, port2 } = new MessageChannel();
    const counters = new Int32Array(new SharedArrayBuffer(8));
    const worker = new Worker(new URL("./device_thread.ts", import.meta.url), {
      workerData: { port: port2, counters },
      transferList: [port2],
    });
    worker.unref(); // so that the process may end
    const opening = await new Promise<Opening>((resolve) => {
      port1.once("message", resolve);
      worker.once("error", ({ message }) => resolve({ kind: "failure", message }));
    });
    port1.unref();
    if (opening.kind === "open") {
      return { ...opening, backend: new RemoteBackend(port1, counters) };
    }
    await worker.terminate();
    throw new BackendError(
      `Cannot use the backend "webgpu": expected a graphics device, got: ${opening.message}`,
      { code: "UNAVAILABLE" },
    );
  }

  /** Runs a kernel on tensors of this backend; the caller owns the outputs. */
  runKernel(kernel: string, { inputs, attrs }: KernelCall): tfjs.TensorInfo[] {
    const held: [string, Held][] = [];
    for (const [name, info] of Object.entries(inputs)) {
      if (info !== undefined && info !== null) held.push([name, this.#of(info.dataId)]);
    }
    const numbers = held.map(([name, { id }]) => [name, id] as const);
    const key = keyOf(kernel, held, attrs), known = this.#forms.get(key);
    const request: KernelRequest = {
      kind: "kernel",
      kernel,
      inputs: Array.isArray(inputs) ? numbers.map(([, id]) => id) : Object.fromEntries(numbers),
      attrs,
      firstOutput: this.#nextNumber,
      wantsForms: known === undefined,
    };
    if (known !== undefined) {
      this.#post(request);
      return known.map((form) => this.#take(form));
    }
    const reply = this.#ask(request);
    if (reply.kind !== "forms") throw unfit(kernel, reply);
    if (!SHAPED_BY_VALUES.test(kernel)) this.#forms.set(key, reply.forms);
    return reply.forms.map((form) => this.#take(form));
  }

  /** Stores the values of a new tensor. */
  override write(values: tfjs.BackendValues, shape: number[], dtype: tfjs.DataType): tfjs.DataId {
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }

  override move(
    dataId: tfjs.DataId,
    values: tfjs.BackendValues,
    shape: number[],
    dtype: tfjs.DataType,
    references: number,
  ): void {
    const form = { shape, dtype }, id = this.#nextNumber;
    // A copy, because the caller may change its values before the bundle is sent.
    const kept = Array.isArray(values) ? values : values.slice();
    this.#keep(dataId, form, references);
    this.#post({ kind: "write", id, form, values: kept });
  }

  override readSync(dataId: tfjs.DataId): tfjs.BackendValues {
    const reply = this.#ask({ kind: "read", id: this.#of(dataId).id });
    if (reply.kind !== "values") throw unfit("a read", reply);
    return reply.values;
  }

  override read(dataId: tfjs.DataId): Promise<tfjs.BackendValues> {
    return Promise.resolve().then(() => this.readSync(dataId));
  }

  override disposeData(dataId: tfjs.DataId, force = false): boolean {
    const held = this.#held.get(dataId);
    if (held === undefined) return true;
    held.references--;
    if (held.references > 0 && !force) return false;
    this.#held.delete(dataId);
    this.#count--;
    this.#post({ kind: "dispose", id: held.id });
    return true;
  }

  override refCount(dataId: tfjs.DataId): number {
    return this.#held.get(dataId)?.references ?? 0;
  }

  override incRef(dataId: tfjs.DataId): void {
    const held = this.#held.get(dataId);
    if (held !== undefined) held.references++;
  }

  override numDataIds(): number {
    return this.#count;
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override memory(): { unreliable: boolean } {
    return { unreliable: false };
  }

  #of(dataId: tfjs.DataId): Held {
    const held = this.#held.get(dataId);
    if (held !== undefined) return held;
    throw new BackendError("Cannot use a tensor: expected one of WebGPU's, got another one's", {
      code: "INVALID_ARGUMENT",
    });
  }

  #keep(dataId: tfjs.DataId, { shape, dtype }: Form, references: number): void {
    this.#held.set(dataId, { id: this.#nextNumber++, shape, dtype, references });
    this.#count++;
  }

  #take(form: Form): tfjs.TensorInfo {
    const dataId = {};
    this.#keep(dataId, form, 1);
    return { dataId, shape: [...form.shape], dtype: form.dtype };
  }

  #post(request: Request): void {
    this.#waiting.push(request);
    if (this.#waiting.length >= BUNDLE) this.#send();
  }

  #send(): void {
    this.#port.postMessage(this.#waiting);
    this.#waiting = [];
    Atomics.add(this.#counters, POSTED, 1);
    Atomics.notify(this.#counters, POSTED);
  }

  /** Sends all collected requests, with this one last, and sleeps until its reply arrives. */
  #ask(request: Request): Reply {
    const seen = Atomics.load(this.#counters, REPLIED);
    this.#waiting.push(request);
    this.#send();
    Atomics.wait(this.#counters, REPLIED, seen, LONGEST_ANSWER_MS);
    const received = receiveMessageOnPort(this.#port);
    if (received !== undefined) return received.message as Reply; // the thread posts nothing else
    return { kind: "failure", message: `no answer within ${LONGEST_ANSWER_MS / 1000} s` };
  }
}

/** What the forms of the outputs depend on. */
function keyOf(
  kernel: string,
  inputs: readonly [string, Held][],
  attrs: tfjs.NamedAttrMap | undefined,
): string {
  const forms = inputs.map(([name, { shape, dtype }]) => `${name} ${dtype} ${shape}`);
  return `${kernel}|${forms.join("|")}|${JSON.stringify(attrs)}`;
}

function unfit(what: string, reply: Reply): BackendError {
  const got = reply.kind === "failure" ? reply.message : `a reply of kind ${reply.kind}`;
  return new BackendError(`Cannot run ${what} on WebGPU: ${got}`, { code: "INTERNAL", op: what });
}
