import { fileURLToPath } from "node:url";

/** How {@linkcode runCode} starts its process. */
export interface CodeOptions {
  /** What is added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Flags of `deno run`. */
  readonly flags?: readonly string[];
  /** Its rights; default all. */
  readonly rights?: readonly string[];
}

/**
 * Runs code as a module of the project in a process of its own.
 *
 * @param code The module's text.
 * @param options Environment and flags.
 * @returns What the process leaves.
 */
export async function runCode(
  code: string,
  { env = {}, flags = [], rights = ["-A"] }: CodeOptions = {},
) {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", ...rights, "--no-check", ...flags, "--config", `${root}deno.json`, "-"],
    cwd: root,
    env: { ...env, NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(code));
  await writer.close();
  const { code: exitCode, stdout, stderr } = await child.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { exitCode, stdout: text(stdout), stderr: text(stderr) };
}
