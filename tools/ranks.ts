/**
 * The rank of each room, which is a folder of `lib`: a room imports only rooms of lower rank, or
 * itself. Folders inside a room have no rank of their own.
 *
 * @module
 */
import { resolveFrom } from "./files.ts";

/** Room of `lib` to its rank, as ARCHITECTURE.md has them. */
export const RANKS: ReadonlyMap<string, number> = new Map([
  ["core", 0],
  ["tensor", 1],
  ["analysis", 1],
  ["data", 1],
  ["tokenizer", 1],
  ["schedule", 1],
  ["log", 1],
  ["plot", 1],
  ["backend", 2],
  ["model", 2],
  ["optimizer", 2],
  ["checkpoint", 2],
  ["train", 3],
  ["run", 4],
  ["explore", 5],
  ["experiment", 5],
  ["distributed", 5],
  ["notebook", 6],
  ["grade", 6],
  ["authoring", 7],
  ["remote", 7],
  ["classroom", 8],
]);

/** Whether a folder's files may import TensorFlow.js: what stays below runs in milliseconds. */
export function mayUseTensorFlow(folder: string): boolean {
  return folder === "tensor" || (RANKS.get(folder) ?? 0) >= 2;
}

/**
 * Says what is wrong with one import, if anything.
 *
 * @param file The importing file, from the root: `lib/model/linear.ts`.
 * @param specifier As written: `./gelu.ts`, `lib/core/mod.ts`, `zod`.
 * @returns The rule that is broken, or nothing.
 */
export function brokenLayer(file: string, specifier: string): string | undefined {
  const target = toPath(file, specifier);
  const from = file.split("/"), to = target?.split("/") ?? [];
  if (to[0] === "lib") return brokenLibImport(from, to, specifier);
  if (from[0] !== "lib") return undefined;
  if (target !== undefined) return "expected lib to import only lib and packages";
  const folder = from[1] ?? "";
  if (!specifier.startsWith("@tensorflow/") || mayUseTensorFlow(folder)) return undefined;
  return `expected no TensorFlow.js in ${folder}: its tests run in milliseconds`;
}

function brokenLibImport(from: string[], to: string[], specifier: string): string | undefined {
  const folder = from[1] ?? "", target = to[1] ?? "", name = to.slice(2).join("/");
  const isOwn = from[0] === "lib" && folder === target;
  if (isOwn) {
    if (name === "mod.ts") return "expected the file itself, not the room's own mod.ts";
    return specifier.startsWith(".") ? undefined : `expected "${relative(from, to)}" inside a room`;
  }
  // A test may look into the room that it mirrors: what is not public needs tests too.
  const isMirror = from[0] === "tests" && folder === target;
  if (isMirror && specifier.startsWith("lib/")) return undefined;
  if (specifier !== `lib/${target}/mod.ts`) return `expected "lib/${target}/mod.ts"`;
  return from[0] === "lib" ? brokenRank(folder, target) : undefined;
}

/** How a file of a room names another one. */
function relative(from: string[], to: string[]): string {
  const shared = from.findIndex((part, place) => part !== to[place]);
  const up = "../".repeat(from.length - shared - 1) || "./";
  return up + to.slice(shared).join("/");
}

function brokenRank(folder: string, target: string): string | undefined {
  const rank = RANKS.get(folder), other = RANKS.get(target);
  if (rank === undefined) return `expected a rank of ${folder} in tools/ranks.ts`;
  if (other === undefined) return `expected a rank of ${target} in tools/ranks.ts`;
  if (other < rank) return undefined;
  return `expected a folder below rank ${rank}, got ${target} of rank ${other}`;
}

/** The path from the root that a specifier means, or nothing for packages. */
function toPath(file: string, specifier: string): string | undefined {
  if (specifier.startsWith("lib/")) return specifier;
  if (!/^\.{1,2}\//.test(specifier)) return undefined;
  return resolveFrom(file, specifier);
}
