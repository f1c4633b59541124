import { findLibrary } from "./c_library/find_library.ts";
import { type BackendName, BACKENDS, NO_ADAPTER } from "./open_backend.ts";

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
 * It starts a process: to ask a graphics driver is not safe in a process that may open TensorFlow.
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
  const hasAdapter = await hasGraphicsAdapter();
  const problems: Partial<Record<BackendName, string | null>> = {
    tensorflow: missingLibrary(),
    webgpu: hasAdapter ? null : NO_ADAPTER,
  };
  return BACKENDS.map((name) => ({ name, problem: problems[name] ?? null }));
}

/**
 * Asked in a process of its own: a driver brings its own LLVM, and TensorFlow, which has one too, crashes
 * if it is opened in the same process afterwards.
 */
async function hasGraphicsAdapter(): Promise<boolean> {
  const code = "Deno.exit(await navigator.gpu?.requestAdapter() ? 0 : 1)";
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-config", "--no-lock", code],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).output();
  return success;
}

function missingLibrary(): string | null {
  try {
    findLibrary();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
