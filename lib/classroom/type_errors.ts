/** A type error in a notebook. */
export interface TypeErrorInCell {
  /** The cell's id. */
  readonly cell: string;
  /** The line in the cell, counted from 1. */
  readonly line: number;
  /** What TypeScript says. */
  readonly message: string;
}

/** TypeScript's errors for a name that is declared twice: in a notebook, cells may do that. */
const DECLARED_TWICE = new Set(["TS2451", "TS2300", "TS2393", "TS2440"]);

/**
 * Finds the type errors in a notebook's code; the kernel does not check types.
 *
 * @param cells The code cells in order.
 * @param path A file inside the project that may hold the code as a module during the check.
 */
export async function typeErrorsIn(
  cells: readonly { readonly id: string; readonly source: string }[],
  path: string,
): Promise<TypeErrorInCell[]> {
  const lines = cells.flatMap(({ id, source }) =>
    source.split("\n").map((text, i) => ({ id, text, line: i + 1 }))
  );
  // `export {}` makes the file a module, so that its names cannot clash with global ones.
  Deno.writeTextFileSync(path, [...lines.map(({ text }) => text), "export {};"].join("\n"));
  try {
    const { stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", path],
      env: { NO_COLOR: "1" },
      stdout: "null",
      stderr: "piped",
    }).output();
    return readErrors(new TextDecoder().decode(stderr), path).flatMap(({ line, message }) => {
      const place = lines[line - 1];
      return place === undefined ? [] : [{ cell: place.id, line: place.line, message }];
    });
  } finally {
    Deno.removeSync(path);
  }
}

/** Reads the output of `deno check`: an error code and a message, some source code, then the place. */
function readErrors(text: string, path: string): { line: number; message: string }[] {
  const parts = text.split(/^(?=(?:TS\d+ \[ERROR\]|error:) ?)/m);
  return parts.flatMap((part) => {
    const [, code = "", message = ""] = /^(TS\d+) \[ERROR\]: (.*)$/m.exec(part) ?? [];
    const place = new RegExp(`${RegExp.escape(path)}:(\\d+):\\d+`).exec(part)?.[1];
    if (place === undefined || DECLARED_TWICE.has(code)) return [];
    const first = part.split("\n")[0]?.replace(/^error: /, "") ?? "";
    return [{ line: Number(place), message: message === "" ? first : `${message} (${code})` }];
  });
}
