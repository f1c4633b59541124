/**
 * What holds for the rooms, which are the folders of `lib`: each rule takes all files, and gives one
 * line for each breach.
 *
 * @module
 */
import { type Files, matching, resolveFrom } from "./files.ts";
import { type PublicName, publicNames, usesOf } from "./public_names.ts";
import { RANKS } from "./ranks.ts";

/** The rooms that have files. */
function roomsOf(files: Files): string[] {
  const paths = matching(files, /^lib\/[^/]+\//).map(([path]) => path);
  return [...new Set(paths.map((path) => path.split("/")[1] ?? ""))];
}

/** Each room has a rank, a mod.ts that lists what is public, and tests; so has each folder in it. */
export function roomBreaches(files: Files): string[] {
  const roots = matching(files, /^lib\/[^/]+$/)
    .map(([path]) => `${path}: expected a room of lib, and no file beside these`);
  const inner = matching(files, /^lib\/[^/]+\/.+\/mod\.ts$/)
    .map(([path]) => `${path}: expected the room's own mod.ts alone`);
  const folders = matching(files, /^lib\/[^/]+\//).map(([path]) => path.replace(/\/[^/]+$/, ""));
  const untested = [...new Set(folders)].flatMap((folder) => {
    const mirror = `tests/${folder.slice("lib/".length)}`,
      isTest = RegExp(`^${mirror}/.*_test\\.ts$`);
    return matching(files, isTest).length > 0 ? [] : [`${folder}: expected tests in ${mirror}`];
  });
  return [
    ...roots,
    ...inner,
    ...untested,
    ...roomsOf(files).flatMap((room) => moduleBreaches(room, files)),
  ];
}

function moduleBreaches(room: string, files: Files): string[] {
  const path = `lib/${room}/mod.ts`, text = files.get(path), breaches: string[] = [];
  if (text === undefined) return [`${path}: expected this file`];
  if (!text.includes("@module")) breaches.push(`${path}: expected a comment with @module`);
  const rank = `Rank ${RANKS.get(room) ?? "of tools/ranks.ts"}:`;
  if (!text.includes(rank)) breaches.push(`${path}: expected "${rank}" in its comment`);
  const code = text.replace(/\/\*[^]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const others = code.replace(/^export (?:type )?\{[^}]*\} from "[^"]+";$/gm, "").trim();
  if (others !== "") breaches.push(`${path}: expected exports by name alone, got ${others}`);
  return breaches;
}

/** ARCHITECTURE.md's table, the ranks and the folders of lib name the same rooms. */
export function rankBreaches(files: Files, ranks: ReadonlyMap<string, number> = RANKS): string[] {
  const rows = files.get("ARCHITECTURE.md")?.matchAll(/^\| *(\d+) *\| *`lib\/(\w+)` /gm) ?? [];
  const drawn = new Map([...rows].map(([, rank = "", room = ""]) => [room, Number(rank)]));
  const rooms = roomsOf(files);
  return [...new Set([...ranks.keys(), ...drawn.keys(), ...rooms])].flatMap((room) => {
    const rank = ranks.get(room), breaches: string[] = [];
    if (!rooms.includes(room)) breaches.push(`lib/${room}: expected a folder, or no rank`);
    if (rank === undefined) breaches.push(`lib/${room}: expected a rank in tools/ranks.ts`);
    if (drawn.get(room) !== rank) {
      breaches.push(`ARCHITECTURE.md: expected lib/${room} in its table, with rank ${rank}`);
    }
    return breaches;
  });
}

/** Below this line of a mod.ts stands what no other room uses and a program of a reader's may. */
const FOR_PROGRAMS = "// For your own programs:";

/** What a room makes public is used outside of it, or stands in the part for a reader's programs. */
export function unusedExports(files: Files): string[] {
  return roomsOf(files).flatMap((room) => {
    const path = `lib/${room}/mod.ts`, text = files.get(path) ?? "";
    const [forRooms = "", forPrograms = ""] = text.split(FOR_PROGRAMS);
    const used = usesOf(room, files), isUsed = ({ name }: PublicName) => used.has(name);
    const values = (part: string) => publicNames(part).filter(({ isType }) => !isType);
    return [
      ...values(forRooms).filter((one) => !isUsed(one)).map(({ name }) =>
        `${path}: expected a use of ${name} outside the room, or its place below "${FOR_PROGRAMS}"`
      ),
      ...values(forPrograms).filter(isUsed).map(({ name }) =>
        `${path}: expected ${name} above "${FOR_PROGRAMS}", since it is used`
      ),
    ];
  });
}

/** Each function and class that a room makes public has a running example, or a test that names it. */
export function untestedExports(files: Files): string[] {
  const tests = matching(files, /^tests\/.*_test\.ts$/).map(([, text]) => text).join("\n");
  const words = new Set(tests.match(/\w+/g));
  return roomsOf(files).flatMap((room) =>
    publicNames(files.get(`lib/${room}/mod.ts`) ?? "").flatMap(({ name, source, isType }) => {
      const path = `lib/${room}/${source.replace(/^\.\//, "")}`, text = files.get(path);
      if (isType || text === undefined || words.has(name)) return [];
      const declaration = RegExp(`^export (?:async )?(?:function\\*?|class) ${name}\\b`, "m").exec(
        text,
      );
      if (declaration === null) return [];
      const comment = text.slice(text.lastIndexOf("/**", declaration.index), declaration.index);
      if (/```ts[^]*```\s*\*\/\s*$/.test(comment)) return [];
      return [`${path}: expected an example, or a test that names ${name}`];
    })
  );
}

/** No two files of lib import each other's values, directly or in a circle. */
export function importCycles(files: Files): string[] {
  const edges = matching(files, /^lib\/.*\.ts$/).map(([path, text]) =>
    [path, importsOf(path, text.replace(/^(?:import|export) type\b.*$/gm, ""))] as const
  );
  return cyclesOf(new Map(edges));
}

/** No two folders of a room import each other, directly or in a circle; its mod.ts may all of them. */
export function folderCycles(files: Files): string[] {
  const edges = new Map<string, string[]>();
  for (const [path, text] of matching(files, /^lib\/.*\.ts$/)) {
    const folder = folderOf(path), room = path.split("/")[1];
    if (path === `lib/${room}/mod.ts`) continue;
    const targets = importsOf(path, text).filter((target) => target.startsWith(`lib/${room}/`))
      .map(folderOf).filter((target) => target !== folder);
    edges.set(folder, [...edges.get(folder) ?? [], ...targets]);
  }
  return cyclesOf(edges);
}

function folderOf(path: string): string {
  return path.replace(/\/[^/]+$/, "");
}

function cyclesOf(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const finished = new Set<string>(), cycles: string[] = [];
  const visit = (node: string, trail: readonly string[]) => {
    if (trail.includes(node)) {
      cycles.push([...trail.slice(trail.indexOf(node)), node].join(" -> "));
    } else if (!finished.has(node)) {
      for (const next of edges.get(node) ?? []) visit(next, [...trail, node]);
      finished.add(node);
    }
  };
  for (const node of edges.keys()) visit(node, []);
  return cycles;
}

function importsOf(path: string, text: string): string[] {
  const imports = text.matchAll(/^(?:import|export)\s+[^;"]*?"((?:\.{1,2}|lib)\/[^"]+)"/gm);
  return [...imports].map(([, specifier = ""]) =>
    specifier.startsWith("lib/") ? specifier : resolveFrom(path, specifier)
  );
}
