import { assertEquals } from "@std/assert";
import { CheckpointStore } from "lib/checkpoint/mod.ts";
import { readPointer } from "lib/core/mod.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { checkpointAt } from "./_fixtures.ts";

Deno.test("a store whose links are small files, as on Windows, is read, and gone on with", () => {
  const store = CheckpointStore.open(`${temporaryFolder()}/plain-001`);
  for (const step of [100, 200]) store.save(checkpointAt(step), { isBest: step === 100 });
  for (const name of ["last", "previous", "best"]) {
    const link = `${store.path}/${name}`, folder = readPointer(link);
    Deno.removeSync(link);
    Deno.writeTextFileSync(link, `${folder}\r\n`); // as an editor there may have saved it
  }
  const reopened = CheckpointStore.open(store.path);
  assertEquals([reopened.load("last").step, reopened.load("best").step], [200, 100]);
  assertEquals([reopened.lastStep(), reopened.foreignEntry()], [200, undefined]);
  reopened.save(checkpointAt(300));
  assertEquals(readPointer(`${store.path}/last`), "step-00000300");
  assertEquals(readPointer(`${store.path}/previous`), "step-00000200");
  Deno.removeSync(`${store.path}/last`);
  Deno.writeTextFileSync(`${store.path}/last`, "../other/step-00000100");
  const foreign = reopened.load("last");
  assertEquals([foreign.step, foreign.warnings.length], [200, 1]);
});
