import {
  assert,
  assertEquals,
  assertGreater,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  type Checkpoint,
  type CheckpointName,
  CheckpointStore,
  type LoadedCheckpoint,
} from "lib/checkpoint/mod.ts";
import { CheckpointError, pointAtomically, readPointer } from "lib/core/mod.ts";
import { python } from "../support/python.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { checkpointAt, emptyStore, fileIn, folderOf, storeWith } from "./_fixtures.ts";

const names = (folder: string) => [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();

function damage(store: CheckpointStore, name: CheckpointName, file: string): void {
  const path = fileIn(store, name, file), bytes = Deno.readFileSync(path);
  bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 1;
  Deno.writeFileSync(path, bytes);
}

/** The part of a loaded checkpoint that was saved. */
function saved({ step, model, optimizer, modelConfig, state }: LoadedCheckpoint): Checkpoint {
  return { step, model, optimizer, modelConfig, state };
}

/** Tensors as plain arrays, because a view differs from a copy in its buffer. */
function plain({ model, optimizer, ...others }: Checkpoint) {
  const list = (tensors: Checkpoint["model"]) =>
    Array.from(tensors, ([name, { dtype, shape, data }]) => [name, dtype, shape, [...data]]);
  return { ...others, model: list(model), optimizer: list(optimizer) };
}

Deno.test("CheckpointStore gives back what was saved, bit for bit", () => {
  const store = emptyStore(), checkpoint = checkpointAt(846);
  const { step, path } = store.save(checkpoint);
  assertEquals([step, path], [846, `${store.path}/step-00000846`]);
  const loaded = CheckpointStore.open(store.path).load("last");
  assertEquals(plain(saved(loaded)), plain(checkpoint));
  assertEquals([loaded.loadedFrom, loaded.path, loaded.warnings], ["last", path, []]);
});

Deno.test("CheckpointStore keeps last, previous and best, and removes the others", () => {
  const store = storeWith(100, 200, 300, 400);
  assertEquals(names(store.path), [
    ...["best", "last", "previous"],
    ...["step-00000100", "step-00000300", "step-00000400"],
  ]);
  assertEquals(readPointer(`${store.path}/best`), "step-00000100");
  assertEquals(readPointer(`${store.path}/previous`), "step-00000300");
  assertEquals([store.load("last").step, store.load("best").step], [400, 100]);
  store.save(checkpointAt(500), { isBest: true });
  assertEquals(names(store.path).slice(3), ["step-00000400", "step-00000500"]);
  assertEquals(store.load("best").step, 500);
});

Deno.test("model.safetensors opens in Python with the weights alone, and can prove itself", () => {
  const store = storeWith(846), path = fileIn(store, "last", "model.safetensors");
  const seen = JSON.parse(
    python(new URL("safetensors_judge.py", import.meta.url), ["inspect", path]),
  );
  assertEquals(seen.tensors.map(([name]: [string]) => name), ["norm.weight"]);
  assertEquals(seen.metadata, {
    format_version: "1",
    step: "846",
    model_config: '{"hiddenSize":64}',
    data_sha256: seen.dataSha256,
  });
});

Deno.test("CheckpointStore writes the same bytes for the same checkpoint", () => {
  const [a, b] = [storeWith(7), storeWith(7)];
  for (const file of ["model.safetensors", "optimizer.safetensors", "state.json"]) {
    const read = (store: CheckpointStore) => Deno.readTextFileSync(fileIn(store, "last", file));
    assertEquals(read(a), read(b));
  }
});

for (const file of ["model.safetensors", "optimizer.safetensors", "state.json"]) {
  Deno.test(`CheckpointStore.load() falls back to previous where last has a bad ${file}`, () => {
    const store = storeWith(100, 200, 300);
    damage(store, "last", file);
    const { step, loadedFrom, warnings } = store.load("last");
    assertEquals([step, loadedFrom, warnings.length], [200, "previous", 1]);
    const begin = `${store.path}/last (step-00000300): ${file} is damaged: expected SHA-256 `;
    assertStringIncludes(warnings[0] ?? "", begin);
  });

  Deno.test(`CheckpointStore.load() falls back to previous where last lacks ${file}`, () => {
    const store = storeWith(100, 200, 300);
    Deno.removeSync(fileIn(store, "last", file));
    const { step, warnings } = store.load("last");
    assertEquals(step, 200);
    assertEquals(warnings, [`${store.path}/last (step-00000300): ${file} is missing`]);
  });
}

Deno.test("CheckpointStore keeps documents; one that is damaged or gone is left out, and no more", () => {
  const store = emptyStore(), documents = { "tokenizer.json": "{}", "config.json": "[1]" };
  store.save({ ...checkpointAt(7), documents });
  assertEquals(store.load("last").documents, documents);
  assertEquals(Deno.readTextFileSync(fileIn(store, "last", "config.json")), "[1]");
  damage(store, "last", "config.json");
  const { step, warnings, documents: left } = store.load("last");
  assertEquals([step, warnings, left], [7, [], { "tokenizer.json": "{}" }]);
  Deno.removeSync(fileIn(store, "last", "tokenizer.json"));
  assertEquals(store.load("last").documents, {});
  assertEquals(storeWith(1).load("last").documents, undefined); // as before there were any
});

Deno.test("CheckpointStore.load() falls back to best where last and previous are damaged", () => {
  const store = storeWith(100, 200, 300);
  damage(store, "last", "state.json");
  Deno.removeSync(`${store.path}/previous`);
  pointAtomically(`${store.path}/previous`, "step-00000999");
  const { step, loadedFrom, warnings } = store.load("last");
  assertEquals([step, loadedFrom, warnings.length], [100, "best", 2]);
  assertStringIncludes(warnings[1] ?? "", "previous (step-00000999): state.json is missing");
});

Deno.test("CheckpointStore.load() says so where the link `last` is gone", () => {
  const store = storeWith(100, 200);
  Deno.removeSync(`${store.path}/last`);
  const { step, loadedFrom, warnings } = store.load("last");
  assertEquals([step, loadedFrom, warnings], [100, "previous", [`${store.path}/last is missing`]]);
});

Deno.test("CheckpointStore.load() follows a link that a writer moves while it reads", () => {
  const store = storeWith(100, 200), writer = CheckpointStore.open(store.path);
  const readFile = Deno.readFileSync;
  Deno.readFileSync = (path) => {
    Deno.readFileSync = readFile;
    for (const step of [300, 400]) writer.save(checkpointAt(step)); // removes what is being read
    return readFile(path);
  };
  const { step, loadedFrom, warnings } = store.load("last");
  assertEquals([step, loadedFrom, warnings], [400, "last", []]);
});

Deno.test("CheckpointStore.load() names every damage where nothing is whole", () => {
  const store = storeWith(100, 200);
  damage(store, "last", "model.safetensors");
  damage(store, "best", "optimizer.safetensors");
  const error = assertThrows(() => store.load("last"), CheckpointError);
  assertStringIncludes(error.message, `Cannot load checkpoint "last" of ${store.path}: expected`);
  assertStringIncludes(error.message, "last (step-00000200): model.safetensors is damaged");
  assertStringIncludes(error.message, "previous (step-00000100): optimizer.safetensors is damaged");
  assertStringIncludes(error.message, "best (step-00000100): optimizer.safetensors is damaged");
  assertStringIncludes(error.message, ". Start a new run under another name");
});

Deno.test("CheckpointStore.load() gives no other checkpoint in the name of the best", () => {
  const store = storeWith(100, 200);
  damage(store, "best", "model.safetensors");
  const error = assertThrows(() => store.load("best"), CheckpointError, "is damaged");
  assertStringIncludes(error.message, ". Load the last one instead");
});

Deno.test("CheckpointStore.load() on an empty store, and on a run without a best", () => {
  const store = emptyStore();
  const text = `of ${store.path}: expected a saved one, got none; train first`;
  assertThrows(() => store.load("last"), CheckpointError, `Cannot load checkpoint "last" ${text}`);
  store.save(checkpointAt(1));
  assertThrows(() => store.load("best"), CheckpointError, `Cannot load checkpoint "best" ${text}`);
});

Deno.test("CheckpointStore.load() refuses links that lead elsewhere, and copies of links", () => {
  const store = storeWith(100), link = `${store.path}/last`;
  Deno.removeSync(`${store.path}/best`);
  Deno.removeSync(link);
  pointAtomically(link, "../other/step-00000100");
  const rule =
    "expected a link such as step-00000846, got one to ../other/step-00000100; remove it";
  assertThrows(() => store.load("last"), CheckpointError, rule);
  Deno.removeSync(link);
  Deno.mkdirSync(link);
  const copied = "expected a link, got something else; remove it, and copy";
  assertThrows(() => store.load("last"), CheckpointError, copied);
});

Deno.test("CheckpointStore.load() refuses a state of another format", () => {
  const store = storeWith(100), path = fileIn(store, "last", "state.json");
  const body = Deno.readTextFileSync(path).split("\n").slice(1).join("\n").replace(": 1,", ": 2,");
  const digest = python(new URL("sha256.py", import.meta.url), [], body).trim();
  Deno.writeTextFileSync(path, `{ "body_sha256": "${digest}",\n${body}`);
  const text = "state.json is of another version: expected format 1, got 2";
  assertThrows(() => store.load("last"), CheckpointError, text);
});

Deno.test("every flipped bit of a checkpoint is seen", () => {
  const store = emptyStore();
  store.save(checkpointAt(3, 2));
  let flips = 0;
  for (const { name } of Deno.readDirSync(folderOf(store, "last"))) {
    const path = fileIn(store, "last", name), bytes = Deno.readFileSync(path);
    using file = Deno.openSync(path, { write: true });
    for (const [at, byte] of bytes.entries()) {
      for (let bit = 0; bit < 8; bit++, flips++) {
        overwrite(file, at, byte ^ (1 << bit));
        assertThrows(() => store.load("last"), CheckpointError, `${name} is damaged`);
      }
      overwrite(file, at, byte);
    }
  }
  assertGreater(flips, 8_000); // three files, 1 kB together
  assertEquals(store.load("last").step, 3);
});

function overwrite(file: Deno.FsFile, at: number, byte: number): void {
  file.seekSync(at, Deno.SeekMode.Start);
  file.writeSync(Uint8Array.of(byte));
}

Deno.test("CheckpointStore.save() never lets a damaged last push out a whole previous", () => {
  const path = storeWith(100, 200, 300).path;
  damage(CheckpointStore.open(path), "last", "model.safetensors");
  const store = CheckpointStore.open(path); // knows nothing of what the first one saved
  store.save(checkpointAt(400));
  damage(store, "last", "model.safetensors");
  assertEquals(store.load("last").step, 200);
});

Deno.test("CheckpointStore.save() of the same again only names it", () => {
  const store = storeWith(100, 200), before = Deno.statSync(`${store.path}/step-00000200`);
  const { path } = store.save(checkpointAt(200), { isBest: true });
  assertEquals(path, `${store.path}/step-00000200`);
  assertEquals(Deno.statSync(path).ino, before.ino);
  assertEquals([store.load("best").step, store.load("last").step], [200, 200]);
  assertEquals(readPointer(`${store.path}/previous`), "step-00000100");
});

Deno.test("CheckpointStore.save() of other content at the same step takes the old one's place", () => {
  const store = storeWith(100, 200), changed = { ...checkpointAt(200), state: { done: true } };
  assertEquals(store.save(changed).path, `${store.path}/step-00000200.2`);
  assertEquals(store.load("last").state, { done: true });
  assertEquals(names(store.path).slice(3), ["step-00000100", "step-00000200.2"]);
  assertEquals(readPointer(`${store.path}/previous`), "step-00000100");
  assertEquals(store.save(checkpointAt(200)).path, `${store.path}/step-00000200`);
});

Deno.test("CheckpointStore.save() does not take a damaged folder for the same content", () => {
  const store = storeWith(100, 200);
  damage(store, "last", "optimizer.safetensors");
  store.save(checkpointAt(200));
  assertEquals(plain(saved(store.load("last"))), plain(checkpointAt(200)));
});

Deno.test("CheckpointStore.save() refuses what JSON or a step cannot hold", () => {
  const store = emptyStore();
  // The type forbids most of these; a state that was put together elsewhere may hold them.
  const withState = (state: unknown) => () =>
    store.save({ ...checkpointAt(1), state: { stop: state } as unknown as Checkpoint["state"] });
  const text = (got: string) =>
    `Cannot save checkpoint: expected state.stop to be JSON, got ${got}`;
  assertThrows(withState(NaN), TypeError, text("NaN"));
  assertThrows(withState(-Infinity), TypeError, text("-Infinity"));
  assertThrows(withState(undefined), TypeError, text("undefined"));
  assertThrows(withState(new Float32Array(1)), TypeError, text("[object Float32Array]"));
  assertThrows(withState([{ best: NaN }]), TypeError, "expected state.stop.0.best to be JSON");
  const config = { ...checkpointAt(1), modelConfig: { dropout: NaN } };
  assertThrows(() => store.save(config), TypeError, "expected modelConfig.dropout to be JSON");
  for (const step of [-1, 0.5, NaN]) {
    const text = `Cannot save checkpoint: expected a step from 0, got ${step}`;
    assertThrows(() => store.save({ ...checkpointAt(1), step }), RangeError, text);
  }
  assertEquals(store.has(), false);
});

Deno.test("CheckpointStore.has() and name tell what is there without reading it", () => {
  const store = emptyStore();
  assertEquals([store.name, store.has(), store.has("last")], ["plain-001", false, false]);
  store.save(checkpointAt(1));
  assertEquals([store.has(), store.has("last"), store.has("best")], [true, true, false]);
});

Deno.test("CheckpointStore.newest() takes the latest save that can be loaded", () => {
  const root = temporaryFolder();
  assertEquals(CheckpointStore.newest(`${root}/none`), undefined);
  Deno.writeTextFileSync(`${root}/README.md`, "");
  CheckpointStore.open(`${root}/empty`);
  assertEquals(CheckpointStore.newest(root), undefined);
  for (const [name, minute] of [["b", 2], ["a", 3], ["c", 1]] as const) {
    CheckpointStore.open(`${root}/${name}`).save(checkpointAt(minute));
    touchLink(`${root}/${name}/last`, `2026-01-01T00:0${minute}:00Z`);
  }
  assertEquals(CheckpointStore.newest(root)?.name, "a");
  damage(CheckpointStore.open(`${root}/a`), "last", "model.safetensors");
  assertEquals(CheckpointStore.newest(root)?.name, "b");
});

/** Sets the time of a link itself; Deno's own call follows a symbolic one. */
function touchLink(path: string, time: string): void {
  if (!Deno.lstatSync(path).isSymlink) return Deno.utimeSync(path, new Date(time), new Date(time));
  assert(new Deno.Command("touch", { args: ["-h", "-d", time, path] }).outputSync().success);
}
