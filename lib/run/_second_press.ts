/**
 * A worker that ends the process at the second press of Ctrl-C, even while the main thread is
 * within a call that takes seconds, such as a compilation.
 *
 * One press may come as two signals: a terminal sends SIGINT to all processes in front, and
 * `deno task` passes its own on, half a millisecond later. Only this worker knows when a signal arrives:
 * the main thread sees it between two steps, which may be long after the next one arrived.
 *
 * @module
 */
import { onSignal, systemOf } from "lib/core/mod.ts";

/** Signals that come within this time are one press of Ctrl-C. */
const SAME_PRESS_MS = 200;

const { cLibrary, stopSignals } = systemOf();
const { symbols: libc } = Deno.dlopen(cLibrary, {
  _exit: { parameters: ["i32"], result: "void" },
});

let firstAt: number | undefined;
for (const [name, code] of stopSignals) {
  onSignal(name, () => {
    firstAt ??= performance.now();
    // Here Deno.exit() would end the worker alone.
    if (performance.now() - firstAt >= SAME_PRESS_MS) libc._exit(code);
  });
}
