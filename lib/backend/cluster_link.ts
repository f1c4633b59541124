import type * as tf from "@tensorflow/tfjs";
import { BackendError } from "lib/core/mod.ts";
import { AttributeType, typeAttribute } from "./c_library/attributes.ts";
import { type CollectiveOp, Collectives } from "./c_library/collectives.ts";
import { DataType } from "./c_library/data_types.ts";
import { sessionConfig } from "./c_library/native_context.ts";
import type { OpAttribute, TensorMetadata } from "./c_library/op_sink.ts";
import { type ClusterSpec, serverDefinition } from "./c_library/server_definition.ts";
import { tensorFlowBackend } from "./tfjs/tensorflow_backend.ts";
import { tensorFlowBinding } from "./use_backend.ts";

export type { ClusterSpec } from "./c_library/server_definition.ts";

/** How long the processes of a cluster wait for each other, in seconds. */
export interface LinkLimits {
  /** The limit for all processes to start. */
  readonly start: number;
  /** The limit without a heartbeat from a process that has started. */
  readonly heartbeat: number;
  /** The limit for a process that runs, but does not reach the call where the others wait. */
  readonly stall: number;
}

/** All ranks are in one group. */
const GROUP_KEY = 1;

/**
 * This process's link to the other processes of a cluster, by TensorFlow's collective runtime.
 * Tensors go from rank to rank over gRPC, and between GPUs by NCCL if the library contains it.
 *
 * Every rank must make the same calls in the same order. After one failure all later calls fail,
 * because TensorFlow's context cannot recover.
 */
export class ClusterLink {
  /** The cluster, and this process's rank in it. */
  readonly spec: ClusterSpec;
  readonly #limits: LinkLimits;
  readonly #collectives: Collectives;
  /** A slot is an op on tensors of one type and shape. Its key lets the ranks find each other. */
  readonly #instances = new Map<string, number>();
  readonly #scalars = new Map<number, number>();

  private constructor(spec: ClusterSpec, limits: LinkLimits, collectives: Collectives) {
    this.spec = spec;
    this.#limits = limits;
    this.#collectives = collectives;
  }

  /**
   * Joins this process's TensorFlow with those of the other processes. Call it once per process,
   * before any other computation. From then on TensorFlow's server accepts calls from anyone, on
   * the address's port and on all network interfaces.
   *
   * @param spec The ranks' addresses, and which one is this process's.
   * @param limits How long to wait.
   * @returns The link, once all ranks have joined. The promise may never settle if a rank does not
   *   come.
   * @throws {BackendError} If TensorFlow is not in use, or if it refuses, for example because the
   *   port is taken.
   */
  static async open(spec: ClusterSpec, limits: LinkLimits): Promise<ClusterLink> {
    const { context, native } = tensorFlowBinding();
    const collectives = new Collectives(context, native);
    const failure = await collectives.enable(serverDefinition(spec, {
      session: sessionConfig(context.threads, !context.isGpu),
      heartbeatSeconds: limits.heartbeat,
      startSeconds: limits.start,
    }));
    if (failure !== undefined) {
      const { code, message } = failure;
      throw new BackendError(`Cannot join the cluster: ${code}: ${message}`, { code });
    }
    return new ClusterLink(spec, limits, collectives);
  }

  /**
   * Adds the tensors of all ranks, element by element. The sum has the same bits on every rank.
   *
   * @param tensor A tensor of the same type and shape on all ranks; the caller still owns it.
   * @returns The sum; the caller owns it.
   * @throws {RangeError} If it has no elements.
   * @throws {BackendError} If a rank fails, or does not come within the limit.
   */
  allReduce(tensor: tf.Tensor): Promise<tf.Tensor> {
    const { dtype, slot } = this.#slot("reduce", tensor);
    return this.#run(tensor, {
      name: "CollectiveReduceV2",
      attributes: [
        typeAttribute("T", dtype),
        text("merge_op", "Add"),
        text("final_op", "Id"),
        HINT,
        { name: "Nordering_token", type: AttributeType.INT, value: 0 },
      ],
      inputs: [idOf(tensor), ...slot],
    });
  }

  /**
   * Sends a tensor from rank 0 to all others.
   *
   * @param tensor On rank 0, the tensor to send; on other ranks, any tensor of the same type and
   *   shape. The caller still owns it.
   * @returns Rank 0's tensor; the caller owns it.
   * @throws {RangeError} If it has no elements.
   * @throws {BackendError} If a rank fails, or does not come within the limit.
   */
  async broadcast(tensor: tf.Tensor): Promise<tf.Tensor> {
    const { dtype, slot } = this.#slot("broadcast", tensor);
    const attributes = [typeAttribute("T", dtype), HINT];
    if (this.spec.rank === 0) {
      return this.#run(tensor, {
        name: "CollectiveBcastSendV2",
        attributes,
        inputs: [idOf(tensor), ...slot],
      });
    }
    const { native } = tensorFlowBinding(), { shape } = tensor;
    const sizes = native.createTensor([shape.length], DataType.INT32, Int32Array.from(shape));
    try {
      return await this.#run(tensor, {
        name: "CollectiveBcastRecvV2",
        attributes: [...attributes, typeAttribute("Tshape", DataType.INT32)],
        inputs: [...slot, sizes],
      });
    } finally {
      native.deleteTensor(sizes);
    }
  }

  /**
   * Waits until all ranks wait at the barrier of that name.
   *
   * @param name A name that was not used before.
   * @param seconds How long to wait at most.
   * @returns TensorFlow's message about what went wrong; undefined if all ranks came.
   */
  async waitAtBarrier(name: string, seconds: number): Promise<string | undefined> {
    return (await this.#collectives.waitAtBarrier(name, 1000 * seconds))?.message;
  }

  /** The element type, and the ids of the tensors for group size, group key and instance key. */
  #slot(op: string, tensor: tf.Tensor): { dtype: number; slot: number[] } {
    const { shape, size } = tensor, { addresses } = this.spec;
    if (size === 0) {
      throw new RangeError(`Cannot ${op} over ranks: expected elements, got [${shape}]`); // TensorFlow crashes
    }
    const name = `${op} ${tensor.dtype} [${shape}]`;
    const key = this.#instances.get(name) ?? this.#instances.size + 1;
    this.#instances.set(name, key);
    const dtype = tensorFlowBackend().getDTypeInteger(tensor.dtype);
    return { dtype, slot: [addresses.length, GROUP_KEY, key].map((value) => this.#scalar(value)) };
  }

  /** The id of an int32 scalar, made once. */
  #scalar(value: number): number {
    const known = this.#scalars.get(value);
    if (known !== undefined) return known;
    const id = tensorFlowBinding().native
      .createTensor([], DataType.INT32, Int32Array.of(value));
    this.#scalars.set(value, id);
    return id;
  }

  /**
   * Refuses to wait longer than the limit. TensorFlow's own time limit keeps one thread per op
   * until the limit has passed, even if the op is done: a minute of small steps used thousands of
   * threads.
   */
  async #inTime(work: Promise<TensorMetadata>, op: string): Promise<TensorMetadata> {
    const { stall } = this.#limits, late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      const message = `Cannot run ${op}: it has timed out after ${stall} s`;
      late.reject(new BackendError(message, { code: "DEADLINE_EXCEEDED", op }));
    }, 1000 * stall);
    try {
      return await Promise.race([work, late.promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  async #run(like: tf.Tensor, op: CollectiveOp): Promise<tf.Tensor> {
    const output = await this.#inTime(this.#collectives.execute(op), op.name);
    const tensor = tensorFlowBackend().createOutputTensor(output);
    if (`${tensor.shape}` === `${like.shape}`) return tensor;
    throw new BackendError(
      `Cannot use what the ranks sent: expected [${like.shape}], got [${tensor.shape}]`,
      { code: "INTERNAL", op: op.name },
    );
  }
}

/** TensorFlow chooses the algorithm for the sum. */
const HINT = text("communication_hint", "auto");

function text(name: string, value: string): OpAttribute {
  return { name, type: AttributeType.STRING, value };
}

function idOf(tensor: tf.Tensor): number {
  const [id] = tensorFlowBackend().getInputTensorIds([tensor]);
  return id ?? -1; // one id per tensor
}
