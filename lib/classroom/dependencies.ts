/**
 * Lists the names that a cell declares or imports at its top level.
 *
 * @param source The cell's code.
 *
 * @example
 * ```ts
 * import { declaredNames } from "lib/classroom/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(declaredNames("const { a: b, c } = d, e = 1;\nfunction f() {}"), ["f", "b", "c", "e"]);
 * ```
 */
export function declaredNames(source: string): string[] {
  const blocks = source.matchAll(/^(?:async function|function|class|enum)\*? (\w+)/gm);
  const variables = source.matchAll(/^(?:const|let) (?:\{([^}]*)\}|\[([^\]]*)\]|(\w+))(.*)$/gm);
  const imports = source.matchAll(/^import (?:type )?([^"]+) from/gm);
  return [
    ...[...blocks].map(([, name = ""]) => name),
    ...[...variables].flatMap(([, members = "", items = "", name = "", rest = ""]) => [
      ...boundNames(`${members},${items},${name}`),
      // const a = 1, b = 2;
      ...[...rest.matchAll(/, (\w+) = /g)].map(([, other = ""]) => other),
    ]),
    ...[...imports].flatMap(([, names = ""]) => boundNames(names.replaceAll(/[{}]/g, ","))),
  ];
}

/** The names that a list declares, such as `train: trainSentences, validation` or `* as tf`. */
function boundNames(list: string): string[] {
  return list.split(",").flatMap((part) => part.match(/(\w+)\s*(?:=.*)?$/)?.[1] ?? []);
}

/**
 * Lists the words that may name a variable, without the words in comments and texts and without members.
 *
 * @param code A cell's code.
 *
 * @example
 * ```ts
 * import { usedWords } from "lib/classroom/mod.ts";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(usedWords('f(list.length, "g", ...rest) // h'), new Set(["f", "list", "rest"]));
 * ```
 */
export function usedWords(code: string): Set<string> {
  const bare = code.replaceAll(/\/\*[^]*?\*\/|\/\/.*|"(?:[^"\\\n]|\\.)*"/g, " ");
  return new Set(bare.match(/(?<![\w$]|(?<!\.\.)\.\s*)[A-Za-z_$][\w$]*/g));
}

/**
 * Finds the cells that others depend on: those that declare the names they use, directly or indirectly.
 *
 * @param wanted The cells that are needed anyway.
 * @param cells All cells, in order.
 * @returns The wanted cells and the cells that they depend on.
 */
export function withDependencies<Cell extends { readonly source: string }>(
  wanted: readonly Cell[],
  cells: readonly Cell[],
): ReadonlySet<Cell> {
  const owners = cells.map((cell) => ({ cell, names: declaredNames(cell.source) }));
  const found = new Set<Cell>(), queue = [...wanted];
  for (let cell = queue.pop(); cell !== undefined; cell = queue.pop()) {
    if (found.has(cell)) continue;
    found.add(cell);
    const words = usedWords(cell.source);
    for (const owner of owners) {
      if (owner.names.some((name) => words.has(name))) queue.push(owner.cell);
    }
  }
  return found;
}
