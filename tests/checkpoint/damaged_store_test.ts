import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { CheckpointStore } from "lib/checkpoint/mod.ts";
import { CheckpointError, pointAtomically, readPointer, systemOf } from "lib/core/mod.ts";
import { checkpointAt, fileIn, folderOf, storeWith } from "./_fixtures.ts";

Deno.test("CheckpointStore.save() puts links in the place of damaged ones, and keeps what stood there", () => {
  const places: ((path: string) => void)[] = [
    (path) => Deno.mkdirSync(`${path}/deep`, { recursive: true }),
    (path) => Deno.writeTextFileSync(path, "a file"),
    ...["step-00009999", `${Deno.cwd()}/step-00000100`].map((target) => (path: string) =>
      pointAtomically(path, target)
    ),
  ];
  for (const place of places) {
    const store = storeWith(100, 200);
    for (const name of ["last", "previous", "best"]) {
      Deno.removeSync(`${store.path}/${name}`);
      place(`${store.path}/${name}`);
    }
    const again = CheckpointStore.open(store.path);
    assertEquals(again.save(checkpointAt(300), { isBest: true }).warnings, []);
    again.save(checkpointAt(400));
    const { step, warnings } = again.load("last");
    assertEquals([step, warnings, again.load("best").step], [400, [], 300]);
    assertEquals(readPointer(`${store.path}/previous`), "step-00000300");
    assertEquals(again.foreignEntry(), undefined);
    const kept = [...Deno.readDirSync(store.path)].filter(({ name }) => name.endsWith(".damaged"));
    assertEquals(kept.length, place === places[0] ? 3 : 0);
  }
});

Deno.test("CheckpointStore.load() passes over what is whole and of no use, and so does save()", () => {
  const store = storeWith(100, 200), refused = folderOf(store, "last");
  const check = ({ step }: { readonly step: number }) => {
    if (step === 200) throw new CheckpointError("weights: expected finite numbers, got NaN");
  };
  const { step, loadedFrom, warnings } = store.load("last", { check });
  assertEquals([step, loadedFrom, warnings.length], [100, "previous", 1]);
  assertStringIncludes(warnings[0] ?? "", "(step-00000200): weights: expected finite numbers");
  store.save(checkpointAt(300));
  assertEquals(readPointer(`${store.path}/previous`), "step-00000100");
  assertThrows(() => Deno.statSync(refused), Deno.errors.NotFound);
});

Deno.test("CheckpointStore.save() is done where an old folder cannot be removed, and says so", () => {
  const store = storeWith(100, 200), stale = `${store.path}/step-00000050`, { removeSync } = Deno;
  Deno.mkdirSync(stale);
  Deno.removeSync = (path, options) => {
    if (path === stale) throw new Deno.errors.PermissionDenied("Permission denied (os error 13)");
    removeSync(path, options);
  };
  try {
    const text = `Cannot remove ${stale}, which is not needed any more: Permission denied; make it`;
    assertStringIncludes(store.save(checkpointAt(300)).warnings.join(), text);
  } finally {
    Deno.removeSync = removeSync;
  }
  assertEquals(store.load("last").step, 300);
});

Deno.test({
  name: "CheckpointStore.load() does not wait for a pipe in a file's place",
  ignore: systemOf().name === "windows",
  fn: () => {
    const store = storeWith(100, 200), path = fileIn(store, "last", "model.safetensors");
    Deno.removeSync(path);
    new Deno.Command("mkfifo", { args: [path] }).outputSync();
    const { step, warnings } = store.load("last");
    assertEquals(step, 100);
    assertStringIncludes(warnings[0] ?? "", "model.safetensors is unreadable");
  },
});

Deno.test({
  name:
    "CheckpointStore.save() writes a step anew whose former folder has a pipe in a file's place",
  ignore: systemOf().name === "windows",
  fn: () => {
    const store = storeWith(100, 200), path = fileIn(store, "last", "model.safetensors");
    Deno.removeSync(path);
    new Deno.Command("mkfifo", { args: [path] }).outputSync();
    const { step } = store.load("last");
    assertEquals(step, 100); // training goes on from there, and comes to step 200 again
    store.save(checkpointAt(200));
    assertEquals(store.load("last").step, 200);
  },
});
