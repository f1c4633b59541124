import { assertEquals, assertThrows } from "@std/assert";
import { SampleLog } from "lib/log/mod.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";

Deno.test("SampleLog appends paragraphs: a heading, the samples indented, an empty line", () => {
  const path = `${temporaryFolder()}/samples.txt`;
  using log = SampleLog.open(path);
  log.write("step 100: 1 of 2 grammatical", ["The old cat sleeps quietly", "The car old"]);
  log.write("step 200: none", []);
  assertEquals(
    Deno.readTextFileSync(path),
    "step 100: 1 of 2 grammatical\n  The old cat sleeps quietly\n  The car old\n\nstep 200: none\n\n",
  );
});

Deno.test("SampleLog cut back to a position goes on as if it had never stopped", () => {
  const path = `${temporaryFolder()}/samples.txt`;
  let position = 0;
  {
    using log = SampleLog.open(path);
    log.write("step 1", ["\u00e9"]);
    position = log.position;
    log.write("step 2", ["lost"]);
  }
  {
    using log = SampleLog.open(path, { truncateTo: position });
    log.write("step 2", ["again"]);
    log.sync();
  }
  assertEquals(Deno.readTextFileSync(path), "step 1\n  \u00e9\n\nstep 2\n  again\n\n");
  const open = () => SampleLog.open(path, { truncateTo: 99 });
  assertThrows(open, RangeError, `Cannot append to ${path}: expected 99 bytes or more, got 29`);
});
