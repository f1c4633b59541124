import type { SystemSymbols } from "./signatures.ts";

/** SIGTERM's number on Linux and macOS. */
const SIGTERM = 15;

/** More than the size of `struct sigaction` on any system. */
const SIGACTION_BYTES = 512;

/**
 * Does work that replaces the handler of SIGTERM, and then restores the former handler.
 *
 * TensorFlow's coordination service handles SIGTERM, because clouds send it before they take a
 * machine away. Its handler would replace Deno's, which Deno installs only once. So a process that
 * is asked to end would run for ever.
 *
 * @param system The C library.
 * @param work What replaces the handler.
 * @returns What `work` gives.
 */
export async function keepSignalHandler<T>(
  system: SystemSymbols,
  work: () => Promise<T>,
): Promise<T> {
  const { sigaction } = system;
  if (!sigaction) return await work(); // Windows does not send SIGTERM
  const noListener = () => {};
  Deno.addSignalListener("SIGTERM", noListener); // makes Deno install its handler
  const former = new Uint8Array(SIGACTION_BYTES);
  sigaction(SIGTERM, null, former);
  try {
    return await work();
  } finally {
    sigaction(SIGTERM, former, null);
    Deno.removeSignalListener("SIGTERM", noListener);
  }
}
