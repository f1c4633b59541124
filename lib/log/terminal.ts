import { explainFile } from "lib/core/mod.ts";
import type { ProgressOptions } from "./progress.ts";

/** A stream that a progress line can be shown on: `Deno.stdout` or `Deno.stderr`. */
export interface TerminalStream {
  /** Whether it is a terminal, and not a file or a pipe. */
  isTerminal(): boolean;
  /** Writes some of the bytes, and returns how many. */
  writeSync(bytes: Uint8Array): number;
}

/**
 * The options of {@linkcode createProgress} that depend on where the line is shown.
 *
 * Colours are used on a terminal, unless the environment has `NO_COLOR` (https://no-color.org) or
 * `TERM=dumb`.
 *
 * @param stream Where to write, for example `Deno.stderr`.
 * @returns The way to write, whether it is a terminal, its width, and whether to use colours;
 *   `write` throws a {@linkcode FileError} if the reader has closed the pipe, as `| head -1` does.
 *
 * @example
 * ```ts
 * import { createProgress, terminal } from "lib/log/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const stream = { isTerminal: () => false, writeSync: (bytes: Uint8Array) => bytes.length };
 * assertEquals(terminal(stream).color, false);
 * createProgress({ total: 846, ...terminal(stream) }).finish();
 * ```
 */
export function terminal(
  stream: TerminalStream,
): Required<Pick<ProgressOptions, "write" | "isTerminal" | "columns" | "color">> {
  const isTerminal = stream.isTerminal();
  return {
    isTerminal,
    color: isTerminal && !Deno.noColor && Deno.env.get("TERM") !== "dumb",
    // Read each time, because a window can be resized; a terminal that does not know its width
    // gives 0.
    columns: () => (isTerminal ? windowColumns() : 0) || 80,
    write: (text) => {
      const bytes = new TextEncoder().encode(text);
      explainFile(`write to ${nameOf(stream)}`, () => {
        for (let done = 0; done < bytes.length;) done += stream.writeSync(bytes.subarray(done));
      });
    },
  };
}

/** The width in characters; 0 if there is no window any more. */
function windowColumns(): number {
  try {
    return Deno.consoleSize().columns;
  } catch {
    return 0;
  }
}

function nameOf(stream: TerminalStream): string {
  if (stream === Deno.stderr) return "the standard error";
  return stream === Deno.stdout ? "the standard output" : "the terminal";
}
