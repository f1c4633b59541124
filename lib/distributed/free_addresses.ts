/**
 * Finds ports of this machine that are free now, for ranks that will be started on it. Another
 * program may take a port before its rank does; the rank then reports it.
 *
 * @param count How many ports.
 * @returns As many different addresses, such as `127.0.0.1:40123`.
 *
 * @example
 * ```ts
 * import { freeAddresses } from "lib/distributed/mod.ts";
 * import { assertMatch } from "@std/assert";
 *
 * assertMatch(freeAddresses(2).join(" "), /^127\.0\.0\.1:\d+ 127\.0\.0\.1:\d+$/);
 * ```
 */
export function freeAddresses(count: number): string[] {
  // All are open at the same time, so that they differ.
  const listeners = Array.from(
    { length: count },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  return listeners.map((listener) => {
    const { port } = listener.addr as Deno.NetAddr; // it is a TCP listener
    listener.close();
    return `127.0.0.1:${port}`;
  });
}
