import { assert, assertEquals, assertGreater, assertThrows } from "@std/assert";
import { CheckpointStore } from "lib/checkpoint/mod.ts";
import { CheckpointError, systemOf } from "lib/core/mod.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { type Call, watchDisk } from "./_file_system.ts";
import { checkpointAt, copyStore } from "./_fixtures.ts";

const names = (folder: string) => [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();

class Killed extends Error {}

const template = CheckpointStore.open(`${temporaryFolder()}/plain-001`);
for (const step of [100, 200, 300]) template.save(checkpointAt(step), { isBest: step === 100 });

/** A store with last, previous and best at three different steps: a copy, which is fast to make. */
function fullStore(): CheckpointStore {
  const path = `${temporaryFolder()}/plain-001`;
  copyStore(template.path, path);
  return CheckpointStore.open(path);
}

/** Throws at the call of this number and, as a killed process does, at every one after it. */
function killAt(number: number): (call: Call) => void {
  let calls = 0;
  return () => {
    if (++calls >= number) throw new Killed();
  };
}

/** Fails at the call of this number alone, as a disk does that fills up. */
function failAt(number: number, text: string): (call: Call) => void {
  let calls = 0;
  return () => {
    if (++calls === number) throw new Error(text);
  };
}

function isReached(act: () => void): boolean {
  try {
    act();
    return false;
  } catch (error) {
    assert(error instanceof CheckpointError || error instanceof Killed, String(error));
    return true;
  }
}

Deno.test("CheckpointStore.save() syncs files and folder before the name, the name before it returns", () => {
  const store = fullStore(), calls: Call[] = [];
  watchDisk((call) => calls.push(call), () => store.save(checkpointAt(400)));
  const { syncsFolders, hasLinks } = systemOf();
  const file = ["open", "write", "sync"], folder = syncsFolders ? ["open", "sync"] : [];
  const move = ["rename", ...folder], link = ["remove", ...hasLinks ? ["symlink"] : file];
  assertEquals(calls, [
    ...["mkdir", "open", "write"], // the lock
    ...["remove", "mkdir", ...file, ...file, ...file, ...folder, ...move],
    ...[...link, ...move, ...link, ...move],
    ...["remove", "remove"], // the lock's file is the last one
  ]);
});

Deno.test("killed at any call of a save, a store has the old checkpoint or the new one, whole", () => {
  let kills = 0, old = 0;
  for (;; kills++) {
    const store = fullStore();
    const save = () => store.save(checkpointAt(400), { isBest: true });
    const isKilled = isReached(() => watchDisk(killAt(kills + 1), save));
    const reopened = CheckpointStore.open(store.path), loaded = reopened.load("last");
    assertEquals(loaded.warnings, [], `killed at call ${kills + 1}`);
    assert([100, 400].includes(reopened.load("best").step));
    assert(!names(store.path).some((name) => name.includes(".tmp-")));
    if (!isKilled) {
      assertEquals(loaded.step, 400);
      break;
    }
    assert([300, 400].includes(loaded.step));
    old += loaded.step === 300 ? 1 : 0;
    // What was left between folder and links is gone with the next save, and the run goes on.
    reopened.save(checkpointAt(500));
    assertEquals(reopened.load("last").step, 500);
    assert(names(store.path).length <= 6, names(store.path).join());
  }
  assertGreater(kills, 25);
  assertGreater(old, 20);
});

Deno.test("killed between best and last, a run comes to the same best again", () => {
  const store = fullStore();
  const renames = { left: 2 }; // the folder, then best
  const kill = (call: Call) => {
    if (call === "rename" && renames.left-- === 0) throw new Killed();
  };
  const save = () => store.save(checkpointAt(400), { isBest: true });
  assertThrows(() => watchDisk(kill, save), Error);
  const reopened = CheckpointStore.open(store.path);
  assertEquals([reopened.load("last").step, reopened.load("best").step], [300, 400]);
  reopened.save(checkpointAt(400), { isBest: true });
  assertEquals([reopened.load("last").step, reopened.load("best").step], [400, 400]);
});

Deno.test("killed while it removes an old checkpoint, a store never reads what is left of it", () => {
  const store = fullStore(), half = `${store.path}/step-00000050`;
  Deno.mkdirSync(half);
  Deno.writeTextFileSync(`${half}/model.safetensors`, "");
  store.save(checkpointAt(50));
  assertEquals(store.load("last").step, 50);
  assertEquals(store.load("last").warnings, []);
});

Deno.test("what a killed save left is gone before the next one needs the room", () => {
  const store = fullStore(), orphan = `${store.path}/step-00000350`;
  using _lock = store.hold(); // as during training: the lock needs no room any more
  Deno.mkdirSync(orphan);
  let isWritten = false;
  const check = (call: Call) => {
    if (call !== "write") return;
    isWritten = true;
    assert(!names(store.path).includes("step-00000350"));
  };
  watchDisk(check, () => store.save(checkpointAt(400)));
  assert(isWritten);
});

Deno.test("an error at any call of a save is typed, removes its files, and costs no checkpoint", () => {
  const text = "No space left on device (os error 28)";
  let errors = 0;
  for (;; errors++) {
    const store = fullStore();
    const act = () => store.save(checkpointAt(400), { isBest: true });
    const isFailed = isReached(() => watchDisk(failAt(errors + 1, text), act));
    assert(!names(store.path).some((name) => name.includes(".tmp-")), `error at ${errors + 1}`);
    assertEquals(store.load("last").warnings, []);
    if (!isFailed) break;
    act();
    assertEquals([store.load("last").step, store.load("best").step], [400, 400]);
  }
  assertGreater(errors, 25);
});

Deno.test("CheckpointStore.save() names the step, the reason and the cure where the disk is full", () => {
  const store = fullStore();
  const fail = (call: Call) => {
    if (call === "write") throw new Error("No space left on device (os error 28)");
  };
  const save = () => watchDisk(fail, () => store.save(checkpointAt(400)));
  const error = assertThrows(
    save,
    CheckpointError,
    "No space left on device; free some space, start again",
  );
  assert(error.message.startsWith(`Cannot save checkpoint at step 400 in ${store.path}: `));
  assert(error.cause instanceof Error);
});

Deno.test("CheckpointStore.open() says so where leftovers cannot be removed", () => {
  const store = fullStore();
  Deno.mkdirSync(`${store.path}/step-00000400.tmp-${Deno.pid}`);
  const fail = (call: Call) => {
    if (call === "remove") throw new Error("Permission denied; make it writable");
  };
  const open = () => watchDisk(fail, () => CheckpointStore.open(store.path));
  const text = `Cannot open checkpoints at ${store.path}: Permission denied; make it writable`;
  assertThrows(open, CheckpointError, text);
});
