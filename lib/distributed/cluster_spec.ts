import type { ClusterSpec } from "lib/backend/mod.ts";
import { ConfigError, parseJson, quote } from "lib/core/mod.ts";

/** The parts of `TF_CONFIG` that are read. */
interface TfConfig {
  readonly cluster?: Readonly<Record<string, unknown>>;
  readonly task?: { readonly type?: unknown; readonly index?: unknown };
}

const FORM =
  `{"cluster": {"worker": ["host0:port", "host1:port"]}, "task": {"type": "worker", "index": 0}}`;

/**
 * Reads from `TF_CONFIG` which processes work together. TensorFlow's users know this variable, and
 * Kubeflow's TFJob and Vertex AI set it. A `chief`, where there is one, is rank 0, and the workers
 * come after it.
 *
 * @param text The variable's value; undefined if it is not set.
 * @returns The ranks' addresses and this process's rank; null if this process works alone, also as
 *   the only worker.
 * @throws {ConfigError} If it is not a valid description, or names roles that only evaluate or
 *   serve weights.
 *
 * @example
 * ```ts
 * import { parseClusterSpec } from "lib/distributed/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const cluster = { chief: ["a:2222"], worker: ["b:2222"] };
 * const spec = parseClusterSpec(JSON.stringify({ cluster, task: { type: "worker", index: 0 } }));
 * assertEquals(spec, { addresses: ["a:2222", "b:2222"], rank: 1 });
 * assertEquals(parseClusterSpec(undefined), null);
 * ```
 */
export function parseClusterSpec(text: string | undefined): ClusterSpec | null {
  if (text === undefined || text.trim() === "") return null;
  const { cluster, task } = read(text);
  if (cluster === undefined) return null; // Vertex AI sets the variable for a single machine too
  const chiefs = addressesOf(cluster, "chief"), workers = addressesOf(cluster, "worker");
  const addresses = [...chiefs, ...workers], type = task?.type, index = Number(task?.index ?? 0);
  if (type !== "chief" && type !== "worker") {
    throw refusal('a task of type "worker" or "chief", since all ranks do the same work', type);
  }
  const own = type === "chief" ? chiefs : workers;
  if (!(Number.isInteger(index) && index >= 0 && index < own.length)) {
    throw refusal(`a task index from 0 to ${own.length - 1} of "${type}"`, task?.index);
  }
  const twice = addresses.find((address, i) => addresses.indexOf(address) !== i);
  if (twice !== undefined) throw refusal("a different address for each rank", `${twice} twice`);
  if (addresses.length < 2) return null;
  return { addresses, rank: type === "chief" ? index : chiefs.length + index };
}

/**
 * Writes the `TF_CONFIG` of one rank.
 *
 * @param spec The ranks' addresses and the rank.
 * @returns What {@linkcode parseClusterSpec} reads.
 *
 * @example
 * ```ts
 * import { formatClusterSpec, parseClusterSpec } from "lib/distributed/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const spec = { addresses: ["a:2222", "b:2222"], rank: 1 };
 * assertEquals(parseClusterSpec(formatClusterSpec(spec)), spec);
 * ```
 */
export function formatClusterSpec({ addresses, rank }: ClusterSpec): string {
  return JSON.stringify({
    cluster: { worker: addresses },
    task: { type: "worker", index: rank },
  });
}

function read(text: string): TfConfig {
  try {
    const value: unknown = parseJson(text);
    if (typeof value === "object" && value !== null) return value as TfConfig; // parts are checked
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw refusal(FORM, text);
}

function addressesOf(cluster: Readonly<Record<string, unknown>>, type: string): string[] {
  const list = cluster[type] ?? [];
  if (!Array.isArray(list)) throw refusal(`a list of addresses of "${type}"`, list);
  for (const address of list) {
    const port = typeof address === "string" ? /^\S+:(\d+)$/.exec(address)?.[1] : undefined;
    if (!(Number(port) >= 1 && Number(port) <= 65_535)) {
      throw refusal("addresses of the form host:port", address);
    }
  }
  return list;
}

function refusal(expected: string, got: unknown): ConfigError {
  const text = typeof got === "string" ? got : JSON.stringify(got) ?? "none";
  return new ConfigError(`Cannot use TF_CONFIG: expected ${expected}, got ${quote(text)}`);
}
