import type { RestoredCell } from "./restore_checks.ts";

/** Patterns of code that no exercise asks for, and what such code does. */
const SIGNS: readonly (readonly [pattern: RegExp, does: string])[] = [
  [
    /\bDeno\s*\.\s*exit\b|\bprocess\s*\.\s*(exit|abort|kill)\b|\bDeno\s*\.\s*kill\b/,
    "ends the process",
  ],
  [/\bDeno\s*\.\s*Command\b|child_process/, "starts other programs"],
  [
    /\bfetch\s*\(|\bDeno\s*\.\s*(connect|listen|resolveDns)\b|\bWebSocket\b|node:(net|http)/,
    "uses the network",
  ],
  [/\bDeno\s*\.\s*dlopen\b|\bUnsafePointer/, "opens native code"],
  [/\/proc\/|\/etc\/|\/exchange|\.\.\/\.\.|\/root\b/, "names files outside of the course"],
  [/\bnotebooks?\/solutions\b|solutions\/|\/exercises\/|notebook\.ts\b/, "names the solutions"],
  [/results\.json|grades\.(csv|json)|gradebook|submissions?\//, "names the grader's files"],
  [/["']course\/check\.ts["']|lib\/(remote|classroom)\//, "reaches for the checks"],
  [
    /\b(Object|Array|Function|String|Number|Map|Set|Promise|Symbol|Math|JSON|Reflect)\s*(\.\s*prototype\s*(\.\s*\w+|\[[^\]]+\])|\.\s*\w+)\s*=(?!=)/,
    "changes what is built in",
  ],
  [
    /\bObject\s*\.\s*(defineProperty|assign)\s*\(\s*(\w+\.prototype|globalThis|library|Math|JSON|console)\b/,
    "changes what is built in",
  ],
  [
    /\b(check|expectSame|expectThat|CheckError)\s*=(?!=|>)|function\s+(check|expectSame|expectThat)\b|const\s+(check|expectSame|expectThat)\b/,
    "replaces the checks",
  ],
  [/\bimport\s*\(\s*["'`][^"'`]*\?/, "loads a module of the course a second time"],
  [/console\s*\.\s*(log|info)\s*\(\s*["'`]\s*(\\x1b\[\d+m)?OK\b/, "prints what a check prints"],
  [/\bnew\s+Worker\b/, "starts a worker"],
];

/**
 * Lists code that may be an attempt to get around the checks or out of the sandbox. A person should look
 * at it; it does not prove anything.
 *
 * @param cells The cells as they run.
 * @param given The text of each cell as it was given out.
 *
 * @example
 * ```ts
 * import { attemptsIn } from "lib/classroom/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * const cell = { type: "code", id: "extra-1", source: "Deno.exit(0);", role: "extra" } as const;
 * assertEquals(attemptsIn([cell], new Map()), ['cell "extra-1" ends the process: Deno.exit']);
 * ```
 */
export function attemptsIn(
  cells: readonly RestoredCell[],
  given: ReadonlyMap<string, string>,
): string[] {
  return cells.flatMap(({ type, id, source, role }) => {
    if (type !== "code" || role === "check" || given.get(id) === source) return [];
    const code = source.replaceAll(/\/\*[^]*?\*\/|(?<!:)\/\/.*/g, "");
    const known = given.get(id) ?? "";
    return SIGNS.flatMap(([pattern, does]) => {
      const found = pattern.exec(code)?.[0];
      if (found === undefined || pattern.test(known)) return [];
      return [`cell "${id}" ${does}: ${found.replaceAll(/\s+/g, " ").trim()}`];
    });
  });
}
