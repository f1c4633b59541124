import { fileURLToPath } from "node:url";

const SCRIPT = fileURLToPath(new URL("../../train_toy.ts", import.meta.url));

/** Flags of a run of a few seconds: 24 steps of some milliseconds. */
export const TINY = "--examples 200 --hidden-size 16 --heads 2 --layers 1 --feed-forward-size 16 " +
  "--batch-size 15 --epochs 2 --warmup 3 --samples 4 --compile graph";

/** What a process of `train_toy.ts` has left. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** A process of `train_toy.ts` under way. */
export interface Training {
  readonly child: Deno.ChildProcess;
  /** Waits until the standard error holds a text; false if it ends before. */
  says(pattern: RegExp): Promise<boolean>;
  /** Waits for the end. */
  readonly ended: Promise<Ended>;
}

/**
 * Starts `train_toy.ts` in a process of its own.
 *
 * @param folder Where `runs/` and `checkpoints/` come to lie.
 * @param flags The command line, cut at blanks.
 * @param env What is added to the environment.
 */
export function startTraining(
  folder: string,
  flags: string,
  env: Readonly<Record<string, string>> = {},
): Training {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", SCRIPT, ...flags.split(" ").filter((flag) => flag !== "")],
    cwd: folder,
    env,
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stderr = new Gathered(child.stderr), stdout = new Gathered(child.stdout);
  const end = async (): Promise<Ended> => {
    const [{ code }, out, err] = await Promise.all([child.status, stdout.whole, stderr.whole]);
    return { code, out, err };
  };
  return { child, says: (pattern) => stderr.holds(pattern), ended: end() };
}

/** Runs `train_toy.ts` to its end. */
export function runTraining(folder: string, flags: string): Promise<Ended> {
  return startTraining(folder, flags).ended;
}

/** Runs `train_toy.ts` in a shell, with what stands before and after the command there. */
export async function trainInShell(
  folder: string,
  flags: string,
  { before = "", after = "" }: { readonly before?: string; readonly after?: string },
): Promise<Ended> {
  const script = `set -o pipefail; ${before} "$0" run -A --no-check "$1" ${flags} ${after}`;
  const { code, stdout, stderr } = await new Deno.Command("bash", {
    args: ["-c", script, Deno.execPath(), SCRIPT],
    cwd: folder,
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout), err: text(stderr) };
}

/** A stream's text as it comes. */
class Gathered {
  readonly whole: Promise<string>;
  #text = "";
  #isEnded = false;
  #onText = Promise.withResolvers<void>();

  constructor(stream: ReadableStream<Uint8Array>) {
    this.whole = this.#gather(stream);
  }

  async holds(pattern: RegExp): Promise<boolean> {
    while (!pattern.test(this.#text) && !this.#isEnded) await this.#onText.promise;
    return pattern.test(this.#text);
  }

  async #gather(stream: ReadableStream<Uint8Array>): Promise<string> {
    const decoder = new TextDecoder();
    for await (const bytes of stream) this.#add(decoder.decode(bytes, { stream: true }));
    this.#isEnded = true;
    this.#add("");
    return this.#text;
  }

  #add(text: string): void {
    this.#text += text;
    const { resolve } = this.#onText;
    this.#onText = Promise.withResolvers();
    resolve();
  }
}
