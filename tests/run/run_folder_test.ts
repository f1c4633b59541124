import { assertEquals, assertThrows } from "@std/assert";
import { ConfigError, FileError } from "lib/core/mod.ts";
import { createRunFolder, nextRunName, openRunFolder, writeConfig } from "lib/run/run_folder.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";

const names = (folder: string) => [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();

Deno.test("createRunFolder() makes root and folder, and refuses a name that is taken", () => {
  const root = `${temporaryFolder()}/deep/runs`;
  assertEquals(createRunFolder(root, "plain-001"), `${root}/plain-001`);
  const text = `Cannot begin run ${root}/plain-001: expected a new name, got one that exists; ` +
    "choose another with --name, go on with it by --resume, or replace it by --overwrite";
  assertThrows(() => createRunFolder(root, "plain-001"), ConfigError, text);
});

Deno.test("createRunFolder() with overwrite begins afresh, but removes runs alone", () => {
  const root = temporaryFolder();
  const folder = createRunFolder(root, "a", { overwrite: true });
  writeConfig(folder, { seed: 1 });
  Deno.writeTextFileSync(`${folder}/metrics.csv`, "old");
  createRunFolder(root, "a", { overwrite: true });
  assertEquals(names(folder), []);
  Deno.writeTextFileSync(`${folder}/thesis.txt`, "precious");
  const text =
    `Cannot overwrite ${folder}: expected nothing but a run's files there, got thesis.txt; ` +
    "remove it by hand, or choose another --name";
  assertThrows(() => createRunFolder(root, "a", { overwrite: true }), ConfigError, text);
  writeConfig(folder, { seed: 1 }); // a run's folder, and something else in it
  assertThrows(() => createRunFolder(root, "a", { overwrite: true }), ConfigError, text);
  assertEquals(names(folder), ["config.json", "thesis.txt"]);
  Deno.writeTextFileSync(`${root}/b`, "a file");
  Deno.symlinkSync("a", `${root}/c`);
  for (const name of ["b", "c"]) {
    const act = () => createRunFolder(root, name, { overwrite: true });
    assertThrows(act, ConfigError, `got ${root}/${name}; remove it by hand`);
  }
  assertEquals(names(root), ["a", "b", "c"]);
});

Deno.test("createRunFolder() refuses names that lead out of the root", () => {
  const root = temporaryFolder();
  for (const name of ["", ".", "..", "../a", "a/b", "a\\b", "-rf", ".hidden", "a b", "a\n"]) {
    const text = `Cannot use run name ${JSON.stringify(name)}: expected letters, digits, ".", "_"`;
    assertThrows(() => createRunFolder(root, name), ConfigError, text);
  }
  assertEquals(createRunFolder(root, "M\u00fcller_2.b"), `${root}/M\u00fcller_2.b`);
  const long = "(103 letters): expected at most 200 bytes, got 202";
  assertThrows(() => createRunFolder(root, "\u00fc".repeat(101)), ConfigError, long);
});

Deno.test("openRunFolder() finds a run, removes leftovers, and names the runs there are", () => {
  const root = temporaryFolder(), text = `Cannot resume run ${root}/c: expected one of`;
  assertThrows(() => openRunFolder(root, "c"), ConfigError, `${text} (none), got c`);
  const folder = createRunFolder(root, "b");
  createRunFolder(root, "a");
  Deno.writeTextFileSync(`${folder}/config.json.tmp-${Deno.pid}`, "{");
  assertEquals(openRunFolder(root, "b"), folder);
  assertEquals(names(folder), []);
  assertThrows(() => openRunFolder(root, "c"), ConfigError, `${text} a, b, got c`);
});

Deno.test("nextRunName() counts on from the highest number, in every root", () => {
  const root = temporaryFolder(), other = temporaryFolder();
  assertEquals(nextRunName(`${root}/none`, "plain"), "plain-001");
  for (const name of ["plain-002", "plain-009", "plain-x", "plainer-050", "copy-070"]) {
    createRunFolder(root, name);
  }
  assertEquals(nextRunName(root, "plain"), "plain-010");
  createRunFolder(other, "plain-1234");
  assertEquals(nextRunName([root, other], "plain"), "plain-1235");
});

Deno.test("writeConfig() writes JSON that is complete or not there", () => {
  const folder = temporaryFolder();
  writeConfig(folder, { seed: 1, model: { heads: 4 } });
  assertEquals(JSON.parse(Deno.readTextFileSync(`${folder}/config.json`)), {
    seed: 1,
    model: { heads: 4 },
  });
  assertEquals(names(folder), ["config.json"]);
  const nowhere = () => writeConfig(`${folder}/none`, {});
  assertThrows(nowhere, FileError, `Cannot write ${folder}/none/config.json: No such file`);
});
