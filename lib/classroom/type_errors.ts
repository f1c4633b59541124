/** A type error in a notebook. */
export interface TypeErrorInCell {
  /** The cell's id. */
  readonly cell: string;
  /** The line in the cell, counted from 1. */
  readonly line: number;
  /** What TypeScript says. */
  readonly message: string;
}

/** A kernel lets a cell declare a name again: TypeScript's codes for that are no errors in a notebook. */
const DECLARED_TWICE = new Set(["TS2451", "TS2300", "TS2393", "TS2440"]);

/**
 * Finds the type errors of a notebook's code, which its kernel does not look for.
 *
 * @param cells The code cells in order.
 * @param path Where the code may stand as a module while it is checked, inside of the project.
 */
export async function typeErrorsIn(
  cells: readonly { readonly id: string; readonly source: string }[],
  path: string,
): Promise<TypeErrorInCell[]> {
  const lines = cells.flatMap(({ id, source }) =>
    source.split("\n").map((text, i) => ({ id, text, line: i + 1 }))
  );
  // A module: a name that only a cell uses is none of the others' business.
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

/** Reads what `deno check` says: the code and the message, some code, then the place. */
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
