import { bytesField, intField, joinBytes } from "lib/core/mod.ts";

/** The processes that work together, and which of them this one is. */
export interface ClusterSpec {
  /** `host:port` of each rank, the coordinating rank 0 first. */
  readonly addresses: readonly string[];
  /** This process's index in the addresses, from 0. */
  readonly rank: number;
}

/** The settings of {@linkcode serverDefinition}. */
export interface ServerOptions {
  /**
   * The context's own `ConfigProto`, in wire format, because the server creates its own devices.
   */
  readonly session: Uint8Array;
  /** Seconds without a heartbeat after which a rank counts as dead. */
  readonly heartbeatSeconds: number;
  /** Seconds that the coordinator waits for all ranks to register. */
  readonly startSeconds: number;
}

const JOB = "worker";

/** TensorFlow's name of a rank. */
export function taskName(rank: number): string {
  return `/job:${JOB}/replica:0/task:${rank}`;
}

/**
 * The `ServerDef` of one rank in protobuf's wire format (tensorflow/core/protobuf:
 * tensorflow_server.proto, cluster.proto, config.proto, coordination_config.proto).
 *
 * Rank 0 leads the collectives and coordinates: it receives the heartbeats of all ranks and tells
 * the other ranks when one stops. TensorFlow's own strategy for several workers does the same.
 */
export function serverDefinition(
  { addresses, rank }: ClusterSpec,
  { session, heartbeatSeconds, startSeconds }: ServerOptions,
): Uint8Array<ArrayBuffer> {
  const tasks = addresses.map((address, index) =>
    bytesField(2, joinBytes([intField(1, index), bytesField(2, address)]))
  );
  const coordination = joinBytes([
    bytesField(1, "standalone"), // service_type
    bytesField(2, taskName(0)), // service_leader
    intField(3, 1), // enable_health_check
    intField(4, 1000 * startSeconds), // cluster_register_timeout_in_ms
    intField(5, 1000 * heartbeatSeconds), // heartbeat_timeout_in_ms
    intField(7, 3000), // shutdown_barrier_timeout_in_ms
    bytesField(10, joinBytes([bytesField(1, JOB), intField(2, addresses.length)])), // jobs
  ]);
  const experimental = joinBytes([
    bytesField(1, taskName(0)), // collective_group_leader
    bytesField(23, coordination),
  ]);
  return joinBytes([
    bytesField(1, bytesField(1, joinBytes([bytesField(1, JOB), ...tasks]))), // cluster
    bytesField(2, JOB), // job_name
    intField(3, rank), // task_index
    bytesField(4, joinBytes([session, bytesField(16, experimental)])), // default_session_config
    bytesField(5, "grpc"), // protocol
  ]);
}
