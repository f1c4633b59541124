/**
 * What holds for the repository as a whole and no single file shows: each rule takes all files,
 * and gives one line for each breach.
 *
 * @module
 */
import { type Files, matching, resolveFrom } from "./files.ts";

/** The shape of the repository's configuration that the rules read. */
interface DenoConfig {
  imports: Record<string, string>;
  tasks: Record<string, { description?: string; command: string }>;
}

function configOf(files: Files): DenoConfig {
  // Written by us: a missing property would end the rule with an error, which is a breach too.
  return JSON.parse(files.get("deno.json") ?? "{}") as DenoConfig;
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
  return matching(files, /^requirements[\w-]*\.txt$/).flatMap(([path, text]) => {
    const entries = text.replaceAll("\\\n", " ").split("\n").filter((line) =>
      !/^(#|\s*$)/.test(line)
    );
    return entries.filter((entry) => !/^[\w.-]+==\S+ .*--hash=sha256:[0-9a-f]{64}/.test(entry))
      .map((entry) => `${path}: expected name==version and hashes, got ${entry.trim()}`);
  });
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
      target: resolveFrom(path, decodeURIComponent(link)),
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
