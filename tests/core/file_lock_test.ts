import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { lockFile } from "lib/core/mod.ts";
import { runCode } from "../support/code_process.ts";
import { temporaryFolder } from "../support/temporary_folder.ts";

const refuse = (holder: string) => new RangeError(`got ${holder}`);

/** Tries to take the lock in another process; empty if it could. */
async function tryElsewhere(path: string): Promise<string> {
  const { stdout, stderr } = await runCode(`
    import { lockFile } from "lib/core/mod.ts";
    try {
      lockFile(${JSON.stringify(path)}, (holder) => new Error(holder))[Symbol.dispose]();
      console.log("taken");
    } catch (error) {
      console.log(error.message);
    }
  `);
  return stdout.trim() || stderr;
}

Deno.test("lockFile() keeps other processes out until each holder of this one has let go", async () => {
  const path = `${temporaryFolder()}/.lock`;
  const first = lockFile(path, refuse), second = lockFile(path, refuse);
  const held = new RegExp(`^process ${Deno.pid} on ${Deno.hostname()}, at work since 2\\d{3}-`);
  assertMatch(await tryElsewhere(path), held);
  first[Symbol.dispose]();
  first[Symbol.dispose](); // once more changes nothing
  assertMatch(await tryElsewhere(path), held);
  second[Symbol.dispose]();
  assertEquals(await tryElsewhere(path), "taken");
  assertEquals([...Deno.readDirSync(path.replace("/.lock", ""))], []);
});

Deno.test("lockFile() takes the lock of a process that was killed", async () => {
  const path = `${temporaryFolder()}/.lock`;
  await runCode(`
    import { lockFile } from "lib/core/mod.ts";
    lockFile(${JSON.stringify(path)}, (holder) => new Error(holder));
    Deno.kill(Deno.pid, "SIGKILL");
  `);
  Deno.statSync(path); // its file is still there
  using lock = lockFile(path, refuse);
  assertEquals(JSON.parse(Deno.readTextFileSync(path)).pid, Deno.pid);
  assertEquals(typeof lock[Symbol.dispose], "function");
});

Deno.test("lockFile() says what the system refuses", () => {
  const missing = () => lockFile(`${temporaryFolder()}/none/.lock`, refuse);
  assertThrows(missing, Deno.errors.NotFound);
});

Deno.test("lockFile() lets the lock go where it cannot write who holds it", () => {
  const path = `${temporaryFolder()}/.lock`, { writeSync } = Deno.FsFile.prototype;
  Deno.FsFile.prototype.writeSync = () => {
    throw new Error("No space left on device (os error 28)");
  };
  try {
    assertThrows(() => lockFile(path, refuse), Error, "No space left on device");
  } finally {
    Deno.FsFile.prototype.writeSync = writeSync;
  }
  assertEquals([...Deno.readDirSync(path.replace("/.lock", ""))], []);
  lockFile(path, refuse)[Symbol.dispose]();
});
