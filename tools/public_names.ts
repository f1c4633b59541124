/**
 * Which names a room makes public, and which of them the rest of the repository uses.
 *
 * @module
 */
import { type Files, matching } from "./files.ts";

/** A name that a mod.ts exports. */
export interface PublicName {
  readonly name: string;
  /** The file it comes from, as the mod.ts writes it. */
  readonly source: string;
  /** Whether it is no more than a type. */
  readonly isType: boolean;
}

/** Reads the exports of a mod.ts, all of them by name. */
export function publicNames(text: string): PublicName[] {
  const lists = text.matchAll(/^export (type )?\{([^}]*)\} from "([^"]+)";/gm);
  return [...lists].flatMap(([, type, names = "", source = ""]) =>
    namesOf(names).map((name) => ({
      name: name.replace(/^type /, "").replace(/^.* as /, ""),
      source,
      isType: type !== undefined || name.startsWith("type "),
    }))
  );
}

/** The names in braces, one by one. */
function namesOf(list: string): string[] {
  return list.split(",").map((name) => name.replaceAll("*", "").trim()).filter((name) =>
    name !== ""
  );
}

/**
 * The names of a room that are used outside: by another room, a test of another room, a notebook, a
 * script, a bench, or a document. The examples in the room's own comments do not count.
 */
export function usesOf(room: string, files: Files): ReadonlySet<string> {
  const inside = RegExp(`^(?!(?:lib|tests)/${room}/).*\\.(?:ts|md)$`), used = new Set<string>();
  for (const [, text] of matching(files, inside)) {
    for (const name of usedNames(text, `lib/${room}/mod.ts`)) used.add(name);
  }
  return used;
}

function usedNames(text: string, specifier: string): string[] {
  if (!text.includes(specifier)) return [];
  const from = `\\s+from\\s+"${specifier.replaceAll(".", "\\.")}"`;
  const lists = text.matchAll(
    RegExp(`\\b(?:import|export)\\s+(?:type\\s+)?\\{([^}]*)\\}${from}`, "g"),
  );
  const spaces = text.matchAll(RegExp(`\\bimport\\s+(?:type\\s+)?\\*\\s+as\\s+(\\w+)${from}`, "g"));
  const named = [...lists].flatMap(([, names = ""]) =>
    namesOf(names).map((name) => name.replace(/^type /, "").replace(/ as .*$/, ""))
  );
  const members = [...spaces].flatMap(([, space]) =>
    [...text.matchAll(RegExp(`\\b${space}\\.(\\w+)`, "g"))].map(([, name = ""]) => name)
  );
  // What is taken of a module that is loaded on the way cannot be told: any word may be.
  const words = text.includes(`import("${specifier}")`) ? text.match(/\w+/g) ?? [] : [];
  return [...named, ...members, ...words];
}
