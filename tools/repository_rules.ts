/**
 * What holds for the repository as a whole and no single file shows: each rule takes all files,
 * and gives one line for each breach.
 *
 * @module
 */
import { RANKS } from "./ranks.ts";

/** The text of each file, by its path from the root. */
export type Files = ReadonlyMap<string, string>;

/** The shape of the repository's configuration that the rules read. */
interface DenoConfig {
  imports: Record<string, string>;
  tasks: Record<string, { description?: string; command: string }>;
}

function configOf(files: Files): DenoConfig {
  // Written by us: a missing property would end the rule with an error, which is a breach too.
  return JSON.parse(files.get("deno.json") ?? "{}") as DenoConfig;
}

function matching(files: Files, pattern: RegExp): [path: string, text: string][] {
  return [...files].filter(([path]) => pattern.test(path));
}

/** Each folder of lib has a rank, a mod.ts that says so and exports every public file, and tests. */
export function folderBreaches(files: Files): string[] {
  const paths = matching(files, /^lib\//).map(([path]) => path);
  const roots = paths.filter((path) => path.split("/").length === 2)
    .map((path) => `${path}: expected a folder of lib, and no file beside these`);
  const folders = new Set(paths.map((path) => path.split("/")[1] ?? ""));
  return [
    ...roots,
    ...[...folders].filter((name) => !name.includes(".")).flatMap((folder) => {
      const hasTests = [...files.keys()].some((path) =>
        path.startsWith(`tests/${folder}/`) && path.endsWith("_test.ts")
      );
      const untested = hasTests ? [] : [`lib/${folder}: expected tests in tests/${folder}`];
      return [...untested, ...moduleBreaches(folder, files)];
    }),
  ];
}

function moduleBreaches(folder: string, files: Files): string[] {
  const path = `lib/${folder}/mod.ts`, text = files.get(path), breaches: string[] = [];
  if (text === undefined) return [`${path}: expected this file`];
  if (!text.includes("@module")) breaches.push(`${path}: expected a comment with @module`);
  const rank = `Rank ${RANKS.get(folder) ?? "of tools/ranks.ts"}:`;
  if (!text.includes(rank)) breaches.push(`${path}: expected "${rank}" in its comment`);
  const own = matching(files, new RegExp(`^lib/${folder}/[^/]+\\.ts$`)).map(([name]) =>
    name.slice(`lib/${folder}/`.length)
  );
  for (const name of own.filter((name) => name !== "mod.ts")) {
    const isExported = text.includes(`"./${name}"`), isPrivate = name.startsWith("_");
    if (isExported === isPrivate) {
      breaches.push(`${path}: expected ${isPrivate ? "no " : ""}export of ./${name}`);
    }
  }
  return breaches;
}

/** Each function and class that lib exports has a running example, or a test that names it. */
export function untestedExports(files: Files): string[] {
  const tests = matching(files, /^tests\/.*_test\.ts$/).map(([, text]) => text).join("\n");
  const words = new Set(tests.match(/\w+/g));
  const exported = /^export (?:async )?(?:function\*?|class) (\w+)/gm;
  return matching(files, /^lib\/\w+\/[^_/][^/]*\.ts$/).flatMap(([path, text]) =>
    [...text.matchAll(exported)].filter(({ index, 1: name = "" }) => {
      const comment = text.slice(text.lastIndexOf("/**", index), index);
      return !words.has(name) && !/```ts[^]*```\s*\*\/\s*$/.test(comment);
    }).map(([, name]) => `${path}: expected an example, or a test that names ${name}`)
  );
}

/** No two files of lib import each other's values, directly or in a circle. */
export function importCycles(files: Files): string[] {
  const edges = new Map(
    matching(files, /^lib\/.*\.ts$/).map(([path, text]) => [path, importsOf(path, text)] as const),
  );
  const finished = new Set<string>(), cycles: string[] = [];
  const visit = (path: string, trail: readonly string[]) => {
    if (trail.includes(path)) {
      cycles.push([...trail.slice(trail.indexOf(path)), path].join(" -> "));
    } else if (!finished.has(path)) {
      for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
      finished.add(path);
    }
  };
  for (const path of edges.keys()) visit(path, []);
  return cycles;
}

function importsOf(path: string, text: string): string[] {
  const imports = text.matchAll(/^(?:import|export)\s+(?!type\b)[^;"]*?"((?:\.|lib)\/[^"]+)"/gm);
  return [...imports].map(([, specifier = ""]) =>
    specifier.startsWith("lib/")
      ? specifier
      : new URL(specifier, `file:///${path}`).pathname.slice(1)
  );
}

/** No file names a path of one machine, or the host of a registry. */
export function machineBreaches(files: Files): string[] {
  const path = /(?<![\w.-])\/(?:home|Users|root|work|tmp)\/[\w.-]+/;
  const host = /registry\.npmjs|pypi\.org|python[h]osted|jsr\.io|esm\.sh|unpkg\.com|js[d]elivr/;
  return [...files].flatMap(([name, text]) =>
    [path, host].flatMap((pattern) => pattern.exec(text)?.[0] ?? [])
      .map((found) => `${name}: expected nothing of one machine or registry, got ${found}`)
  );
}

/** Nothing is left to be done in a comment: what is to be done stands in an issue. */
export function leftovers(files: Files): string[] {
  return matching(files, /\.(ts|py|sh|md)$/).flatMap(([name, text]) =>
    text.split("\n").flatMap((line, i) =>
      /\b(TO\x44O|FIX\x4dE|X\x58X)\b/.test(line) ? [`${name}:${i + 1}: expected it done`] : []
    )
  );
}

/** Every Python package is pinned to one version and to its hashes, from no particular index. */
export function requirementBreaches(files: Files): string[] {
  const text = files.get("requirements.txt") ?? "";
  const entries = text.replaceAll("\\\n", " ").split("\n").filter((line) =>
    !/^(#|\s*$)/.test(line)
  );
  return entries.filter((entry) => !/^[\w.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}/.test(entry))
    .map((entry) => `requirements.txt: expected name==version and hashes, got ${entry.trim()}`);
}

/** Each task is described and runs a script that is there; prose names only tasks that exist. */
export function taskBreaches(files: Files): string[] {
  const { tasks } = configOf(files);
  const own = Object.entries(tasks).flatMap(([name, { description, command }]) => {
    const script = /\S+\.ts\b/.exec(command)?.[0];
    const breaches = description ? [] : [`deno.json: expected a description of task ${name}`];
    if (script === undefined || files.has(script)) return breaches;
    return [...breaches, `deno.json: expected ${script}, which task ${name} runs`];
  });
  const prose = matching(files, /\.(md|ts|ipynb)$/).flatMap(([path, text]) =>
    [...text.matchAll(/deno(?:w)? task ([a-z][\w-]*)/g)].map(([, name = ""]) => ({ path, name }))
  ).filter(({ name }) => !Object.hasOwn(tasks, name));
  return [
    ...own,
    ...prose.map(({ path, name }) => `${path}: expected a task of deno.json, got ${name}`),
  ];
}

/** The README is short, and what it and the other documents link to is there. */
export function documentBreaches(files: Files): string[] {
  const lines = files.get("README.md")?.trimEnd().split("\n").length;
  const isShort = lines !== undefined && lines < 120;
  const readme = isShort
    ? []
    : [`README.md: expected fewer than 120 lines, got ${lines ?? "none"}`];
  const links = matching(files, /\.md$/).flatMap(([path, text]) =>
    [...text.matchAll(/\]\((?!\w+:|#)([^)#\s]+)/g)].map(([, link = ""]) => ({
      path,
      target: decodeURIComponent(new URL(link, `file:///${path}`).pathname.slice(1)),
    }))
  );
  const isThere = (target: string) =>
    [...files.keys()].some((path) =>
      path === target || path.startsWith(`${target.replace(/\/$/, "")}/`)
    );
  const broken = links.filter(({ target }) => !isThere(target));
  return [...readme, ...broken.map(({ path, target }) => `${path}: expected the file ${target}`)];
}

/** Every entry of the import map is imported by some file. */
export function unusedImports(files: Files): string[] {
  const texts = matching(files, /\.ts$/).map(([, text]) => text);
  return Object.keys(configOf(files).imports).filter((name) => {
    const quoted = `"${name}${name.endsWith("/") ? "" : '"'}`;
    return !texts.some((text) => text.includes(quoted));
  }).map((name) => `deno.json: expected a file that imports ${name}`);
}
