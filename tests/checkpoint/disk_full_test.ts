import { fileURLToPath } from "node:url";
import { assertEquals, assertGreater, assertMatch } from "@std/assert";
import { CheckpointStore } from "lib/checkpoint/mod.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { checkpointAt } from "./_fixtures.ts";

const names = (folder: string) => [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();

/** 64 kB a tensor: three of them fit into the limits below, six do not. */
const FLOATS = 16_000;

function run(command: string, ...args: readonly string[]) {
  const { code, stderr } = new Deno.Command(command, { args: [...args] }).outputSync();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

/** Saves larger and larger checkpoints in a process of its own, until one does not fit. */
function saveUntilFull(path: string, limits: string) {
  const script = fileURLToPath(new URL("filling_child.ts", import.meta.url));
  const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
  const deno = [Deno.execPath(), "run", "-A", "--no-check", "--config", config, script, path];
  return run("sh", "-c", `${limits} exec "$0" "$@"`, ...deno, String(FLOATS));
}

/** The first checkpoint is in use and whole, and the second one is gone without a trace. */
function assertFirstIsKept(path: string): void {
  const { step, model, warnings } = CheckpointStore.open(path).load("last");
  assertEquals([step, warnings], [1, []]);
  assertEquals(model.get("norm.weight"), checkpointAt(1, FLOATS).model.get("norm.weight"));
  assertEquals(names(path), ["last", "step-00000001"]);
}

Deno.test("a save that meets the limit of file sizes is a CheckpointError, and nothing is lost", () => {
  const path = `${temporaryFolder()}/plain-001`;
  // In blocks of 512 bytes: 200 kB. Without the trap the system would end the process.
  const { code, stderr } = saveUntilFull(path, "trap '' XFSZ; ulimit -f 400;");
  assertEquals(code, 1);
  assertMatch(stderr, /CheckpointError: Cannot save checkpoint at step 2 in .*File too large/);
  assertMatch(stderr, /File too large; free some space, start again/);
  assertFirstIsKept(path);
});

const disk = temporaryFolder();
const isMounted = run("mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", disk).code === 0;

// Only root may mount a small disk; the test above needs no such right.
Deno.test({
  name: "a save that fills the disk is a CheckpointError, and nothing is lost",
  ignore: !isMounted,
  fn() {
    const path = `${disk}/plain-001`, { code, stderr } = saveUntilFull(path, "");
    assertEquals(code, 1);
    assertMatch(stderr, /CheckpointError: Cannot save checkpoint at step 2 in .*No space left/);
    assertMatch(stderr, /No space left on device; free some space, start again/);
    assertFirstIsKept(path);
    const df = new Deno.Command("df", { args: ["--output=avail", disk] }).outputSync();
    const free = new TextDecoder().decode(df.stdout).split("\n")[1];
    assertGreater(Number(free), 150); // kB: the temporary files are gone
  },
});

if (isMounted) Deno.test.afterAll(() => assertEquals(run("umount", disk).code, 0));
