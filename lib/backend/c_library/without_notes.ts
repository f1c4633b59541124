import { systemOf } from "lib/core/mod.ts";
import { cString } from "./c_string.ts";
import type { SystemSymbols } from "./signatures.ts";
import { hasAvxOnWindows } from "./windows_libraries.ts";

const STDERR = 2;
/** `O_WRONLY`, the same on every system. */
const WRITE_ONLY = 1;

/**
 * Runs `load` with the process's stderr turned off, if `TF_CPP_MIN_LOG_LEVEL` hides notes.
 *
 * TensorFlow's library writes a note while it loads, before it can be told not to: on most newer
 * processors, every run would begin with the note that oneDNN's kernels are on. An error while
 * loading stays visible, because `dlerror` gives it. But on a processor without AVX the library
 * ends the process with the reason on stderr, so stderr stays on there.
 *
 * @param system The C library.
 * @param load Loads the library.
 */
export function withoutNotes(system: SystemSymbols, load: () => void): void {
  const hidesNotes = Number(Deno.env.get("TF_CPP_MIN_LOG_LEVEL")) > 0 && isProcessorFit();
  const kept = hidesNotes ? system.dup(STDERR) : -1;
  const nowhere = kept < 0 ? -1 : system.open(cString(systemOf().nowhere), WRITE_ONLY);
  if (nowhere >= 0) system.dup2(nowhere, STDERR);
  try {
    load();
  } finally {
    if (nowhere >= 0) system.dup2(kept, STDERR);
    for (const file of [kept, nowhere]) if (file >= 0) system.close(file);
  }
}

function isProcessorFit(): boolean {
  if (Deno.build.arch !== "x86_64") return true;
  if (systemOf().name === "windows") return hasAvxOnWindows();
  try {
    return /\bavx\b/.test(Deno.readTextFileSync("/proc/cpuinfo"));
  } catch {
    return false; // unknown processor: hide nothing
  }
}
