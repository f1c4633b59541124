import { findLibrary } from "./c_library/find_library.ts";
import { type BackendName, BACKENDS, NO_ADAPTER, requestAdapter } from "./open_backend.ts";

/** A backend, and whether it is available here. */
export interface Presence {
  /** The backend's name. */
  readonly name: BackendName;
  /** Why it is not available, with the cure; null if it is. */
  readonly problem: string | null;
}

/**
 * Lists the backends and whether this machine has them, best first. WebAssembly and plain
 * JavaScript are always available.
 *
 * @returns One entry per backend in {@linkcode BACKENDS}; no backend is opened.
 *
 * @example
 * ```ts
 * import { presentBackends } from "lib/backend/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const present = (await presentBackends()).filter(({ problem }) => problem === null);
 * assertEquals(present.slice(-2).map(({ name }) => name), ["wasm", "cpu"]);
 * ```
 */
export async function presentBackends(): Promise<Presence[]> {
  const hasAdapter = await requestAdapter() !== null;
  const problems: Partial<Record<BackendName, string | null>> = {
    tensorflow: missingLibrary(),
    webgpu: hasAdapter ? null : NO_ADAPTER,
  };
  return BACKENDS.map((name) => ({ name, problem: problems[name] ?? null }));
}

function missingLibrary(): string | null {
  try {
    findLibrary();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
