import { ROOT } from "lib/authoring/mod.ts";
import { added, both, bytesOf, edited } from "../classroom/made_class.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";
import { assertEquals, assertMatch } from "@std/assert";

Deno.test("task validate says what passes, which checks were changed, and type errors with their cells", () => {
  const folder = temporaryFolder(), path = `${folder}/01_data.ipynb`;
  const spoiled = both(added("const x: string = 5;"), edited("encode-test", "// mine"));
  const made = { points: 11, change: both(spoiled, edited("entropy", "const entropy = () => 7;")) };
  Deno.writeFileSync(path, bytesOf(made) ?? new Uint8Array());
  const { code, stdout } = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--config", `${ROOT}/deno.json`, `${ROOT}/scripts/validate.ts`, path],
  }).outputSync();
  const told = new TextDecoder().decode(stdout);
  assertEquals(code, 1);
  assertMatch(told, /^right {4}padBatch {2}3 of 3$/m);
  assertMatch(told, /^empty {4}shuffle {2}0 of 2$/m);
  assertMatch(told, /^wrong {4}entropy {2}0 of 1 {2}expected .*, got 7$/m);
  assertMatch(told, /^changed {2}the check "encode-test" was edited$/m);
  assertMatch(told, /^types {4}cell "extra-1", line 1: .*not assignable.*TS2322/m);
  assertMatch(told, /^11 of 45 points, \d/m);
});
