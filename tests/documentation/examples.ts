/**
 * Finds the examples in doc comments and Markdown pages.
 *
 * @module
 */

/** A code block that `deno test --doc` would run. */
export interface Example {
  /** The file, and the lines of the two fences. */
  readonly name: string;
  readonly code: string;
}

/** Only these languages run; Deno passes over a block that says `ignore` after the language. */
const OPENING = /^```(?:ts|typescript|js|javascript)\s*$/;

/**
 * Lists the examples of a file in their order.
 *
 * @param path Path of the file from the root, for the names; `.md` is a page, all else is code.
 * @param text Its text.
 */
export function examplesIn(path: string, text: string): Example[] {
  const lines = path.endsWith(".md") ? text.split("\n") : commentLines(text);
  const examples: Example[] = [];
  let begin: number | undefined;
  for (const [i, line] of lines.entries()) {
    if (begin === undefined) {
      if (OPENING.test(line)) begin = i;
    } else if (line === "```") {
      examples.push({
        name: `${path}#${begin + 1}-${i + 1}.ts`,
        code: lines.slice(begin + 1, i).join("\n"),
      });
      begin = undefined;
    }
  }
  return examples;
}

/** The lines of doc comments without their stars; every other line of the code is empty. */
function commentLines(text: string): string[] {
  let isInside = false;
  return text.split("\n").map((line) => {
    if (/^\s*\/\*\*/.test(line)) isInside = true;
    const said = isInside ? line.replace(/^\s*(?:\/\*\*|\*(?!\/)) ?/, "") : "";
    if (line.includes("*/")) isInside = false;
    return said;
  });
}
