import type { SystemSymbols } from "./signatures.ts";

/** SIGTERM's number, on Linux and macOS alike. */
const SIGTERM = 15;

/** More than `struct sigaction` takes anywhere. */
const SIGACTION_BYTES = 512;

/**
 * Does work that takes SIGTERM's handler for itself, and puts the former one back.
 *
 * TensorFlow's coordination service listens for SIGTERM, as clouds send it before they take a machine
 * away. It would be the only one to hear of it: Deno installs its handler once and never again, so a
 * process that is asked to end would go on for ever.
 *
 * @param system The C library.
 * @param work What takes the handler.
 * @returns What `work` gives.
 */
export async function keepSignalHandler<T>(
  system: SystemSymbols,
  work: () => Promise<T>,
): Promise<T> {
  const { sigaction } = system;
  if (!sigaction) return await work(); // on Windows SIGTERM is sent to nobody
  const noListener = () => {};
  Deno.addSignalListener("SIGTERM", noListener); // from here on Deno's handler is installed
  const former = new Uint8Array(SIGACTION_BYTES);
  sigaction(SIGTERM, null, former);
  try {
    return await work();
  } finally {
    sigaction(SIGTERM, former, null);
    Deno.removeSignalListener("SIGTERM", noListener);
  }
}
