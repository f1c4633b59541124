import { fileURLToPath } from "node:url";
import { useBackend } from "lib/backend/mod.ts";
import { judge } from "lib/grade/mod.ts";
import { fileChannel, Peer, remoteAnswer } from "lib/remote/mod.ts";
import { loadExercise } from "../../course/check.ts";
import { ROOT } from "lib/authoring/mod.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";

/**
 * Judges the reference, every known mistake and every style of exercises twice, once here and once in
 * another process, and lists where the two differ.
 *
 * @param names The exercises.
 * @param chosen Which of an exercise's answers, by their place; default all.
 */
export async function differentVerdicts(
  names: readonly string[],
  chosen: (index: number) => boolean = () => true,
): Promise<string[]> {
  await useBackend({ onNotice: () => {} });
  const { peer, end } = await startChild(), found: string[] = [];
  for (const name of names) {
    const exercise = await loadExercise(name), { reference, mistakes, styles } = exercise;
    const all = [reference, ...Object.values(mistakes).flat(), ...Object.values(styles)];
    const isAsync = reference.constructor.name === "AsyncFunction";
    for (const [i, answer] of all.entries()) {
      if (!chosen(i)) continue;
      await peer.callAsync(1, "call", [name, i]);
      const far = await judge(exercise, remoteAnswer(peer, { name, isAsync }));
      const near = await judge(exercise, answer);
      const [there, here] = [far, near].map(({ wrong, finding, mistake }) =>
        JSON.stringify({ finding, mistake, wrong })
      );
      if (there !== here) found.push(`${name}, answer ${i}: there ${there}, here ${here}`);
    }
  }
  await end();
  return found;
}

async function startChild() {
  const folder = temporaryFolder(), pipes = [`${folder}/calls`, `${folder}/results`] as const;
  await new Deno.Command("mkfifo", { args: [...pipes] }).output();
  const script = fileURLToPath(new URL("serving_child.ts", import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--config", `${ROOT}/deno.json`, script, ...pipes],
  }).spawn();
  const writer = Deno.openSync(pipes[0], { write: true });
  const reader = Deno.openSync(pipes[1], { read: true });
  const peer = new Peer(fileChannel({ reader, writer }));
  const end = async () => {
    peer.end(true, "");
    await child.status;
    writer.close();
    reader.close();
  };
  return { peer, end };
}
