/**
 * The tests of tfjs-core that tfjs-node leaves out, read from its own runner.
 *
 * @param source The text of `src/run_tests.ts` of `@tensorflow/tfjs-node-gpu`.
 * @returns Parts of full test names: a test whose name contains one of them is left out.
 * @throws {SyntaxError} If the list, or a line of it, cannot be read.
 */
export function readIgnoreList(source: string): string[] {
  const [, body] = /const IGNORE_LIST: string\[\] = \[\n(.*?)\n\];/s.exec(source) ?? [];
  if (body === undefined) {
    throw new SyntaxError("Cannot read the ignore list: expected an array IGNORE_LIST, got none");
  }
  return body.split("\n").filter((line) => !/^\s*\/\//.test(line)).map((line) => {
    const [, name] = /^\s*'([^'\\]*)',\s*(?:\/\/.*)?$/.exec(line) ?? [];
    if (name === undefined) {
      throw new SyntaxError(
        `Cannot read the ignore list: expected a name in quotes, got "${line}"`,
      );
    }
    return name;
  });
}
