/** Deep enough to reach from an op, through TensorFlow.js's scopes, to the code that called it. */
const FRAMES = 100;

/** Code that is not the caller's: this room, and packages. */
const FOREIGN = [new URL("..", import.meta.url).href, "/node_modules/", "ext:", "node:"];

/**
 * A package in Deno's own cache, in the folder of its registry; Deno uses the cache if there is no
 * `node_modules`.
 */
const CACHED_PACKAGE = /\/npm\/[\w-]+(?:\.[\w-]+)+\//;

/** Runs `work` with stack traces that are long enough to contain the caller's code. */
export function withDeepStacks<T>(work: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = FRAMES;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** The place in the code that called this library, as {@linkcode placeIn} gives it. */
export function callerPlace(): string {
  const here = { stack: "" };
  withDeepStacks(() => Error.captureStackTrace(here));
  return placeIn(here.stack);
}

/**
 * The place of the caller's code in a stack, as in " at file:///course/step.ts:12:5": the innermost
 * frame that belongs neither to this room nor to a package; empty if there is none.
 */
export function placeIn(stack: string): string {
  for (const line of stack.split("\n").slice(1)) {
    const place = /(?:\(|at (?:async )?)([^\s()]+:\d+:\d+)\)?$/.exec(line)?.[1];
    if (place === undefined || CACHED_PACKAGE.test(place)) continue;
    if (FOREIGN.some((part) => place.includes(part))) continue;
    return ` at ${place}`;
  }
  return "";
}
