/**
 * The thread that owns the graphics device. It contains TensorFlow.js's WebGPU backend and a loop
 * that processes the main thread's requests. `RemoteBackend` starts it.
 *
 * @module
 */
import { type MessagePort, receiveMessageOnPort, workerData } from "node:worker_threads";
import * as tf from "@tensorflow/tfjs";
import { BackendError } from "lib/core/mod.ts";
import {
  type Bundle,
  type KernelRequest,
  type Link,
  type Opening,
  POSTED,
  REPLIED,
  type Reply,
  type Request,
  type TensorNumber,
} from "./protocol.ts";

/** The parts of the package's backend that are used here. */
interface DeviceBackend {
  write(values: tf.BackendValues, shape: number[], dtype: tf.DataType): tf.DataId;
  read(dataId: tf.DataId): Promise<tf.BackendValues>;
  disposeData(dataId: tf.DataId): boolean;
  readonly device: GPUDevice;
}

/** What the main thread passes to this thread. */
interface Given extends Link {
  readonly port: MessagePort;
}

/** Kernels that read an input synchronously, which the device itself cannot do. */
const READING = /^(?:SparseSegment|TopK)/;

const { port, counters } = workerData as Given; // as `RemoteBackend` starts it
const tensors = new Map<TensorNumber, tf.TensorInfo>();
/** What went wrong in a request without a reply. */
let failure: string | undefined;

const backend = await open();
if (backend !== undefined) await serve(backend);

async function open(): Promise<DeviceBackend | undefined> {
  const say = (opening: Opening) => port.postMessage(opening);
  try {
    // Otherwise its first op would print advice to install the native add-on of tfjs-node.
    Object.assign(tf.findBackend("cpu") ?? {}, { firstUse: false });
    const adapter = await navigator.gpu?.requestAdapter();
    if (!adapter) throw refused("a graphics adapter, got none");
    await import("@tensorflow/tfjs-backend-webgpu");
    if (!await tf.setBackend("webgpu")) throw refused("TensorFlow.js to start it, got a refusal");
    const { description, device } = adapter.info;
    // The package's class has these members; the type of tf.backend() has only what all backends
    // share.
    const opened = tf.backend() as unknown as DeviceBackend;
    opened.device.addEventListener("uncapturederror", (event) => {
      failure ??= (event as GPUUncapturedErrorEvent).error.message;
    });
    const kernels = tf.getKernelsForBackend("webgpu").map(({ kernelName }) => kernelName);
    say({ kind: "open", device: description || device || "WebGPU", kernels });
    return opened;
  } catch (error) {
    say({ kind: "failure", message: messageOf(error) });
    return undefined;
  }
}

/** Never returns; the thread ends with the process. */
async function serve(backend: DeviceBackend): Promise<void> {
  while (true) {
    const posted = Atomics.load(counters, POSTED);
    const received = receiveMessageOnPort(port);
    if (received === undefined) {
      Atomics.wait(counters, POSTED, posted);
      continue;
    }
    for (const request of received.message as Bundle) { // the main thread posts nothing else
      const answer = await carryOut(backend, request);
      if (answer !== undefined) reply(answer);
    }
  }
}

/** The reply, if the request wants one. */
async function carryOut(backend: DeviceBackend, request: Request): Promise<Reply | undefined> {
  const isAwaited = request.kind === "read" || request.kind === "kernel" && request.wantsForms;
  try {
    if (request.kind === "kernel" && READING.test(request.kernel)) {
      for (const id of Object.values<TensorNumber>(request.inputs)) {
        await backend.read(infoOf(id).dataId); // the backend then keeps the values on the host
      }
    }
    const result = request.kind === "read"
      ? { kind: "values" as const, values: await backend.read(infoOf(request.id).dataId) }
      : change(backend, request);
    if (failure === undefined || !isAwaited) return result;
  } catch (error) {
    failure ??= messageOf(error);
    if (!isAwaited) return undefined;
  }
  const message = failure;
  failure = undefined;
  return { kind: "failure", message };
}

function change(
  backend: DeviceBackend,
  request: Exclude<Request, { kind: "read" }>,
): Reply | undefined {
  switch (request.kind) {
    case "write": {
      const { id, form: { shape, dtype }, values } = request;
      tensors.set(id, { dataId: backend.write(values, shape, dtype), shape, dtype });
      return undefined;
    }
    case "dispose": {
      const { dataId } = infoOf(request.id);
      tensors.delete(request.id);
      backend.disposeData(dataId);
      return undefined;
    }
    case "kernel":
      return runKernel(backend, request);
  }
}

function runKernel(backend: DeviceBackend, request: KernelRequest): Reply | undefined {
  const { kernel, inputs, attrs, firstOutput, wantsForms } = request;
  const infos = Array.isArray(inputs) ? [] : {};
  const named: tf.NamedTensorInfoMap = Object.assign(infos);
  for (const [name, id] of Object.entries<TensorNumber>(inputs)) named[name] = infoOf(id);
  const { kernelFunc } = tf.getKernel(kernel, "webgpu");
  const result = kernelFunc({ inputs: named, backend, ...(attrs && { attrs }) });
  const outputs = Array.isArray(result) ? result : [result];
  outputs.forEach((output, i) => tensors.set(firstOutput + i, output));
  if (!wantsForms) return undefined;
  return { kind: "forms", forms: outputs.map(({ shape, dtype }) => ({ shape, dtype })) };
}

function infoOf(id: TensorNumber): tf.TensorInfo {
  const info = tensors.get(id);
  if (info !== undefined) return info;
  throw new BackendError(`Cannot find a tensor: expected one of the number ${id}, got none`, {
    code: "INTERNAL",
  });
}

function reply(answer: Reply): void {
  port.postMessage(answer);
  Atomics.add(counters, REPLIED, 1);
  Atomics.notify(counters, REPLIED);
}

function refused(what: string): BackendError {
  return new BackendError(`Cannot open WebGPU: expected ${what}`, { code: "UNAVAILABLE" });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
