import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  FileError,
  pointAtomically,
  readPointer,
  removeLeftovers,
  systemOf,
  writeFileAtomically,
  writeFolderAtomically,
} from "lib/core/mod.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";

const isUnix = systemOf().name !== "windows";
const names = (folder: string) => [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();

Deno.test("writeFileAtomically() replaces a file and leaves nothing beside it", () => {
  const folder = temporaryFolder(), path = `${folder}/config.json`;
  writeFileAtomically(path, "old, and longer than the new one");
  writeFileAtomically(path, Uint8Array.of(0x6e, 0x65, 0x77));
  assertEquals(Deno.readTextFileSync(path), "new");
  assertEquals(names(folder), ["config.json"]);
});

Deno.test("writeFileAtomically() keeps the old file open readers have", () => {
  const path = `${temporaryFolder()}/config.json`;
  writeFileAtomically(path, "old");
  using reader = Deno.openSync(path);
  writeFileAtomically(path, "new");
  const bytes = new Uint8Array(3);
  reader.readSync(bytes);
  assertEquals(new TextDecoder().decode(bytes), "old");
});

Deno.test("writeFileAtomically() says what it could not write, and removes its temporary file", () => {
  const folder = temporaryFolder();
  Deno.mkdirSync(`${folder}/taken`);
  const onFolder = () => writeFileAtomically(`${folder}/taken`, "text");
  const error = assertThrows(onFolder, FileError, `Cannot write ${folder}/taken: `);
  assert(error.cause instanceof Error);
  assertEquals(names(folder), ["taken"]);
  const nowhere = () => writeFileAtomically(`${folder}/none/file`, "text");
  const missing = assertThrows(nowhere, FileError, `Cannot write ${folder}/none/file: `);
  assert(missing.cause instanceof Deno.errors.NotFound);
  writeFileAtomically(`${folder}/file`, "text");
  const below = () => writeFileAtomically(`${folder}/file/x`, "text");
  assertThrows(below, FileError, isUnix ? "Not a directory" : "Path not found");
});

Deno.test("writeFolderAtomically() gives the folder its name once every file is there", () => {
  const parent = temporaryFolder();
  writeFolderAtomically(`${parent}/step-1`, { "a.json": "{}", "b.bin": new Uint8Array(5) });
  assertEquals(names(parent), ["step-1"]);
  assertEquals(names(`${parent}/step-1`), ["a.json", "b.bin"]);
  assertEquals(Deno.statSync(`${parent}/step-1/b.bin`).size, 5);
});

Deno.test("writeFolderAtomically() refuses to touch a folder that is there", () => {
  const parent = temporaryFolder();
  writeFolderAtomically(`${parent}/step-1`, { "a.json": "old" });
  const again = () => writeFolderAtomically(`${parent}/step-1`, { "a.json": "new" });
  assertThrows(
    again,
    FileError,
    `Cannot write ${parent}/step-1: ${isUnix ? "Directory not empty" : "Access"}`,
  );
  assertEquals(Deno.readTextFileSync(`${parent}/step-1/a.json`), "old");
  assertEquals(names(parent), ["step-1"]);
});

Deno.test("writeFolderAtomically() begins afresh over its own killed predecessor", () => {
  const parent = temporaryFolder();
  Deno.mkdirSync(`${parent}/step-1.tmp-${Deno.pid}`);
  Deno.writeTextFileSync(`${parent}/step-1.tmp-${Deno.pid}/stale`, "half");
  writeFolderAtomically(`${parent}/step-1`, { "a.json": "{}" });
  assertEquals(names(`${parent}/step-1`), ["a.json"]);
});

/** Systems whose links can be made here: on Windows only some people may make symbolic ones. */
const SYSTEMS = isUnix ? ["linux", "windows"] as const : ["windows"] as const;

for (const name of SYSTEMS) {
  const system = systemOf(name);
  Deno.test(`pointAtomically() on ${name} makes and moves a link, and does not replace a folder`, () => {
    const folder = temporaryFolder(), last = `${folder}/last`;
    pointAtomically(last, "step-1", system);
    pointAtomically(last, "step-2", system);
    assertEquals([readPointer(last), Deno.lstatSync(last).isSymlink], ["step-2", name === "linux"]);
    Deno.mkdirSync(`${folder}/real`);
    const onFolder = () =>
      pointAtomically(`${folder}/real`, "step-1", { ...system, renameWaitsMs: [] });
    assertThrows(onFolder, FileError, `${folder}/real: `);
    assertEquals(names(folder), ["last", "real"]);
  });
}

Deno.test("pointAtomically() takes over what the other system left", () => {
  const last = `${temporaryFolder()}/last`;
  for (const name of [...SYSTEMS, ...SYSTEMS.toReversed()]) {
    pointAtomically(last, name, systemOf(name));
    assertEquals(readPointer(last), name);
  }
});

Deno.test("pointAtomically() writes a small file where the file system has no links", () => {
  const folder = temporaryFolder(), original = Deno.symlinkSync;
  const refuseWith = (code: string) => {
    Deno.symlinkSync = () => {
      throw Object.assign(new Error(`refused (${code})`), { code });
    };
    try {
      pointAtomically(`${folder}/${code}`, "step-1", { ...systemOf(), hasLinks: true });
    } finally {
      Deno.symlinkSync = original;
    }
  };
  for (const code of ["EPERM", "ENOSYS", "ENOTSUP", "EOPNOTSUPP"]) {
    refuseWith(code);
    assertEquals(Deno.readTextFileSync(`${folder}/${code}`), "step-1\n");
  }
  assertThrows(() => refuseWith("ENOSPC"), FileError, "refused (ENOSPC); free some space");
  assertEquals(names(folder).includes("ENOSPC"), false);
});

Deno.test("readPointer() reads no folder and no large file, and says when there is nothing", () => {
  const folder = temporaryFolder();
  Deno.mkdirSync(`${folder}/step-1`);
  assertThrows(() => readPointer(`${folder}/step-1`), TypeError, "got a folder");
  Deno.writeTextFileSync(`${folder}/large`, "x".repeat(1025));
  assertThrows(() => readPointer(`${folder}/large`), TypeError, "got a file of 1025 bytes");
  assertThrows(() => readPointer(`${folder}/none`), Deno.errors.NotFound);
});

Deno.test("on Windows a rename that is refused for a moment is tried again, a folder not opened", () => {
  const path = `${temporaryFolder()}/config.json`, { renameSync, openSync } = Deno;
  const opened: (string | URL)[] = [], refusals = { left: 2 };
  Object.assign(Deno, {
    openSync: (
      file: string,
      options: Deno.OpenOptions,
    ) => (opened.push(file), openSync(file, options)),
    renameSync: (from: string, to: string) => {
      if (refusals.left-- > 0) {
        throw new Deno.errors.PermissionDenied("Access denied. (os error 5)");
      }
      renameSync(from, to);
    },
  });
  try {
    writeFileAtomically(path, "whole", systemOf("windows"));
    refusals.left = 1;
    assertThrows(
      () => writeFileAtomically(path, "new", systemOf("linux")),
      FileError,
      "Access denied",
    );
    refusals.left = Infinity;
    const always = { ...systemOf("windows"), renameWaitsMs: [1, 1] };
    assertThrows(() => writeFileAtomically(path, "new", always), FileError, "Access denied");
  } finally {
    Object.assign(Deno, { renameSync, openSync });
  }
  assertEquals(Deno.readTextFileSync(path), "whole");
  assertEquals(opened, Array(3).fill(`${path}.tmp-${Deno.pid}`));
});

Deno.test("removeLeftovers() removes those of dead processes and its own, and nothing else", () => {
  const folder = temporaryFolder(), dead = endedProcess();
  const kept = ["config.json", "notes.tmp-x", `alive.tmp-${Deno.ppid}`];
  const leftovers = [`a.tmp-${dead}`, `b.tmp-${Deno.pid}`];
  for (const name of kept) Deno.writeTextFileSync(`${folder}/${name}`, "");
  for (const name of leftovers) Deno.mkdirSync(`${folder}/${name}/inner`, { recursive: true });
  assertEquals(removeLeftovers(folder).sort(), leftovers.sort());
  assertEquals(names(folder), kept.sort());
});

/** The id of a process that has ended. */
function endedProcess(): number {
  const args = ["eval", "console.log(Deno.pid)"];
  const { stdout } = new Deno.Command(Deno.execPath(), { args }).outputSync();
  return Number(new TextDecoder().decode(stdout));
}
