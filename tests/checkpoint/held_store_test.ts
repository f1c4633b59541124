import { assertEquals } from "@std/assert";
import { runCode } from "../support/code_process.ts";
import { checkpointAt, storeWith } from "./_fixtures.ts";

Deno.test("CheckpointStore saves and clears nothing while another process holds it", async () => {
  const store = storeWith(1);
  using _lock = store.hold();
  store.save(checkpointAt(2)); // the holder itself may
  const { stdout, stderr } = await runCode(`
    import { CheckpointStore } from "lib/checkpoint/mod.ts";
    const store = CheckpointStore.at(${JSON.stringify(store.path)}), saved = store.load("last");
    for (const write of [() => store.save({ ...saved, step: 3 }), () => store.clear()]) {
      try {
        write();
      } catch (error) {
        console.log(error.message.split(", at work")[0]);
      }
    }
  `);
  const refused = `Cannot write to ${store.path}: expected no other process at work on it, got ` +
    `process ${Deno.pid} on ${Deno.hostname()}\n`;
  assertEquals([stdout, stderr], [refused.repeat(2), ""]);
  assertEquals(store.lastStep(), 2);
});
