/**
 * Checks with `deno doc --lint` that every export of lib has a doc comment.
 *
 * @module
 */
import { readSources } from "../tools/source_files.ts";

const ROOT = new URL("..", import.meta.url);

/**
 * Lists what `deno doc --lint` finds in lib.
 *
 * @param sources Text of each file of lib by its path from the root.
 */
export function lintDocs(sources: ReadonlyMap<string, string>): string[] {
  const modules = [...sources.keys()].filter((path) => /^lib\/\w+\/mod\.ts$/.test(path));
  const { code, stderr } = new Deno.Command(Deno.execPath(), {
    args: ["doc", "--lint", ...modules],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
    stdout: "null",
  }).outputSync();
  const text = new TextDecoder().decode(stderr);
  const findings = splitFindings(text);
  // Without this, another failure, such as a missing file, would look like no finding.
  if (code !== 0 && findings.length === 0) return [text];
  return findings.filter((finding) => isOwn(finding, sources));
}

/** Cuts the output of `deno doc --lint` into its findings. */
export function splitFindings(text: string): string[] {
  const blocks = text.split(/^(?=error)/m).filter((block) => block.startsWith("error["));
  return blocks.map((block) => block.trimEnd());
}

/**
 * Whether a finding is a fault of ours. Two kinds are not: Deno takes a package's type, such as
 * `tf.Tensor`, for a private type of ours; and a zod schema must not have a type written by hand,
 * since the type of the settings is inferred from it.
 */
export function isOwn(finding: string, sources: ReadonlyMap<string, string>): boolean {
  const isSchema = /^export const \w+Schema = z\./m.test(finding.replace(/^ *\d+ \| /gm, ""));
  if (finding.startsWith("error[missing-explicit-type]") && isSchema) return false;
  const name = /^error\[private-type-ref\].* references private type '(\w+)'/.exec(finding)?.[1];
  if (name === undefined) return true;
  const declaration = new RegExp(`\\b(class|enum|interface|type) ${name}\\b`);
  return [...sources].some(([path, text]) => path.startsWith("lib/") && declaration.test(text));
}

if (import.meta.main) {
  const findings = lintDocs(readSources(ROOT, [".ts"]));
  console.log(findings.join("\n\n") || "every export is documented");
  Deno.exit(findings.length === 0 ? 0 : 1);
}
