/**
 * The command line of a task: flags and words. A wrong command line ends it with exit code 2.
 *
 * @module
 */
import { ConfigError, describeError, explainFile, parseFlags, plain } from "lib/core/mod.ts";

/** Paths are longer than other words, in letters. */
const LONGEST_WORD = 500;

/**
 * Reads flags, and the words that are not flags; a flag's value follows it after `=` or a space.
 * With `--help`, it prints the comment at the head of the program and ends the program.
 */
export function readCommandLine<Name extends string>(
  kinds: Readonly<Record<Name, "string" | "boolean">>,
  args: readonly string[] = Deno.args,
): { flags: Readonly<Partial<Record<Name, string | boolean>>>; words: string[] } {
  if (!("help" in kinds) && args.some((arg) => arg === "--help" || arg === "-h")) {
    tellUsage();
  }
  // Both casts: `parseFlags()` returns exactly the names of the kinds, but its types do not say so.
  const takesText = (arg: string | undefined) =>
    arg?.startsWith("--") === true && kinds[arg.slice(2) as Name] === "string";
  const isWord = (arg: string, i: number) => !arg.startsWith("-") && !takesText(args[i - 1]);
  try {
    const { extra } = parseFlags([], args.filter((arg, i) => !isWord(arg, i)), kinds);
    return { flags: extra as Partial<Record<Name, string | boolean>>, words: args.filter(isWord) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return refuse(error.message);
  }
}

/** The text of the first doc comment of a program, which says how it is used. */
function headComment(source: string): string {
  const [, text = ""] = /^\/\*\*(.*?)\*\//s.exec(source) ?? [];
  const lines = text.split("\n").map((line) => line.replace(/^ \* ?/, ""));
  return lines.slice(0, lines.findIndex((line) => line.startsWith("@module"))).join("\n").trim();
}

/** Prints the comment at the head of the program, and ends it. */
export function tellUsage(): never {
  print(headComment(Deno.readTextFileSync(new URL(Deno.mainModule))));
  Deno.exit(0);
}

/** Says what is wrong with the command line, and ends the program. */
export function refuse(message: string): never {
  console.error(message.replace(/\S+/g, legible));
  Deno.exit(2);
}

/** A word of a message that may come from the command line: no control characters, and not long. */
function legible(word: string): string {
  if (word.length > LONGEST_WORD) return plain(word);
  return Array.from(word).map(plain).join("");
}

/**
 * Runs a main function that returns the exit code (default 0). An error ends the program with a
 * message for the user and the matching exit code.
 */
export async function runMain(
  main: () => number | void | Promise<number | void>,
): Promise<never> {
  try {
    Deno.exit(await main() ?? 0);
  } catch (error) {
    const { message, exitCode } = describeError(error);
    try {
      Deno.stderr.writeSync(new TextEncoder().encode(`${message}\n`));
    } catch {
      // The exit code still tells of the failure.
    }
    Deno.exit(exitCode);
  }
}

/** Writes a line; unlike `console.log`, it throws an error of the stream. */
export function print(line: string): void {
  const bytes = new TextEncoder().encode(`${line}\n`);
  explainFile("write to the standard output", () => {
    for (let done = 0; done < bytes.length;) done += Deno.stdout.writeSync(bytes.subarray(done));
  });
}
