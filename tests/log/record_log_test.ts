import { assertEquals, assertThrows } from "@std/assert";
import { RecordLog } from "lib/log/mod.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";

Deno.test("RecordLog appends a line of JSON per record, and goes on from a position", () => {
  const path = `${temporaryFolder()}/samples.jsonl`;
  let position = 0;
  {
    using log = RecordLog.open(path);
    log.write({ step: 1, text: "two\nlines, \u00e9, \u2028" });
    position = log.position;
    log.write({ step: 2, text: "lost" });
  }
  {
    using log = RecordLog.open(path, { truncateTo: position });
    log.write({ step: 2, text: "again" });
    log.sync();
  }
  const lines = Deno.readTextFileSync(path).split("\n");
  assertEquals(lines.slice(0, -1).map((line) => JSON.parse(line).text), [
    "two\nlines, \u00e9, \u2028",
    "again",
  ]);
  assertEquals(lines.at(-1), "");
});

Deno.test("RecordLog keeps the records before damage, wherever it begins, and tells", () => {
  const path = `${temporaryFolder()}/samples.jsonl`, record = { text: "\u00e9\ud83d\ude00" };
  {
    using log = RecordLog.open(path);
    for (let step = 1; step <= 3; step++) log.write({ step, ...record });
  }
  const whole = Deno.readFileSync(path), line = whole.length / 3;
  for (let end = 1; end < whole.length; end++) {
    Deno.writeFileSync(path, whole.subarray(0, end));
    const kept = Math.floor(end / line) * line, told: string[] = [];
    if (kept === end) continue;
    assertThrows(() => RecordLog.open(path), RangeError, "expected whole records to the end");
    {
      using log = RecordLog.open(path, { onMend: (message) => told.push(message) });
      assertEquals([log.position, told.length], [kept, 1], `cut at ${end}`);
    }
    assertEquals(Deno.readFileSync(path), whole.subarray(0, kept));
  }
});
